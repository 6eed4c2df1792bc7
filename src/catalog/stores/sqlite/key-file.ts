/** The key of a catalog's secrets: DYNAFRAME_KEY, else the file `key` beside the catalog, made on first need. */
import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encryptionError } from "../../catalog-errors.js";
import { type SecretKey, secretKey } from "../../connection-secrets.js";

const KEY_BYTES = 32;

/** @throws SECRET_KEY_MISSING when there is none and `create` is false; SECRET_KEY_INVALID. */
export function loadKey(folder: string, create: boolean, environment: string | undefined): SecretKey {
  if (environment !== undefined && environment !== "") return parseKey(environment, "DYNAFRAME_KEY");
  const file = join(folder, "key");
  const stored = readKey(file);
  if (stored !== undefined) return stored;
  if (!create) {
    throw encryptionError("SECRET_KEY_MISSING", "The key of the catalog's secrets is gone", { file, hint: "restore the file, or set DYNAFRAME_KEY" });
  }
  return createKey(file);
}

function createKey(file: string): SecretKey {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(temporary, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    // a link fails where the name exists: of two processes that make a key at once, both use the first one's
    linkSync(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(file, error);
  } finally {
    rmSync(temporary, { force: true });
  }
  const key = readKey(file);
  if (key === undefined) throw unusable(file, undefined);
  return key;
}

function readKey(file: string): SecretKey | undefined {
  try {
    return parseKey(readFileSync(file, "utf8"), file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parseKey(text: string, source: string): SecretKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, "base64");
  if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]+=*$/.test(trimmed)) {
    throw encryptionError("SECRET_KEY_INVALID", `${source} holds no key`, { expected: "32 bytes in base64", hint: "make one with: openssl rand -base64 32" });
  }
  return secretKey(bytes);
}

const unusable = (file: string, cause: unknown): Error =>
  encryptionError("SECRET_KEY_UNWRITABLE", "The key of the catalog's secrets cannot be written", { file, cause, hint: "check the folder's permissions, or set DYNAFRAME_KEY" });
