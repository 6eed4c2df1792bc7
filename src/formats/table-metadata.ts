/**
 * What the readers of Delta's log and of Iceberg's metadata share: files that are read whole, and JSON of which nothing
 * is taken for granted.
 */
import type { FileRef, Storage } from "../storage/index.js";
import type { DynaframeError } from "../types/error.js";

export type Json = { readonly [key: string]: unknown };

/** The errors of one form of table. */
export type MetadataErrors = {
  readonly unsupported: (root: string, what: string) => DynaframeError;
  readonly invalid: (file: string, what: string, cause?: unknown) => DynaframeError;
};

const MAX_BYTES = 256_000_000;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** @throws `unsupported` for a file that is too large. */
export async function wholeText(storage: Storage, ref: FileRef, { unsupported }: MetadataErrors): Promise<string> {
  if (ref.size > MAX_BYTES) throw unsupported(ref.path, `its metadata has ${ref.size} bytes`);
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

/** `what` names the text in errors: "a line", "it". @throws `invalid` for what is no JSON object. */
export function parseObject(text: string, file: string, what: string, { invalid }: MetadataErrors): Json {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (cause) {
    throw invalid(file, `${what} is not JSON`, cause);
  }
  throw invalid(file, `${what} is no object`);
}
