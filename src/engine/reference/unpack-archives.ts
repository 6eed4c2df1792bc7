/**
 * Whole zip archives and LZ4 frames, read from their ends and byte by byte: other ways than those of the project's
 * unpackers, which they check.
 */
import { inflateRawSync } from "node:zlib";

/** The first file that the archive's directory names. */
export function unzipFirst(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const directory = buffer.readUInt32LE(buffer.lastIndexOf("PK\u0005\u0006", undefined, "latin1") + 16);
  const [method, length, header] = [
    buffer.readUInt16LE(directory + 10),
    buffer.readUInt32LE(directory + 20),
    buffer.readUInt32LE(directory + 42),
  ];
  const start = header + 30 + buffer.readUInt16LE(header + 26) + buffer.readUInt16LE(header + 28);
  const packed = buffer.subarray(start, start + length);
  return method === 0 ? packed : inflateRawSync(packed);
}

export function unlz4Whole(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const out: number[] = [];
  for (let at = 0; at < buffer.length;) {
    const flags = buffer.readUInt8(at + 4);
    at += 7 + (flags & 8);
    for (;;) {
      const size = buffer.readUInt32LE(at);
      at += 4;
      if (size === 0) break;
      const block = buffer.subarray(at, at + (size & 0x7fffffff));
      if (size >= 0x80000000) for (const byte of block) out.push(byte);
      else unpack(block, out);
      at += block.length + (flags & 0x10 ? 4 : 0);
    }
    if (flags & 4) at += 4;
  }
  return Uint8Array.from(out);
}

function unpack(block: Buffer, out: number[]): void {
  let at = 0;
  const more = (length: number): number => {
    let sum = length;
    if (length === 15) for (let byte = 255; byte === 255; sum += byte) byte = block.readUInt8(at++);
    return sum;
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    for (let literals = more(token >> 4); literals > 0; literals--) out.push(block.readUInt8(at++));
    if (at === block.length) return;
    const from = out.length - block.readUInt16LE(at);
    at += 2;
    const length = more(token & 15) + 4;
    for (let i = 0; i < length; i++) out.push(out[from + i] ?? 0);
  }
}
