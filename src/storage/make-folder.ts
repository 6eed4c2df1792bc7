import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf, withFileErrors } from "./file-error.js";
import { syncPath } from "./sync-path.js";

/**
 * Makes a folder and those above it; one that is there already is fine. Its errors are those of the storage. Not
 * `mkdir` with `recursive`: on a read-only disk that says ENOENT, which sends the reader looking for a missing path.
 */
export async function makeFolder(path: string, { mode = 0o777, isDurable = false }: FolderOptions = {}): Promise<void> {
  await withFileErrors(path, () => make(path, mode, isDurable));
}

/** `isDurable`: a new folder survives a power cut. */
export type FolderOptions = { readonly mode?: number; readonly isDurable?: boolean };

/**
 * How often the folders above are made for one: another process may clear them away in between, but /proc says for ever
 * that they are not there.
 */
const TRIES = 5;

async function make(path: string, mode: number, isDurable: boolean, tries = TRIES): Promise<void> {
  try {
    await mkdir(path, { mode });
    if (isDurable) await syncPath(dirname(path));
  } catch (error) {
    if (errnoOf(error) === "ENOENT" && dirname(path) !== path && tries > 0) {
      await make(dirname(path), 0o777, isDurable);
      return make(path, mode, isDurable, tries - 1);
    }
    // on a read-only disk an existing folder may answer EROFS rather than EEXIST
    const isFolder = await stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (!isFolder) throw error;
  }
}
