/**
 * Memory of the shredder in chunks of powers of two, for WebAssembly (AssemblyScript): what is given back is taken
 * again.
 */
import { alloc } from "./lex";

/** Heads of the lists of free chunks, by power of two. */
const freeChunks: usize = memory.data(32 * 4);

/** Uninitialised memory of the next power of two ≥ `size`, from 64 bytes. */
export function takeChunk(size: usize): usize {
  const log: u32 = size <= 64 ? 6 : 32 - <u32>clz<u32>(<u32>size - 1);
  const head = freeChunks + (<usize>log << 2);
  const chunk = <usize>load<u32>(head);
  if (!chunk) return alloc(<usize>1 << log);
  store<u32>(head, load<u32>(chunk));
  return chunk;
}

/** Gives back a chunk taken with this size; 0 is ignored. */
export function giveChunk(chunk: usize, size: usize): void {
  if (!chunk) return;
  const log: u32 = size <= 64 ? 6 : 32 - <u32>clz<u32>(<u32>size - 1);
  const head = freeChunks + (<usize>log << 2);
  store<u32>(chunk, load<u32>(head));
  store<u32>(head, <u32>chunk);
}

/** Bytes of the chunk that `takeChunk(size)` returns. */
export function chunkSize(size: usize): usize {
  return size <= 64 ? 64 : <usize>1 << (32 - <u32>clz<u32>(<u32>size - 1));
}
