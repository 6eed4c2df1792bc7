/** Parts of local files, read at once: for what cannot wait. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { DynaframeError } from "../types/error.js";
import { fileError } from "./file-error.js";

/** A local file, opened when it is read; it may be read again after it was closed, as long as it is the same. */
export class FileBytes {
  private descriptor: number | undefined;
  private known: string | undefined;
  private size = 0;

  constructor(readonly path: string) {}

  get length(): number {
    this.open();
    return this.size;
  }

  /** @throws READ_FAILED where the file ends before, and when it has become another file. */
  read(position: number, length: number): Uint8Array<ArrayBuffer> {
    const descriptor = this.open();
    if (length < 0 || position < 0 || position + length > this.size)
      throw unreadable(this.path, "what its footer tells of lies past its end");
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const read = readSync(descriptor, bytes, done, length - done, position + done);
      if (read === 0) throw unreadable(this.path, "it became shorter while it was read");
      done += read;
    }
    return bytes;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  private opened(): number {
    try {
      return openSync(this.path, "r");
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  private open(): number {
    if (this.descriptor !== undefined) return this.descriptor;
    const descriptor = this.opened();
    const { size, mtimeMs, ino } = fstatSync(descriptor);
    const found = `${size} ${mtimeMs} ${ino}`;
    if (this.known !== undefined && this.known !== found) {
      closeSync(descriptor);
      throw unreadable(this.path, "it is not the file any more that records were read from");
    }
    [this.known, this.size, this.descriptor] = [found, size, descriptor];
    return descriptor;
  }
}

export const unreadable = (file: string, what: string): DynaframeError =>
  new DynaframeError("READ_FAILED", `${file} cannot be read: ${what}.`, {
    file,
    hint: "Write or copy the file again.",
  });
