/** The folder of an embedded catalog and the file in it, as far as SQLite is not needed to tell. */
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DynaframeError } from "../../../types/error.js";

export const catalogFile = (folder: string): string => join(folder, "catalog.db");

/** Asked by name: opening the file here and closing it again would drop SQLite's locks in this process. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** @throws CATALOG_NOT_A_FOLDER, CATALOG_NOT_FOUND */
export function requireFile(folder: string, file: string): void {
  requireFolder(folder);
  if (!existsSync(file))
    throw new DynaframeError("CATALOG_NOT_FOUND", `there is no catalog in ${folder}`, {
      file,
      hint: "check the address, or crawl into it first",
    });
}

/**
 * Makes what is missing of the folder (0700) and of the file (0600, empty).
 * @throws CATALOG_NOT_A_FOLDER, CATALOG_READ_ONLY, CATALOG_FULL, CATALOG_UNREACHABLE
 */
export function prepareFolder(folder: string, file: string): void {
  try {
    requireFolder(folder);
    makeFolders(folder);
    // created here only to get its mode; never opened here when it exists
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (error instanceof DynaframeError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return;
    if (code === "ENOTDIR")
      throw new DynaframeError("CATALOG_NOT_A_FOLDER", `a part of ${folder} is a file`, {
        file: folder,
        cause: error,
        hint: "name a folder, also one that is not there yet",
      });
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
      throw new DynaframeError("CATALOG_READ_ONLY", `the catalog's folder ${folder} cannot be written`, {
        file: folder,
        cause: error,
        hint: "check its permissions, or open it with readOnly",
      });
    }
    throw new DynaframeError(
      code === "ENOSPC" ? "CATALOG_FULL" : "CATALOG_UNREACHABLE",
      `the catalog's folder ${folder} cannot be made`,
      {
        file: folder,
        cause: error,
        hint: code === "ENOSPC" ? "free some space, or choose another folder" : "choose another folder",
      },
    );
  }
}

/** Not `mkdirSync` with `recursive`: on a read-only disk that says ENOENT. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was quicker
  }
}

function requireFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined || found.isDirectory()) return;
  throw new DynaframeError("CATALOG_NOT_A_FOLDER", `${folder} is a file; a catalog's address is a folder`, {
    file: folder,
    hint: "name a folder, also one that is not there yet",
  });
}
