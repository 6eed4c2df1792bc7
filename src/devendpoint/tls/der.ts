/** DER, as much of it as certificates need (ITU-T X.690). */
export type Der = Buffer;

function der(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]): Der => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Der => der(0x31, ...parts);
export const boolean = (value: boolean): Der => der(0x01, Buffer.from([value ? 0xff : 0]));
export const octets = (bytes: Uint8Array): Der => der(0x04, bytes);
export const bits = (bytes: Uint8Array, unused = 0): Der => der(0x03, Buffer.from([unused]), bytes);
export const utf8 = (text: string): Der => der(0x0c, Buffer.from(text, "utf8"));
/** A positive number, big endian. */
export const integer = (bytes: Uint8Array): Der =>
  der(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), bytes);
/** Within `[n]`: constructed, or primitive. */
export const tagged = (n: number, content: Uint8Array, isPrimitive = false): Der =>
  der((isPrimitive ? 0x80 : 0xa0) | n, content);

/** An object identifier such as 2.5.4.3. */
export function oid(text: string): Der {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(n: number): readonly number[] {
  const digits = [n & 0x7f];
  for (let left = n >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** RFC 5280 §4.1.2.5: two digits of the year until 2049. */
export function time(at: Date): Der {
  const text = at.toISOString().replace(/[-:T]|\.\d+/g, "");
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}
