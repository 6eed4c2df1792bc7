/** Snappy files with the package snappyjs: frames, or else Hadoop's blocks. */
export const SNAPPY_FRAMES: readonly number[] = [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59];

export async function unsnappy(file: Uint8Array): Promise<Uint8Array> {
  const { uncompress } = await import("snappyjs");
  const bytes = Buffer.from(file);
  return Buffer.concat(bytes[0] === SNAPPY_FRAMES[0] ? frames(bytes, uncompress) : blocks(bytes, uncompress));
}

type Uncompress = (block: Buffer) => Buffer;

function frames(bytes: Buffer, uncompress: Uncompress): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = bytes.readUInt8(at);
    const end = at + 4 + bytes.readUIntLE(at + 1, 3);
    // four bytes of check sum come first
    if (kind <= 1) parts.push(kind === 0 ? uncompress(bytes.subarray(at + 8, end)) : bytes.subarray(at + 8, end));
    at = end;
  }
  return parts;
}

function blocks(bytes: Buffer, uncompress: Uncompress): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    let left = bytes.readUInt32BE(at);
    at += 4;
    while (left > 0) {
      const end = at + 4 + bytes.readUInt32BE(at);
      const part = uncompress(bytes.subarray(at + 4, end));
      parts.push(part);
      left -= part.length;
      at = end;
    }
  }
  return parts;
}
