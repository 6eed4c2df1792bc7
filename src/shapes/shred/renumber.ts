/**
 * Shifts row numbers in staged files: workers count from 1 each, and only at the end is it known how many rows came
 * before.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { fileError } from "../../storage/file-error.js";
import type { KeyRun } from "./staged-tables.js";

export type Renumbering = {
  readonly runs: readonly KeyRun[];
  /** By domain of the plan. */ readonly shifts: readonly number[];
};

/** Bytes in hand at a time. */
const CHUNK = 1 << 20;

/** Adds each run's shift to its numbers, in place. */
export function renumber({ runs, shifts }: Renumbering): void {
  const chunk = Buffer.alloc(CHUNK);
  const moved = runs.filter((run) => (shifts[run.domain] ?? 0) > 0);
  for (const path of new Set(moved.map((run) => run.path))) {
    try {
      const descriptor = openSync(path, "r+");
      try {
        for (const run of moved) if (run.path === path) shiftRun(descriptor, run, shifts[run.domain] ?? 0, chunk);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw fileError(error, path);
    }
  }
}

function shiftRun(descriptor: number, run: KeyRun, shift: number, chunk: Buffer): void {
  const end = run.position + run.count * 8;
  for (let at = run.position; at < end;) {
    const part = chunk.subarray(0, Math.min(CHUNK, end - at));
    for (let have = 0; have < part.length;) {
      const read = readSync(descriptor, part, have, part.length - have, at + have);
      if (read === 0) throw new Error("the staged file is shorter than it was");
      have += read;
    }
    addToAll(new Uint32Array(chunk.buffer, chunk.byteOffset, part.length / 4), shift);
    for (let written = 0; written < part.length;)
      written += writeSync(descriptor, part, written, part.length - written, at + written);
    at += part.length;
  }
}

/** Little-endian 64-bit numbers as pairs of words: bigints would take twenty times as long. */
function addToAll(words: Uint32Array, shift: number): void {
  const low = shift % 2 ** 32;
  const high = Math.floor(shift / 2 ** 32);
  for (let i = 0; i + 1 < words.length; i += 2) {
    const sum = (words[i] ?? 0) + low;
    words[i] = sum;
    words[i + 1] = (words[i + 1] ?? 0) + high + (sum >= 2 ** 32 ? 1 : 0);
  }
}
