/** Avro object container files, a block at a time (specification, "Object Container Files"). */
import type { RecordEvent, RecordInput, RecordReader, SourceRecord } from "../../shapes/records/record-reader.js";
import { inputWindow, type InputWindow } from "../../shapes/unpack/byte-stream.js";
import { AvroCursor } from "./avro-cursor.js";
import { parseAvroSchema } from "./avro-schema.js";
import { InvalidAvro } from "./invalid-avro.js";
import { type ReadValue, valueReader } from "./read-value.js";
import { blockUnpacker, MAX_BLOCK, type UnpackBlock } from "./unpack-block.js";

export const AVRO_MAGIC = "Obj\u0001";
const SYNC = 16;
const MAX_HEADER = 16 << 20;
/** Records handed on at once. */
const BATCH = 4096;

/**
 * The reader of files; each has its own schema. A block that is damaged is one malformed record with its place, and
 * reading goes on at the next sync marker; so is a file whose header or schema cannot be read. Places of records in
 * packed blocks are those of their block.
 */
export const avroReader =
  (logical: boolean): RecordReader =>
  (input) =>
    readFile(input, logical);

type Header = {
  readonly read: ReadValue;
  readonly unpack: UnpackBlock;
  readonly sync: Buffer;
  readonly plain: boolean;
};
/** Bytes of the file used so far. */
type Place = { at: number };

async function* readFile(
  { source, start }: RecordInput,
  logical: boolean,
): AsyncGenerator<readonly RecordEvent[], void> {
  const input = inputWindow(source);
  const place: Place = { at: start };
  let header: Header;
  try {
    header = await readHeader(input, place, logical);
  } catch (error) {
    yield [malformed(start, await skipAll(input, place), error)];
    return;
  }
  for (;;) {
    const from = place.at;
    const block = await nextBlock(input, place, header);
    if (block === undefined) return;
    if (!(block instanceof Block)) {
      yield [malformed(from, place.at, block)];
      continue;
    }
    try {
      yield* records(block, header, await header.unpack(block.bytes));
    } catch (error) {
      yield [malformed(from, place.at, error, `of its ${block.count} records those before are kept`)];
    }
  }
}

async function readHeader(input: InputWindow, place: Place, logical: boolean): Promise<Header> {
  for (let want = 64 << 10; ; want *= 4) {
    const bytes = Buffer.from(await input.load(want));
    if (bytes.toString("latin1", 0, 4) !== AVRO_MAGIC)
      throw new InvalidAvro("INVALID_AVRO", "it does not begin as Avro does");
    try {
      const cursor = new AvroCursor(bytes);
      cursor.take(4);
      const meta = new Map<string, Buffer>();
      cursor.items(() => {
        const key = cursor.text();
        meta.set(key, cursor.lengthAndBytes());
      });
      const sync = Buffer.from(cursor.take(SYNC));
      const codec = meta.get("avro.codec")?.toString("latin1") ?? "null";
      const schema = meta.get("avro.schema");
      if (schema === undefined) throw new InvalidAvro("INVALID_AVRO", "its header has no schema");
      const header = {
        read: valueReader(parseAvroSchema(schema.toString("utf8")), logical),
        unpack: blockUnpacker(codec),
        sync,
        plain: codec === "null" || codec === "",
      };
      input.use(cursor.at);
      place.at += cursor.at;
      return header;
    } catch (error) {
      // a header that goes on behind what is loaded looks damaged
      if (!(error instanceof InvalidAvro) || error.code !== "CORRUPT") throw error;
      if (bytes.length < want || want > MAX_HEADER)
        throw new InvalidAvro("INVALID_AVRO", "its header is cut off or damaged");
    }
  }
}

class Block {
  constructor(
    readonly offset: number,
    readonly count: number,
    readonly bytes: Buffer,
  ) {}
}

/** The next block, what is wrong with it, or undefined at the end of the file. Afterwards `place` is behind it. */
async function nextBlock(input: InputWindow, place: Place, { sync }: Header): Promise<Block | Error | undefined> {
  const use = (bytes: number): void => {
    input.use(bytes);
    place.at += bytes;
  };
  const head = Buffer.from(await input.load(20));
  if (head.length === 0) return undefined;
  const cursor = new AvroCursor(head.subarray(0, 20));
  let count: number | bigint;
  let size: number | bigint;
  try {
    count = cursor.long();
    size = cursor.long();
  } catch (error) {
    return head.length < 20
      ? truncated(await skipAll(input, place), "in the head of a block")
      : findSync(input, place, sync, error as Error);
  }
  if (typeof count === "bigint" || typeof size === "bigint" || count < 0 || size < 0 || size > MAX_BLOCK) {
    return findSync(
      input,
      place,
      sync,
      new InvalidAvro("CORRUPT", `the block says that it holds ${count} records in ${size} bytes`),
    );
  }
  const whole = cursor.at + size + SYNC;
  const bytes = Buffer.from(await input.load(whole));
  const end = bytes.indexOf(sync, cursor.at);
  if (bytes.length < whole && end < 0)
    return truncated(await skipAll(input, place), `in a block of ${count} records and ${size} bytes`);
  if (bytes.length < whole || bytes.compare(sync, 0, SYNC, whole - SYNC, whole) !== 0)
    return findSync(input, place, sync, new InvalidAvro("CORRUPT", "the block does not end where it says"));
  // the window is used again for the next block
  const own = Buffer.from(bytes.subarray(cursor.at, whole - SYNC));
  const offset = place.at + cursor.at;
  use(whole);
  return new Block(offset, count, own);
}

class Cut extends Error {}
const truncated = (_end: number, where: string): Cut => new Cut(`the file ends ${where}`);

/** Goes on behind the next sync marker, or to the end of the file. */
async function findSync(input: InputWindow, place: Place, sync: Buffer, error: Error): Promise<Error> {
  for (let first = true; ; first = false) {
    const bytes = Buffer.from(await input.load(1 << 20));
    const found = bytes.indexOf(sync, first ? 1 : 0);
    const used = found >= 0 ? found + SYNC : bytes.length < 1 << 20 ? bytes.length : bytes.length - SYNC + 1;
    input.use(used);
    place.at += used;
    if (found >= 0 || bytes.length < 1 << 20) return error;
  }
}

async function skipAll(input: InputWindow, place: Place): Promise<number> {
  for (;;) {
    const { length } = await input.load(1 << 20);
    input.use(length);
    place.at += length;
    if (length < 1 << 20) return place.at;
  }
}

function* records(
  { offset, count, bytes: stored }: Block,
  { read, plain }: Header,
  bytes: Buffer,
): Generator<readonly RecordEvent[], void> {
  const cursor = new AvroCursor(bytes);
  cursor.expect(count);
  for (let done = 0; done < count;) {
    const { events, failure } = readBatch(cursor, Math.min(BATCH, count - done), (from) => {
      const value = read(cursor);
      const where = plain
        ? { offset: offset + from, length: Math.max(1, cursor.at - from) }
        : { offset, length: Math.max(1, stored.length) };
      if (value.tag !== "struct") return badRecord(where, "NOT_AN_OBJECT", `expected a record, found ${value.tag}`);
      return cursor.badText
        ? badRecord(where, "INVALID_UTF8", "expected UTF-8 in a string")
        : { kind: "record", value, ...where };
    });
    yield events;
    if (failure !== undefined) throw failure.cause;
    done += events.length;
  }
  if (!cursor.ended)
    throw new InvalidAvro("CORRUPT", `the block holds ${bytes.length - cursor.at} bytes behind its last record`);
}

type Batch = { readonly events: readonly RecordEvent[]; readonly failure?: { readonly cause: unknown } };

/** What is read before a failure is kept. */
function readBatch(cursor: AvroCursor, count: number, readOne: (from: number) => RecordEvent): Batch {
  const events: RecordEvent[] = [];
  try {
    for (let i = 0; i < count; i++) {
      cursor.badText = false;
      events.push(readOne(cursor.at));
    }
    return { events };
  } catch (cause) {
    return { events, failure: { cause } };
  }
}

type Where = Pick<SourceRecord, "offset" | "length">;
const badRecord = ({ offset, length }: Where, code: string, reason: string): RecordEvent => ({
  kind: "malformed",
  offset,
  end: offset + length,
  code,
  reason,
  at: 0,
  text: "",
});

function malformed(offset: number, end: number, error: unknown, also?: string): RecordEvent {
  if (!(error instanceof InvalidAvro || error instanceof Cut)) throw error;
  const code = error instanceof Cut ? "TRUNCATED" : error.code;
  return {
    kind: "malformed",
    offset,
    end,
    code,
    reason: also === undefined ? error.message : `${error.message}; ${also}`,
    at: 0,
    text: "",
  };
}
