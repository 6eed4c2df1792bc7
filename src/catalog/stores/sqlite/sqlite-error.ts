/** SQLite's result codes as errors of the catalog. */
import { DynaframeError } from "../../../types/error.js";

/** Primary result code of an error thrown by SQLite; undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  // by its members: the native module's Error may be another realm's
  if (typeof error !== "object" || error === null || !("errcode" in error) || typeof error.errcode !== "number")
    return undefined;
  return error.errcode & 0xff;
}

/** SQLITE_BUSY and SQLITE_LOCKED: another connection holds the lock; the same call may succeed later. */
export const isBusy = (error: unknown): boolean => [5, 6].includes(resultCode(error) ?? 0);

/** The error to throw for one of SQLite's; any other error comes back unchanged. */
export function catalogError(error: unknown, file: string): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const details = { file, cause: error };
  switch (code) {
    case 5:
    case 6:
      return new DynaframeError("CATALOG_BUSY", "the catalog is locked by another process", {
        ...details,
        hint: "try again; a long write may be under way",
      });
    case 8:
      return new DynaframeError("CATALOG_READ_ONLY", "the catalog cannot be written", {
        ...details,
        hint: "check the permissions of the folder, or open a copy",
      });
    case 10:
      return new DynaframeError("CATALOG_IO", "reading or writing the catalog failed", {
        ...details,
        hint: "check the disk",
      });
    case 11:
    case 26:
      return new DynaframeError("CATALOG_CORRUPT", "catalog.db is not a readable catalog", {
        ...details,
        hint: "restore it from a backup, or remove the folder and crawl again",
      });
    case 13:
      return new DynaframeError("CATALOG_FULL", "the disk is full; nothing of this change was written", {
        ...details,
        hint: "free some space and repeat the call",
      });
    case 14:
      return new DynaframeError("CATALOG_UNREACHABLE", "catalog.db cannot be opened", {
        ...details,
        hint: "check the path and its permissions",
      });
    default:
      return new DynaframeError(
        "CATALOG_FAILED",
        `the catalog's store failed: ${"message" in (error as object) ? String((error as Error).message) : ""}`,
        details,
      );
  }
}
