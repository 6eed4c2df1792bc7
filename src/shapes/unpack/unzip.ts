/** Zip archives of one file (APPNOTE.TXT of PKWARE, sections 4.3 and 4.4), the only ones that Glue's crawlers read. */
import zlib from "node:zlib";
import {
  type ByteSource,
  corrupt,
  cut,
  DamagedStream,
  feedSize,
  fromDamageable,
  inputWindow,
  type InputWindow,
} from "./byte-stream.js";

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const HEADER_BYTES = 30;
const ENCRYPTED = 1;
const SIZES_BEHIND = 8;
const STORED = 0;
const DEFLATED = 8;
/** Deflate's best: a byte becomes 1032. */
const WORST = 1032;
const CHUNK = 256 << 10;

/** The archive's file; an archive of several is damage behind the first of them. */
export const unzip = (source: ByteSource): ByteSource => fromDamageable(onlyFile(inputWindow(source)));

const damaged = (what: string): DamagedStream => new DamagedStream(corrupt(`the zip archive is damaged: ${what}`));
const ended = (): DamagedStream => new DamagedStream(cut("the zip archive ends too early"));
const unsupported = (what: string): DamagedStream =>
  new DamagedStream({
    code: "UNSUPPORTED_COMPRESSION",
    reason: `the file is a zip archive ${what}; archives of one plain or deflated file are read`,
  });

async function take(input: InputWindow, length: number): Promise<DataView> {
  const bytes = await input.load(length);
  if (bytes.length < length) throw ended();
  const copy = Uint8Array.from(bytes.subarray(0, length));
  input.use(length);
  return new DataView(copy.buffer);
}

async function* onlyFile(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  const head = await take(input, HEADER_BYTES);
  const flags = head.getUint16(6, true);
  const method = head.getUint16(8, true);
  await take(input, head.getUint16(26, true) + head.getUint16(28, true));
  if ((flags & ENCRYPTED) !== 0) throw unsupported("that is encrypted");
  if (method !== DEFLATED && (method !== STORED || (flags & SIZES_BEHIND) !== 0))
    throw unsupported(`packed by method ${method}`);
  let sum = 0;
  for await (const bytes of method === DEFLATED ? inflated(input) : stored(input, head.getUint32(18, true))) {
    sum = zlib.crc32(bytes, sum);
    yield bytes;
  }
  const wanted = (flags & SIZES_BEHIND) === 0 ? head.getUint32(14, true) : await sumBehind(input);
  if (wanted !== sum) throw damaged("its check sum does not fit");
  const next = await input.load(4);
  if (next.length >= 4 && new DataView(next.buffer, next.byteOffset).getUint32(0, true) === LOCAL_HEADER)
    throw unsupported("of several files");
}

async function* stored(input: InputWindow, length: number): AsyncGenerator<Uint8Array, void> {
  for (let left = length; left > 0;) {
    const part = await take(input, Math.min(left, CHUNK));
    left -= part.byteLength;
    yield new Uint8Array(part.buffer);
  }
}

async function* inflated(input: InputWindow): AsyncGenerator<Uint8Array, void> {
  const stream = zlib.createInflateRaw({ chunkSize: CHUNK });
  const size = feedSize(WORST, CHUNK);
  const out: Uint8Array[] = [];
  const state: { done: boolean; failure: Error | undefined } = { done: false, failure: undefined };
  stream.on("data", (chunk: Uint8Array) => {
    out.push(chunk);
  });
  stream.on("end", () => {
    state.done = true;
  });
  stream.on("error", (error) => {
    state.failure = error;
  });
  try {
    for (let used = 0; !state.done;) {
      const bytes = (await input.load(1)).subarray(0, size.next());
      if (bytes.length === 0) throw ended();
      await new Promise<void>((resolve) => {
        stream.write(bytes, () => {
          setImmediate(resolve);
        });
      });
      if (state.failure !== undefined) throw damaged(state.failure.message);
      const consumed = stream.bytesWritten - used;
      used += consumed;
      input.use(consumed);
      if (consumed < bytes.length) state.done = true;
      size.gave(
        bytes.length,
        out.reduce((sum, chunk) => sum + chunk.length, 0),
      );
      yield* out.splice(0);
    }
  } finally {
    stream.destroy();
  }
}

/** The check sum behind the data; its signature is optional. */
async function sumBehind(input: InputWindow): Promise<number> {
  const first = (await take(input, 4)).getUint32(0, true);
  const sum = first === DESCRIPTOR ? (await take(input, 4)).getUint32(0, true) : first;
  const sizes = await input.load(20);
  const view = new DataView(sizes.buffer, sizes.byteOffset, sizes.length);
  // of 8 bytes, or 16 in large archives: behind them is the next signature
  const small = sizes.length < 12 || (view.getUint32(8, true) & 0xffff) === (LOCAL_HEADER & 0xffff);
  await take(input, small ? 8 : 16);
  return sum;
}
