import type { FileRef } from "./index.js";

const isHidden = (name: string): boolean => name.startsWith("_") || name.startsWith(".");

/**
 * Files that readers and crawlers pass over: names beginning with `_` or `.` (markers, temporary files), empty ones,
 * and, when the folder that was listed is given, those in hidden folders below it (`_temporary`, `.git`, a catalog
 * beside the data).
 */
export function isDataFile(file: FileRef, listed?: string): boolean {
  return skipReason(file, listed) === undefined;
}

/** Why a file is passed over, or undefined when it holds data. */
export function skipReason(file: FileRef, listed?: string): "HIDDEN" | "EMPTY" | undefined {
  const below =
    listed !== undefined && file.path.startsWith(`${listed}/`)
      ? file.path.slice(listed.length + 1)
      : file.path.slice(file.path.lastIndexOf("/") + 1);
  if (below.split("/").some(isHidden)) return "HIDDEN";
  return file.size === 0 ? "EMPTY" : undefined;
}
