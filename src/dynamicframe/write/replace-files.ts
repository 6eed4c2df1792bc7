/**
 * An overwrite takes the files away that were there, when the new ones are whole. S3 grants writing and deleting apart.
 */
import type { FileRef, Storage } from "../../storage/index.js";

/** A name without a file. Removing it is no change, and takes the same right as removing the files beside it. */
const PROBE = "_dynaframe_may_delete";
const AT_ONCE = 4;

/** Asks in each folder, before anything new is visible, whether its files may be removed. @throws ACCESS_DENIED */
export async function requireRemovable(storage: Storage, existing: readonly FileRef[]): Promise<void> {
  const remote = existing.filter(({ path }) => storage.localPath(path) === undefined);
  const folders = [...new Set(remote.map(({ path }) => path.slice(0, path.lastIndexOf("/"))))];
  for (let from = 0; from < folders.length; from += AT_ONCE) {
    await Promise.all(folders.slice(from, from + AT_ONCE).map((folder) => storage.remove(`${folder}/${PROBE}`)));
  }
}

/** When not even one can be removed, the new files go again. One that stays does not keep the others. */
export async function removeReplaced(
  storage: Storage,
  existing: readonly FileRef[],
  written: readonly { readonly path: string }[],
): Promise<void> {
  const names = new Set(written.map((f) => f.path));
  const failures: unknown[] = [];
  let removed = 0;
  for (const { path } of existing.filter((file) => !names.has(file.path))) {
    try {
      await storage.remove(path);
      removed++;
    } catch (error) {
      if (removed === 0) {
        await Promise.allSettled(written.map((file) => storage.remove(file.path)));
        throw error;
      }
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
