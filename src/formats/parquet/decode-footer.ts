/**
 * Bytes of a footer, decoded by the structs of parquetjs-lite; of its Thrift reader numbers and texts are read here.
 * Loaded when a footer is.
 */
import { isUtf8 } from "node:buffer";
import { FileMetaData } from "parquetjs-lite/gen-nodejs/parquet_types.js";
import { TCompactProtocol, TFramedTransport } from "parquetjs-lite/modules/thrift-lite/index.js";

/** Texts that are not UTF-8 stay bytes. */
class FooterBytes extends TFramedTransport {
  override readString(length: number): string | Buffer {
    const bytes = this.read(length);
    return isUtf8(bytes) ? bytes.toString("utf8") : bytes;
  }
}

/**
 * The library makes an object with `new Buffer` of every number, for which Node walks the whole stack each of the first
 * 10,000 times: a tenth of a second for a footer of many columns.
 */
class FooterProtocol extends TCompactProtocol {
  /** Structs begun and not ended; 1 is the footer itself. */
  private depth = 0;

  override readStructBegin(): void {
    super.readStructBegin();
    this.depth++;
  }

  override readStructEnd(): void {
    super.readStructEnd();
    this.depth--;
  }

  /** The library knows no encryption and would pass over what tells of it. */
  override readFieldBegin(): { readonly ftype: number; readonly fid: number } {
    const field = super.readFieldBegin();
    if (this.depth === 1 && field.fid === ENCRYPTION_ALGORITHM && field.ftype === STRUCT) throw new EncryptedColumns();
    return field;
  }

  /** Exact up to 2^53. */
  override readVarint32(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.trans.readByte();
      value += (byte & 127) * scale;
      if ((byte & 128) === 0) return value;
    }
    throw new RangeError("a number without an end");
  }

  override readI64(): number {
    const zigzag = this.readVarint32();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  override readListBegin(): { readonly etype: number; readonly size: number } {
    const begin = super.readListBegin();
    if (begin.size > 0 && begin.etype === STOP) throw ofNothing("a list");
    return begin;
  }

  override readMapBegin(): { readonly ktype: number; readonly vtype: number; readonly size: number } {
    const begin = super.readMapBegin();
    if (begin.size > 0 && (begin.ktype === STOP || begin.vtype === STOP)) throw ofNothing("a map");
    return begin;
  }
}

/** Of a file whose footer can be read and columns cannot (parquet.thrift, FileMetaData). */
export class EncryptedColumns extends Error {}

const ENCRYPTION_ALGORITHM = 8;
/** The type of a struct, as the library's protocols name it. */
const STRUCT = 12;

/** The end of a struct, which takes no byte as an element: the library would count to whatever size a file names. */
const STOP = 0;
const ofNothing = (what: string): RangeError => new RangeError(`${what} of elements that are nothing`);

/** @throws EncryptedColumns, and whatever the library does for bytes that are no footer */
export function decodeFooter(bytes: Buffer): FileMetaData {
  const metadata = new FileMetaData();
  metadata.read(new FooterProtocol(new FooterBytes(bytes)));
  return metadata;
}
