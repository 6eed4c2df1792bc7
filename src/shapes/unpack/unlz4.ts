/** LZ4 frames (lz4_Frame_format.md and lz4_Block_format.md of lz4/lz4). */
import {
  type ByteSource,
  corrupt,
  cut,
  DamagedStream,
  fromDamageable,
  inputWindow,
  type InputWindow,
} from "./byte-stream.js";
import { lz4BlockBytes, unpackLz4Block } from "./lz4-block.js";
import { xxhash32 } from "./xxhash32.js";

const MAGIC = 0x184d2204;
const SKIPPED = 0x184d2a50;
const WINDOW = 64 << 10;
const PLAIN = 0x80000000;

export const unlz4 = (source: ByteSource): ByteSource => fromDamageable(frames(inputWindow(source)));

const damaged = (what: string): DamagedStream => new DamagedStream(corrupt(`the lz4 stream is damaged: ${what}`));

async function take(input: InputWindow, length: number): Promise<Uint8Array> {
  const bytes = await input.load(length);
  if (bytes.length < length) throw new DamagedStream(cut("the lz4 stream ends too early"));
  input.use(length);
  return bytes.subarray(0, length);
}

const word = (bytes: Uint8Array, at = 0): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);

async function* frames(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  while ((await input.load(1)).length > 0) {
    const magic = word(await take(input, 4));
    if (magic === MAGIC) yield* blocks(input);
    else if (magic >>> 4 === SKIPPED >>> 4)
      for (let left = word(await take(input, 4)); left > 0; left -= WINDOW) await take(input, Math.min(left, WINDOW));
    else throw damaged("a frame begins without its mark");
  }
}

async function* blocks(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  const [flags = 0, sizes = 0] = Uint8Array.from(await take(input, 2));
  const most = lz4BlockBytes(sizes);
  if (flags >> 6 !== 1 || most === 0) throw damaged("a frame of unknown form");
  if ((flags & 1) !== 0)
    throw new DamagedStream({ code: "UNSUPPORTED_COMPRESSION", reason: "the lz4 stream needs a dictionary" });
  await take(input, ((flags & 8) !== 0 ? 8 : 0) + 1);
  const [linked, summed, guarded] = [(flags & 0x20) === 0, (flags & 0x10) !== 0, (flags & 4) !== 0];
  const content = xxhash32();
  // what the next block may refer to lies in front of where it is unpacked
  const buffer = new Uint8Array(WINDOW + most);
  let before = 0;
  for (;;) {
    const head = word(await take(input, 4));
    if (head === 0) break;
    const length = head & ~PLAIN;
    if (length > most) throw damaged(`a block of ${length} bytes`);
    const packed = Uint8Array.from(await take(input, length));
    if (summed && word(await take(input, 4)) !== sumOf(packed)) throw damaged("the check sum of a block does not fit");
    const end = head >>> 31 === 1 ? plain(packed, buffer, before) : blockOf(packed, buffer, before);
    const bytes = buffer.slice(before, end);
    if (guarded) content.update(bytes);
    yield bytes;
    before = linked ? Math.min(WINDOW, end) : 0;
    buffer.copyWithin(0, end - before, end);
  }
  if (guarded && word(await take(input, 4)) !== content.digest()) throw damaged("its check sum does not fit");
}

function sumOf(bytes: Uint8Array): number {
  const hash = xxhash32();
  hash.update(bytes);
  return hash.digest();
}

function plain(bytes: Uint8Array, into: Uint8Array, at: number): number {
  into.set(bytes, at);
  return at + bytes.length;
}

function blockOf(packed: Uint8Array, into: Uint8Array, at: number): number {
  const end = unpackLz4Block(packed, into, at);
  if (end === undefined) throw damaged("a block cannot be unpacked");
  return end;
}
