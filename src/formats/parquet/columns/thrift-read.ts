/**
 * Reads Thrift's compact protocol, as Parquet's footers and page headers have it. Source: apache/thrift
 * doc/specs/thrift-compact-protocol.md.
 */

export type ThriftFields = ReadonlyMap<number, ThriftRead>;
/** Texts and binaries are bytes. Structs in lists know where they lie. */
export type ThriftRead = number | boolean | Uint8Array | readonly ThriftRead[] | StructRead;
export type StructRead = { readonly fields: ThriftFields; readonly start: number; readonly end: number };

/** Deeper than any header of Parquet's. */
const MAX_DEPTH = 32;

/** The struct that begins at `at`. @throws RangeError for bytes that are none */
export function readThrift(bytes: Uint8Array, at: number): StructRead {
  return new Reader(bytes, at).struct(0);
}

class Reader {
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  struct(depth: number): StructRead {
    if (depth > MAX_DEPTH) throw new RangeError("nested too deep");
    const fields = new Map<number, ThriftRead>();
    const start = this.at;
    for (let id = 0, head = this.byte(); head !== 0; head = this.byte()) {
      id = head >> 4 === 0 ? this.integer() : id + (head >> 4);
      const type = head & 15;
      fields.set(id, type === 1 || type === 2 ? type === 1 : this.value(type, depth));
    }
    return { fields, start, end: this.at };
  }

  private value(type: number, depth: number): ThriftRead {
    switch (type) {
      case 1:
      case 2:
        return this.byte() === 1;
      case 3:
        return (this.byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.integer();
      case 7:
        return this.take(8);
      case 8:
        return this.take(this.varint());
      case 9:
      case 10:
        return this.list(depth);
      case 12:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`a value of the unknown type ${type}`);
    }
  }

  private list(depth: number): readonly ThriftRead[] {
    const head = this.byte();
    const length = head >> 4 === 15 ? this.varint() : head >> 4;
    if (depth > MAX_DEPTH || length > this.bytes.length - this.at) throw new RangeError("a list longer than its bytes");
    return Array.from({ length }, () => this.value(head & 15, depth + 1));
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError("the end is missing");
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** Exact up to 2^53. */
  private integer(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  private varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError("a number without an end");
  }

  private byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError("the end is missing");
    return byte;
  }
}

/** Fields of a struct by what they must be; `RangeError` where they are something else. */
export const intField = (fields: ThriftFields, id: number): number => orThrow(optionalInt(fields, id), id);
export const structField = (fields: ThriftFields, id: number): ThriftFields => orThrow(optionalStruct(fields, id), id);

export function optionalInt(fields: ThriftFields, id: number): number | undefined {
  const value = fields.get(id);
  return typeof value === "number" ? value : undefined;
}

export function optionalStruct(fields: ThriftFields, id: number): ThriftFields | undefined {
  const value = fields.get(id);
  return value !== undefined && isStruct(value) ? value.fields : undefined;
}

export function structList(fields: ThriftFields, id: number): readonly StructRead[] {
  const value = fields.get(id);
  return Array.isArray(value) ? (value as readonly ThriftRead[]).filter(isStruct) : [];
}

export function textField(fields: ThriftFields, id: number): string {
  const value = fields.get(id);
  return textOf(orThrow(value, id));
}

export function list<T>(fields: ThriftFields, id: number, read: (value: ThriftRead) => T): readonly T[] {
  const value = fields.get(id);
  return Array.isArray(value) ? (value as readonly ThriftRead[]).map(read) : [];
}

export const textOf = (value: ThriftRead): string => {
  if (!(value instanceof Uint8Array)) throw new RangeError("a text is missing");
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8");
};

const isStruct = (value: ThriftRead): value is StructRead =>
  typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);

function orThrow<T>(value: T | undefined, id: number): T {
  if (value === undefined) throw new RangeError(`field ${id} is missing`);
  return value;
}
