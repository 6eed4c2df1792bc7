/**
 * Secrets in a folder, as Kubernetes and Docker mount them: a JSON file by the secret's name, or a folder with one file
 * for each member.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { encryptionError } from "./catalog-errors.js";
import type { Parameters } from "./model.js";
import type { SecretResolver } from "./secret-resolver.js";

const MAX_BYTES = 65_536;

/** `folder` undefined: no secret is found, and the error says how to give one. */
export function folderSecrets(folder: string | undefined): SecretResolver {
  return async (secretId) => {
    if (folder === undefined || folder === "") {
      throw encryptionError("SECRET_NOT_FOUND", `Nothing is there to look up the secret ${secretId}`, {
        path: secretId,
        hint: "set DYNAFRAME_SECRETS to a folder of secrets, or give `secrets` when opening the context",
      });
    }
    const name = secretName(secretId);
    // a name that leads out of the folder would read any file of the machine
    if (
      name === ""
      || name.includes("\0")
      || name.includes("\\")
      || name.split("/").some((part) => part === ".." || part === "." || part === "")
    )
      throw missing(secretId);
    return read(join(folder, name), secretId);
  };
}

async function read(path: string, secretId: string): Promise<Parameters> {
  try {
    if ((await stat(path)).isDirectory()) {
      // a mounted folder also holds what its links lead to, under names with two dots
      const members = (await readdir(path)).filter((name) => !name.startsWith(".."));
      return Object.fromEntries(
        await Promise.all(
          members.map(async (member) => [member, (await text(join(path, member))).replace(/\r?\n$/, "")] as const),
        ),
      );
    }
    return textMembers(JSON.parse(await text(path)), secretId);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(secretId); // its message quotes the text
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
      throw missing(secretId);
    throw error;
  }
}

async function text(path: string): Promise<string> {
  const bytes = await readFile(path);
  return bytes.subarray(0, MAX_BYTES).toString("utf8");
}

function textMembers(value: unknown, secretId: string): Parameters {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable(secretId);
  return Object.fromEntries(
    Object.entries(value).flatMap(([member, found]) =>
      ["string", "number", "boolean"].includes(typeof found) ? [[member, String(found)]] : [],
    ),
  );
}

/** The name in an ARN of Secrets Manager, without the six characters that the service appends. */
function secretName(secretId: string): string {
  const inArn = /^arn:[^:]*:secretsmanager:[^:]*:\d*:secret:(.+)$/.exec(secretId)?.[1];
  return inArn === undefined ? secretId : inArn.replace(/-[A-Za-z0-9]{6}$/, "");
}

const missing = (secretId: string): Error =>
  encryptionError("SECRET_NOT_FOUND", `There is no secret ${secretId}`, {
    path: secretId,
    hint: "put it into the folder that DYNAFRAME_SECRETS names, as <name>, a JSON file or a folder of members",
  });

const unreadable = (secretId: string): Error =>
  encryptionError("SECRET_UNREADABLE", `The secret ${secretId} is no JSON object`, {
    path: secretId,
    expected: '{"username": …, "password": …}',
  });
