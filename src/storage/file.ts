import { constants } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve as absolute, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DynaframeError } from "../types/error.js";
import { errnoOf, fileError, withFileErrors } from "./file-error.js";
import { listFolder } from "./file-listing.js";
import { fileRef } from "./file-ref.js";
import { createFile, publishFile } from "./file-writer.js";
import type { FileReader, FileRef, ListOptions, Storage } from "./index.js";

/**
 * Local files: plain paths and `file:` URLs. Errors carry PATH_NOT_FOUND, ACCESS_DENIED, NO_SPACE, READ_ONLY,
 * IS_A_FOLDER, NOT_A_FILE, TARGET_EXISTS or IO_ERROR with the file and a hint.
 */
export function fileStorage(): Storage {
  return Object.freeze({
    scheme: "file",
    accepts: (address: string) => /^file:/i.test(address) || !/^[a-z][a-z0-9+.-]+:\/\//i.test(address),
    resolve,
    list,
    stat: statFile,
    open: openFile,
    create: async (path: string) => createFile(resolve(path)),
    publish: async (localFile: string, path: string, options = {}) => publishFile(localFile, resolve(path), options),
    remove,
    localPath: resolve,
    stagingBeside: (address: string) => {
      const path = resolve(address);
      return join(dirname(path), `.${basename(path)}.dynaframe-staging`);
    },
  } satisfies Storage);
}

/** Absolute, `/` between levels, no trailing slash. */
function resolve(address: string): string {
  if (!/^file:/i.test(address)) return slashes(absolute(address));
  try {
    return slashes(absolute(fileURLToPath(address)));
  } catch (cause) {
    throw new DynaframeError("BAD_ADDRESS", `${address} is not the URL of a local file`, {
      hint: "Write file:///absolute/path, or a plain path.",
      cause,
    });
  }
}

const slashes = (path: string): string => (sep === "/" ? path : path.replaceAll(sep, "/"));

async function* list(address: string, options: ListOptions = {}): AsyncIterable<FileRef> {
  const path = resolve(address);
  options.signal?.throwIfAborted();
  const stats = await withFileErrors(path, () => stat(path, { bigint: true }));
  if (stats.isDirectory()) yield* await listFolder(path, options);
  else if (stats.isFile()) yield fileRef(path, stats);
  else throw notAFile(path);
}

async function statFile(address: string): Promise<FileRef | undefined> {
  const path = resolve(address);
  try {
    const stats = await stat(path, { bigint: true });
    return stats.isFile() ? fileRef(path, stats) : undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw fileError(error, path);
  }
}

// O_NONBLOCK: opening a named pipe that nobody writes to would wait for ever.
async function openFile(address: string): Promise<FileReader> {
  const path = resolve(address);
  return withFileErrors(path, async () => {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat({ bigint: true });
    if (!stats.isFile()) {
      await handle.close();
      throw stats.isDirectory() ? fileError({ code: "EISDIR" }, path) : notAFile(path);
    }
    return {
      ref: fileRef(path, stats),
      read: (into: Uint8Array, position: number) =>
        withFileErrors(path, async () => (await handle.read(into, 0, into.length, position)).bytesRead),
      close: () => handle.close(),
    };
  });
}

async function remove(address: string): Promise<void> {
  const path = resolve(address);
  await withFileErrors(path, () => rm(path)).catch((error: unknown) => {
    if (!(error instanceof DynaframeError)) throw error;
    if (error.code === "PATH_NOT_FOUND") return;
    throw errnoOf(error.cause) === "ERR_FS_EISDIR" ? fileError({ code: "EISDIR" }, path) : error;
  });
}

const notAFile = (path: string): DynaframeError =>
  new DynaframeError("NOT_A_FILE", `${path} is neither a file nor a folder`, {
    file: path,
    hint: "Pipes, sockets and devices are not read; copy the data into a file.",
  });
