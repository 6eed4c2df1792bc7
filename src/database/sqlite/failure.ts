/** SQLite's errors by their result codes ("Result and Error Codes") as ours. */
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import { connectionFailed, databaseFailed, tableNotFound } from "../failure.js";

const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;

export function sqliteFailure(error: unknown, address: DatabaseAddress): DynaframeError {
  if (error instanceof DynaframeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (/no such table/i.test(message)) return tableNotFound(address, message);
  switch (codeOf(error)) {
    case BUSY:
    case LOCKED:
    case READONLY:
    case CANTOPEN:
    case NOTADB:
      return connectionFailed(address, error);
    case CONSTRAINT: {
      const column = /constraint failed: (?:[^.\s]+\.)?([^\s,]+)/.exec(message)?.[1];
      return new DynaframeError("VALUE_NOT_HELD", `${address.label}: ${message}.`, {
        ...(column === undefined ? {} : { path: column }),
        hint: "Nothing was written. Filter or repair the value, or change the column.",
        cause: error,
      });
    }
    default:
      return databaseFailed(address, error);
  }
}

/** The primary code; the driver gives the extended one. */
function codeOf(error: unknown): number | undefined {
  const code = typeof error === "object" && error !== null && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}
