/** The actions of a JSON file of a Delta log, one on each line. */
import type { FileRef, Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { type Json, type MetadataErrors, parseObject, wholeText } from "../table-metadata.js";

export type Action = Json;

/** @throws DELTA_INVALID for a line that is no object, DELTA_UNSUPPORTED for a file that is too large. */
export async function logActions(storage: Storage, ref: FileRef): Promise<readonly Action[]> {
  return (await wholeText(storage, ref, ERRORS))
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => parseObject(line, ref.path, "a line", ERRORS));
}

export const unsupportedTable = (root: string, what: string): DynaframeError =>
  new DynaframeError("DELTA_UNSUPPORTED", `the Delta table ${root} cannot be read: ${what}`, {
    file: root,
    hint: "Write a plain copy of it, or a new table without that feature.",
  });

export const invalidLog = (file: string, what: string, cause?: unknown): DynaframeError =>
  new DynaframeError("DELTA_INVALID", `the Delta log is damaged: ${what}`, {
    file,
    ...(cause === undefined ? {} : { cause }),
  });

const ERRORS: MetadataErrors = { unsupported: unsupportedTable, invalid: invalidLog };
