/**
 * A key in the footer of a Parquet file that another writer has finished. Source: apache/parquet-format parquet.thrift
 * (FileMetaData), Thrift's compact protocol.
 */
import { open } from "node:fs/promises";
import { DynaframeError } from "../../types/error.js";

/** Fields of FileMetaData. */
const NUM_ROWS = 3;
const KEY_VALUES = 5;
const STOP = 0;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const MAP = 11;
const STRUCT = 12;

/**
 * Adds the key, in place: only the footer is written anew. Returns the file's number of rows.
 * @throws INVALID_PARQUET
 */
export async function addFooterKey(file: string, key: string, value: string): Promise<number> {
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(8);
    await handle.read(tail, 0, 8, Math.max(0, size - 8));
    const length = tail.readUInt32LE(0);
    const at = size - 8 - length;
    if (tail.toString("latin1", 4) !== "PAR1" || at < 4) throw damaged(file);
    const footer = Buffer.alloc(length);
    await handle.read(footer, 0, length, at);
    const { rows, written } = withKey(new Cursor(footer, file), key, value);
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(written.length, 0);
    trailer.write("PAR1", 4, "latin1");
    await handle.write(Buffer.concat([written, trailer]), 0, written.length + 8, at);
    return rows;
  } finally {
    await handle.close();
  }
}

const damaged = (file: string): DynaframeError =>
  new DynaframeError("INVALID_PARQUET", `The footer of ${file} is damaged.`, { file, hint: "Write the file again." });

function withKey(cursor: Cursor, key: string, value: string): { readonly rows: number; readonly written: Buffer } {
  const { bytes } = cursor;
  const entry = Buffer.concat([Buffer.of(0x18), text(key), Buffer.of(0x18), text(value), Buffer.of(STOP)]);
  let rows = 0;
  for (let id = 0; ;) {
    const start = cursor.at;
    const header = cursor.byte();
    const type = header & 15;
    const delta = header >> 4;
    if (type === STOP || id + delta > KEY_VALUES || (delta === 0 && type !== STOP && peekId(cursor) > KEY_VALUES)) {
      // no list yet: a field of its own, and what follows counts on from it
      if (type !== STOP) throw damaged(cursor.file);
      const field = Buffer.concat([Buffer.of(((KEY_VALUES - id) << 4) | LIST), Buffer.of(0x1c), entry]);
      return { rows, written: Buffer.concat([bytes.subarray(0, start), field, bytes.subarray(start)]) };
    }
    id = delta === 0 ? Number(cursor.zigzag()) : id + delta;
    if (id === NUM_ROWS) {
      rows = Number(cursor.zigzag());
      continue;
    }
    if (id !== KEY_VALUES) {
      cursor.skip(type);
      continue;
    }
    const listAt = cursor.at;
    const count = cursor.listSize().count;
    for (let i = 0; i < count; i++) cursor.skip(STRUCT);
    const items = bytes.subarray(listAt + sizeOfHeader(count), cursor.at);
    return {
      rows,
      written: Buffer.concat([
        bytes.subarray(0, listAt),
        listHeader(count + 1),
        items,
        entry,
        bytes.subarray(cursor.at),
      ]),
    };
  }
}

function peekId(cursor: Cursor): number {
  const { at } = cursor;
  const id = Number(cursor.zigzag());
  cursor.at = at;
  return id;
}

const listHeader = (count: number): Buffer =>
  count < 15 ? Buffer.of((count << 4) | STRUCT) : Buffer.concat([Buffer.of(0xf0 | STRUCT), varint(count)]);
const sizeOfHeader = (count: number): number => listHeader(count).length;

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Walks Thrift's compact protocol. */
class Cursor {
  at = 0;
  constructor(
    readonly bytes: Buffer,
    readonly file: string,
  ) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw damaged(this.file);
    return byte;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  listSize(): { readonly count: number; readonly type: number } {
    const header = this.byte();
    return { type: header & 15, count: header >> 4 === 15 ? Number(this.varint()) : header >> 4 };
  }

  skip(type: number): void {
    switch (type) {
      case 1:
      case 2:
        return;
      case 3:
        this.at += 1;
        return;
      case 4:
      case 5:
      case 6:
        this.varint();
        return;
      case 7:
        this.at += 8;
        return;
      case BINARY: {
        const length = Number(this.varint());
        this.at += length;
        return;
      }
      case LIST:
      case SET: {
        const { count, type: element } = this.listSize();
        for (let i = 0; i < count; i++) this.skipElement(element);
        return;
      }
      case MAP:
        throw damaged(this.file);
      case STRUCT:
        for (let header = this.byte(); (header & 15) !== STOP; header = this.byte()) {
          if (header >> 4 === 0) this.varint();
          this.skip(header & 15);
        }
        return;
      default:
        throw damaged(this.file);
    }
  }

  /** Booleans are a byte each in lists, and none as fields. */
  private skipElement(type: number): void {
    if (type === 1 || type === 2) this.at += 1;
    else this.skip(type);
  }
}
