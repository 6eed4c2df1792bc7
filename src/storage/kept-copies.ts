/** Local copies of files from afar: what is scanned first and read afterwards comes over the network once. */
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { FileRef, Storage } from "./index.js";

/** How much is kept: bytes in all and of one file, and files. What is beyond is read over the network each time. */
export type CopyRoom = { readonly bytes: number; readonly largest: number; readonly files: number };

const ROOM: CopyRoom = { bytes: 1 << 30, largest: 128 << 20, files: 1 << 17 };
const BLOCK = 1 << 20;

/**
 * The storage, with `copy` and `copyOf` for files that are not local. `folder` is made when the first copy is; whoever
 * made it removes it.
 */
export function keepCopies(storage: Storage, folder: () => Promise<string>, room: CopyRoom = ROOM): Storage {
  const making = new Map<string, Promise<string | undefined>>();
  const made = new Map<string, string>();
  let bytes = 0;
  let files = 0;
  let place: Promise<string> | undefined;
  const copy = async (ref: FileRef, id: number, signal: AbortSignal | undefined): Promise<string | undefined> => {
    const target = join(await (place ??= folder()), `copy-${id}`);
    const done = await download(storage, ref, target, signal).catch(() => {
      // whatever it was, reading the file itself meets it and tells
      rmSync(target, { force: true });
      return false;
    });
    return done ? target : undefined;
  };
  return {
    ...storage,
    copyOf: (ref) => made.get(keyOf(ref)),
    copy: async (ref, signal) => {
      const key = keyOf(ref);
      const known = made.get(key) ?? making.get(key);
      if (known !== undefined) return known;
      if (
        storage.localPath(ref.path) !== undefined
        || ref.size > room.largest
        || bytes + ref.size > room.bytes
        || files >= room.files
      )
        return undefined;
      bytes += ref.size;
      files++;
      const copied = copy(ref, files, signal);
      making.set(key, copied);
      const path = await copied;
      making.delete(key);
      if (path !== undefined) made.set(key, path);
      else bytes -= ref.size;
      return path;
    },
  };
}

/** One version of one file. */
const keyOf = ({ path, etag, size }: Pick<FileRef, "path" | "etag" | "size">): string =>
  JSON.stringify([path, etag, size]);

/** False when the file is another by now. */
async function download(
  storage: Storage,
  ref: FileRef,
  target: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const reader = await storage.open(ref.path);
  try {
    if (reader.ref.etag !== ref.etag || reader.ref.size !== ref.size) return false;
    const descriptor = openSync(target, "wx", 0o600);
    try {
      const block = new Uint8Array(Math.min(BLOCK, Math.max(1, ref.size)));
      for (let at = 0; at < ref.size;) {
        signal?.throwIfAborted();
        const count = await reader.read(block, at);
        if (count === 0) return false;
        for (let written = 0; written < count;) written += writeSync(descriptor, block, written, count - written);
        at += count;
      }
      return true;
    } finally {
      closeSync(descriptor);
    }
  } finally {
    await reader.close();
  }
}
