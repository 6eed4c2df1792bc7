/** Compact binary: LEB128-like varints of safe integers, doubles and strings. */

export type ByteWriter = {
  /** A whole number from 0 to 2^53 − 1. */
  unsigned(value: number): void;
  /** A whole number of either sign. */
  signed(value: number): void;
  double(value: number): void;
  text(value: string): void;
  raw(bytes: Uint8Array): void;
  bytes(): Uint8Array;
};

export function createByteWriter(): ByteWriter {
  let buffer = Buffer.allocUnsafe(512);
  let at = 0;
  const room = (more: number): void => {
    if (at + more <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + more));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  const unsigned = (value: number): void => {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not a safe whole number: ${value}`);
    room(8);
    if (value < 128) return void (buffer[at++] = value);
    let rest = value;
    // division, since shifts cut at 32 bits
    for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) + 128;
    buffer[at++] = rest;
  };
  return {
    unsigned,
    signed: (value) => unsigned(value < 0 ? -2 * value - 1 : 2 * value),
    double(value) {
      room(8);
      at = buffer.writeDoubleLE(value, at);
    },
    text(value) {
      const length = Buffer.byteLength(value);
      unsigned(length);
      room(length);
      at += buffer.write(value, at);
    },
    raw(bytes) {
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    bytes: () => buffer.subarray(0, at),
  };
}

export type ByteReader = {
  unsigned(): number;
  signed(): number;
  double(): number;
  text(): string;
  raw(length: number): Uint8Array;
  /** True when all bytes are read. */
  atEnd(): boolean;
};

/** Reading past the end throws a RangeError. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const unsigned = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = buffer.readUInt8(at++);
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
    }
  };
  const raw = (length: number): Buffer => {
    if (at + length > buffer.length) throw new RangeError("the bytes end too early");
    return buffer.subarray(at, (at += length));
  };
  return {
    unsigned,
    signed() {
      const value = unsigned();
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    },
    double: () => raw(8).readDoubleLE(0),
    text: () => raw(unsigned()).toString("utf8"),
    raw,
    atEnd: () => at === buffer.length,
  };
}
