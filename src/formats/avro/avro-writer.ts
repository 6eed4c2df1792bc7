import { randomBytes } from "node:crypto";
import { appendFileSync, writeFileSync } from "node:fs";
import { crc32, deflateRawSync } from "node:zlib";
import type { Row } from "../../types/value.js";
import { zstdPacker } from "../pack/zstd.js";
import { AvroBuffer } from "./avro-buffer.js";
import type { AvroRecord } from "./write-schema.js";

/** The codecs by our names, and by those of the format. */
const CODECS = Object.freeze({ none: "null", deflate: "deflate", snappy: "snappy", zstd: "zstandard", bzip2: "bzip2" });
export type AvroCodec = keyof typeof CODECS;
type Pack = (block: Buffer) => Uint8Array;

/** Bytes of a block before packing, as Avro's own writers have them. */
const BLOCK = 64_000;

/** How blocks are packed; loads what that needs. */
export async function blockPacker(codec: AvroCodec): Promise<Pack> {
  switch (codec) {
    case "none":
      return (block) => block;
    case "deflate":
      return (block) => deflateRawSync(block);
    case "snappy": {
      const { compress } = await import("snappyjs");
      return (block) => {
        const check = Buffer.alloc(4);
        check.writeUInt32BE(crc32(block));
        return Buffer.concat([compress(block), check]);
      };
    }
    case "zstd":
      return zstdPacker();
    case "bzip2": {
      const { Bzip2Packer } = await import("../pack/bzip2-packer.js");
      return (block) => {
        const packer = new Bzip2Packer();
        return Buffer.concat([packer.add(block), packer.end()]);
      };
    }
  }
}

/** Writes one object container file. It is open only while a block is added, so that very many may be in the making. */
export class AvroWriter {
  private readonly out = new AvroBuffer();
  private readonly sync = randomBytes(16);
  private pending = 0;
  private written = 0;

  constructor(
    readonly path: string,
    private readonly record: AvroRecord,
    codec: AvroCodec,
    private readonly pack: Pack,
  ) {
    const { out } = this;
    out.raw(Buffer.from("Obj\u0001", "latin1"));
    out.long(2);
    out.text("avro.schema");
    out.text(record.schema);
    out.text("avro.codec");
    out.text(CODECS[codec]);
    out.long(0);
    out.raw(this.sync);
    writeFileSync(path, out.take(), { flag: "wx" });
  }

  get rows(): number {
    return this.written + this.pending;
  }

  add(row: Row): void {
    this.record.write(row, this.out);
    this.pending++;
    if (this.out.length >= BLOCK) this.flush();
  }

  /** Writes what is pending. More may be added afterwards. */
  flush(): void {
    if (this.pending === 0) return;
    const block = this.pack(this.out.take());
    this.out.long(this.pending);
    this.out.bytes(block);
    this.out.raw(this.sync);
    appendFileSync(this.path, this.out.take());
    this.written += this.pending;
    this.pending = 0;
  }
}
