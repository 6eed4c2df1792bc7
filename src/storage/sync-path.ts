/** Makes what was written survive a power cut. */
import { open } from "node:fs/promises";
import { errnoOf } from "./file-error.js";

/**
 * A file's bytes, or the names in a folder. Folders cannot be opened, nor everything synced, on every platform: then
 * the system decides. An error of the disk is thrown: the bytes may be gone.
 */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r").catch((error: unknown) => {
    if (["EISDIR", "EPERM", "EACCES"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  });
  if (handle === undefined) return;
  try {
    await handle.sync().catch((error: unknown) => {
      if (["EIO", "ENOSPC", "EDQUOT"].includes(errnoOf(error) ?? "")) throw error;
    });
  } finally {
    await handle.close();
  }
}
