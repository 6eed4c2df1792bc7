/**
 * The key of a catalog's secrets: DYNAFRAME_KEY, else the file `key` beside the catalog, made on first need. Each holds
 * one key, or several of which the first seals and the others only open: that is how one key follows another.
 */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptionError } from "../../catalog-errors.js";
import { type KeyRing, secretKey } from "../../connection-secrets.js";

const KEY_BYTES = 32;

/** @throws SECRET_KEY_MISSING when there is none and `create` is false; SECRET_KEY_INVALID. */
export function loadKeys(folder: string, create: boolean, environment: string | undefined): KeyRing {
  if (environment !== undefined && environment !== "") return parseKeys(environment, "DYNAFRAME_KEY");
  const file = join(folder, "key");
  const stored = readKey(file);
  if (stored !== undefined) return stored;
  if (!create) {
    throw encryptionError("SECRET_KEY_MISSING", "The key of the catalog's secrets is gone", {
      file,
      hint: "restore the file, or set DYNAFRAME_KEY",
    });
  }
  return createKey(file);
}

/** Puts these keys in place of the file's; a crash leaves the old file or the new one. Gives them as they are now. */
export function writeKeys(folder: string, keys: readonly Uint8Array[]): KeyRing {
  const file = join(folder, "key");
  const temporary = writeTemporary(file, keys);
  try {
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unusable(file, error);
  }
  return required(file);
}

export const newKey = (): Uint8Array => randomBytes(KEY_BYTES);

function createKey(file: string): KeyRing {
  const temporary = writeTemporary(file, [newKey()]);
  try {
    // a link fails where the name exists: of two processes that make a key at once, both use the first one's
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(file, error);
  } finally {
    rmSync(temporary, { force: true });
  }
  return required(file);
}

function writeTemporary(file: string, keys: readonly Uint8Array[]): string {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(temporary, keys.map((bytes) => `${Buffer.from(bytes).toString("base64")}\n`).join(""), {
    mode: 0o600,
    flag: "wx",
    flush: true,
  });
  return temporary;
}

function required(file: string): KeyRing {
  const keys = readKey(file);
  if (keys === undefined) throw unusable(file, undefined);
  return keys;
}

function readKey(file: string): KeyRing | undefined {
  try {
    return parseKeys(readFileSync(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parseKeys(text: string, source: string): KeyRing {
  const [first, ...others] = text
    .trim()
    .split(/[\s,]+/)
    .map((part) => {
      const bytes = Buffer.from(part, "base64");
      if (bytes.length === KEY_BYTES && /^[A-Za-z0-9+/_-]+=*$/.test(part)) return secretKey(bytes);
      throw invalid(source);
    });
  if (first === undefined) throw invalid(source);
  return [first, ...others];
}

const invalid = (source: string): Error =>
  encryptionError("SECRET_KEY_INVALID", `${source} holds no key`, {
    expected: "32 bytes in base64",
    hint: "make one with: openssl rand -base64 32",
  });

const unusable = (file: string, cause: unknown): Error =>
  encryptionError("SECRET_KEY_UNWRITABLE", "The key of the catalog's secrets cannot be written", {
    file,
    cause,
    hint: "check the folder's permissions, or set DYNAFRAME_KEY",
  });
