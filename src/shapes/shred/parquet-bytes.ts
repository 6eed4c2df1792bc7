/** Bytes into a file of Parquet, all of them. */
import { writevSync } from "node:fs";
import { fileError } from "../../storage/file-error.js";

/** @throws NO_SPACE, READ_ONLY, ACCESS_DENIED and the like, for what the system says of that file. */
export function orFileError<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Writes them one after the other, at `position` or where the file stands; how many there are. */
export function writeAll(descriptor: number, buffers: readonly Uint8Array[], position?: number): number {
  let total = 0;
  for (let rest = filled(buffers); rest.length > 0;) {
    const written =
      position === undefined ? writevSync(descriptor, rest) : writevSync(descriptor, rest, position + total);
    total += written;
    rest = behind(rest, written);
  }
  return total;
}

export const filled = (buffers: readonly Uint8Array[]): Uint8Array[] => buffers.filter((buffer) => buffer.length > 0);

/** A write may end early (a signal, a nearly full disk): what is behind what was written. */
export function behind(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let left = written;
  for (const buffer of buffers) {
    if (left < buffer.length) rest.push(left === 0 ? buffer : buffer.subarray(left));
    left = Math.max(0, left - buffer.length);
  }
  return rest;
}
