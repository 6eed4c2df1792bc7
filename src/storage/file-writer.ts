import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, type FileHandle, link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf, fileError, withFileErrors } from "./file-error.js";
import { fileRef } from "./file-ref.js";
import { makeFolder } from "./make-folder.js";
import { syncPath } from "./sync-path.js";
import type { FileRef, FileWriter } from "./index.js";

type PublishOptions = { readonly ifAbsent?: boolean };

/** Data is meant to be read by other tools of other users. */
const DATA_MODE = 0o644;

/** A name in the same folder that list readers skip (leading dot) and that fits in 255 bytes. */
function asideName(path: string): string {
  const kept = Buffer.from(basename(path)).subarray(0, 200).toString("utf8").replaceAll("\uFFFD", "");
  return join(dirname(path), `.${kept}.${randomBytes(6).toString("hex")}.tmp`);
}

/**
 * Opens a file aside; see `FileWriter`. A failed write removes what was written and leaves the final name untouched.
 */
export async function createFile(path: string): Promise<FileWriter> {
  const aside = asideName(path);
  const handle = await withFileErrors(path, async () => {
    await makeFolder(dirname(path));
    return open(aside, "wx", DATA_MODE);
  });
  return new AsideWriter(path, aside, handle);
}

class AsideWriter implements FileWriter {
  #open = true;
  constructor(
    private readonly path: string,
    private readonly aside: string,
    private readonly handle: FileHandle,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    await this.#orAbort(async () => {
      for (let done = 0; done < bytes.length;) {
        done += (await this.handle.write(bytes, done, bytes.length - done)).bytesWritten;
      }
    });
  }

  commit(options: PublishOptions = {}): Promise<FileRef> {
    return this.#orAbort(async () => {
      await this.handle.sync();
      this.#open = false;
      await this.handle.close();
      return moveIntoPlace(this.aside, this.path, options);
    });
  }

  async abort(): Promise<void> {
    if (this.#open) {
      this.#open = false;
      await this.handle.close().catch(() => undefined);
    }
    await rm(this.aside, { force: true }).catch(() => undefined);
  }

  async #orAbort<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      await this.abort();
      throw fileError(error, this.path);
    }
  }
}

/** Publishes a finished file of any folder: by rename on the same disk, else by a copy aside and a rename. */
export async function publishFile(localFile: string, path: string, options: PublishOptions): Promise<FileRef> {
  return withFileErrors(path, async () => {
    await makeFolder(dirname(path), { isDurable: true });
    await syncPath(localFile);
    try {
      return await moveIntoPlace(localFile, path, options);
    } catch (error) {
      if (errnoOf(error) !== "EXDEV") throw error;
      return copyIntoPlace(localFile, path, options);
    }
  });
}

async function copyIntoPlace(localFile: string, path: string, options: PublishOptions): Promise<FileRef> {
  const aside = asideName(path);
  try {
    await copyFile(localFile, aside, constants.COPYFILE_EXCL);
    await syncPath(aside);
    const ref = await moveIntoPlace(aside, path, options);
    await rm(localFile, { force: true });
    return ref;
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function moveIntoPlace(from: string, path: string, options: PublishOptions): Promise<FileRef> {
  if (options.ifAbsent === true) await linkThenUnlink(from, path);
  else await rename(from, path);
  const stats = await stat(path, { bigint: true });
  await syncPath(dirname(path));
  return fileRef(path, stats);
}

// rename() replaces silently; link() is the call that fails when the name is taken. Disks without hard links: reserve
// the name first.
async function linkThenUnlink(from: string, path: string): Promise<void> {
  try {
    await link(from, path);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errnoOf(error) ?? "")) throw error;
    await (await open(path, "wx", DATA_MODE)).close();
    await rename(from, path);
    return;
  }
  await rm(from, { force: true });
}
