/**
 * Snappy as files hold it: the framing format (framing_format.txt of google/snappy), and the blocks that Hadoop writes.
 */
import {
  type ByteSource,
  corrupt,
  cut,
  DamagedStream,
  fromDamageable,
  inputWindow,
  type InputWindow,
} from "./byte-stream.js";
import { uncompressedLength, unsnappyBlock } from "./snappy-block.js";

export const SNAPPY_MAGIC: readonly number[] = [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59];

const MAX_FRAME = 65_536;
/** Hadoop's blocks have 256 KB unless set otherwise. */
const MAX_HADOOP_BLOCK = 64 << 20;

export const unsnappyFrames = (source: ByteSource): ByteSource => fromDamageable(frames(inputWindow(source)));
export const unsnappyHadoop = (source: ByteSource): ByteSource => fromDamageable(hadoopBlocks(inputWindow(source)));

const damaged = (what: string): DamagedStream => new DamagedStream(corrupt(`the snappy stream is damaged: ${what}`));
const ended = (): DamagedStream => new DamagedStream(cut("the snappy stream ends too early"));

async function take(input: InputWindow, length: number): Promise<Uint8Array> {
  const bytes = await input.load(length);
  if (bytes.length < length) throw ended();
  input.use(length);
  return bytes.subarray(0, length);
}

async function* frames(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const head = await input.load(4);
    if (head.length === 0) return;
    if (head.length < 4) throw ended();
    const [kind = 0, a = 0, b = 0, c = 0] = head;
    const length = a | (b << 8) | (c << 16);
    input.use(4);
    if (kind === 0xff) {
      const name = await take(input, length);
      if (length !== 6 || name.some((byte, i) => byte !== SNAPPY_MAGIC[4 + i]))
        throw damaged("a stream begins without its name");
    } else if (kind <= 1) {
      const chunk = await take(input, length);
      if (length < 4) throw damaged("a chunk without a check sum");
      const bytes = kind === 1 ? chunk.slice(4) : unsnappyBlock(chunk.subarray(4), MAX_FRAME);
      if (bytes === undefined || bytes.length > MAX_FRAME) throw damaged("a chunk cannot be unpacked");
      if (maskedCrc32c(bytes) !== new DataView(chunk.buffer, chunk.byteOffset).getUint32(0, true))
        throw damaged("the check sum of a chunk does not fit");
      yield bytes;
    } else if (kind < 0x80) throw damaged(`a chunk of unknown kind ${kind}`);
    else for (let left = length; left > 0; left -= MAX_FRAME) await take(input, Math.min(left, MAX_FRAME)); // padding, and what may be skipped
  }
}

async function* hadoopBlocks(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const head = await input.load(4);
    if (head.length === 0) return;
    let left = bigEndian(await take(input, 4));
    if (left > MAX_HADOOP_BLOCK) throw damaged(`a block of ${left} bytes`);
    while (left > 0) {
      const length = bigEndian(await take(input, 4));
      // the bound of `MaxCompressedLength` in snappy
      if (length > 32 + left + Math.ceil(left / 6)) throw damaged("a chunk longer than its block");
      const bytes = unsnappyBlock(await take(input, length), left);
      if (bytes === undefined || bytes.length === 0) throw damaged("a chunk cannot be unpacked");
      left -= bytes.length;
      yield bytes;
    }
  }
}

/**
 * Whether the first bytes of a file are a block of Hadoop's: two lengths and a literal. No text begins with a zero
 * byte, but UTF-16, whose fifth character would be zero.
 */
export function looksLikeHadoopSnappy(head: Uint8Array): boolean {
  if (head.length < 10 || head[0] !== 0) return false;
  const block = bigEndian(head);
  const chunk = bigEndian(head.subarray(4));
  const inner = uncompressedLength(head.subarray(8));
  return (
    inner !== undefined
    && inner.length > 0
    && inner.length <= block
    && block <= MAX_HADOOP_BLOCK
    && chunk > 0
    && chunk <= 32 + block + Math.ceil(block / 6)
    && ((head[8 + inner.at] ?? 1) & 3) === 0
  );
}

const bigEndian = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let i = 0; i < 8; i++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC32C_TABLE[(crc ^ byte) & 0xff] ?? 0);
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
