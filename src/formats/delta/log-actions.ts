/** The actions of a JSON file of a Delta log, one on each line. */
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";

export type Action = { readonly [key: string]: unknown };

const MAX_COMMIT_BYTES = 256_000_000;

/** @throws DELTA_INVALID for a line that is no object, DELTA_UNSUPPORTED for a file that is too large. */
export async function logActions(storage: Storage, ref: FileRef): Promise<readonly Action[]> {
  return (await text(storage, ref)).split("\n").filter((line) => line.trim() !== "").map((line) => parse(line, ref.path));
}

export const isObject = (value: unknown): value is Action => typeof value === "object" && value !== null && !Array.isArray(value);

function parse(line: string, file: string): Action {
  try {
    const action: unknown = JSON.parse(line);
    if (isObject(action)) return action;
  } catch (cause) {
    throw invalidLog(file, "a line is not JSON", cause);
  }
  throw invalidLog(file, "a line is no object");
}

async function text(storage: Storage, ref: FileRef): Promise<string> {
  if (ref.size > MAX_COMMIT_BYTES) throw unsupportedTable(ref.path, `a commit has ${ref.size} bytes`);
  const reader = await storage.open(ref.path);
  try {
    const bytes = new Uint8Array(reader.ref.size);
    let at = 0;
    for (let read = -1; at < bytes.length && read !== 0; at += read) read = await reader.read(bytes.subarray(at), at);
    return new TextDecoder().decode(bytes.subarray(0, at));
  } finally {
    await reader.close();
  }
}

export const unsupportedTable = (root: string, what: string): DynaframeError =>
  new DynaframeError("DELTA_UNSUPPORTED", `the Delta table ${root} cannot be read: ${what}`, { file: root, hint: "Write a plain copy of it, or a new table without that feature." });

export const invalidLog = (file: string, what: string, cause?: unknown): DynaframeError =>
  new DynaframeError("DELTA_INVALID", `the Delta log is damaged: ${what}`, { file, ...(cause === undefined ? {} : { cause }) });
