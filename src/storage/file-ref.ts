import type { BigIntStats } from "node:fs";
import type { FileRef } from "./index.js";

/** What identifies the bytes of a local file: modification time in nanoseconds, size and inode. */
export const fileRef = (path: string, stats: BigIntStats): FileRef =>
  Object.freeze({
    path,
    size: Number(stats.size),
    etag: `${stats.mtimeNs}-${stats.size}-${stats.ino}`,
    modified: Number(stats.mtimeMs),
  });
