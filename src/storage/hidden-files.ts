import { DynaframeError } from "../types/error.js";
import type { FileReader, FileRef, ListOptions, Storage } from "./index.js";

/** Bytes: files that are hidden are keys, and smaller. */
const SMALL = 1 << 16;

/**
 * The same storage, for data: what `hidden` names is left out of listings, and ACCESS_DENIED where it is asked for
 * itself. A file is known by its etag (time, size, inode), so a link to it or another way to its folder does not help.
 * Used for the key of a catalog, to which whoever may say where a table lies could point.
 */
export function hidingFiles(storage: Storage, hidden: () => Promise<readonly string[]>): Storage {
  const etags = async (): Promise<ReadonlySet<string>> => {
    const refs = await Promise.all((await hidden()).map((path) => storage.stat(path)));
    return new Set(refs.flatMap((ref) => (ref === undefined ? [] : [ref.etag])));
  };

  async function* list(address: string, options?: ListOptions): AsyncIterable<FileRef> {
    const asked = storage.resolve(address);
    const found = await etags();
    for await (const ref of storage.list(address, options)) {
      if (ref.size > SMALL || !found.has(ref.etag)) yield ref;
      else if (ref.path === asked) throw denied(ref.path);
    }
  }

  async function open(path: string): Promise<FileReader> {
    const reader = await storage.open(path);
    if (reader.ref.size > SMALL || !(await etags()).has(reader.ref.etag)) return reader;
    await reader.close();
    throw denied(reader.ref.path);
  }

  return Object.freeze({ ...storage, list, open });
}

const denied = (file: string): DynaframeError =>
  new DynaframeError("ACCESS_DENIED", `${file} is the key of the catalog's secrets, not data`, {
    file,
    hint: "Name the folder or file that the data lies in.",
  });
