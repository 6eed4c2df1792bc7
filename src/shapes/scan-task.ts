/**
 * One unit of scanning: a whole file, or a range of the lines of a plain one. Runs on the calling thread and in workers
 * alike.
 */
import type { Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import { fromRaw, openLocal, openSource, openStored } from "./byte-source.js";
import type { Encoding, RawFile, Unpacking } from "./byte-source.js";
import { localIdentity, requireSame } from "./require-same.js";
import { feed, MAX_RECORD } from "./scan-source.js";
import type { CsvLayout } from "./scan-csv-block.js";
import { createScanner } from "./scanner.js";
import type { Layout, PartLedger, Scanner } from "./scanner.js";
import type { PartOrError } from "./sent-parts.js";
import { createRequester, type FileRequest } from "./requested-file.js";
import { sniffLayout } from "./sniff-layout.js";
import { type ByteSource, fill } from "./unpack/byte-stream.js";
import type { Charset } from "./unpack/charset.js";

/** How records lie in a file: told by its content, or given. */
export type JsonMode = "auto" | Layout;
/** What reads the records; plain data, so that it can be sent to a worker. */
export type RecordReader = ({ readonly kind: "json"; readonly mode: JsonMode } | CsvLayout) & {
  /** Of files without a byte order mark; default UTF-8. */
  readonly charset?: Charset;
  /** Count texts by what they spell: `FileLedger.texts`. */
  readonly textTypes?: boolean;
};

export type ScanTask = {
  /** The file's name in places and reports. */
  readonly file: string;
  /** Where it may be opened directly. */
  readonly local: string | undefined;
  /** How the bytes come otherwise, in order; a task that fails so is done again without. */
  readonly request?: FileRequest;
  readonly reader: RecordReader;
  /** Only the lines that start in these bytes. The file must be plain and its records lines. */
  readonly range?: { readonly start: number; readonly end: number };
  /** Bytes of the largest record held; default 512 MB. */
  readonly maxRecord?: number;
  /** The local file must have these still once it is read; absent: the caller looks. */
  readonly expected?: { readonly etag: string; readonly size: number };
};

export type ScanHooks = {
  readonly storage?: Storage;
  readonly signal?: AbortSignal | undefined;
  /** Hears of stored bytes as they are read. */
  readonly onRead: (bytes: number) => void;
  /** "whole" where other threads keep the other cores busy. */
  readonly unpack?: Unpacking;
  /** Blocks read of each task; absent: all. */
  readonly blocks?: number;
};

/** Scans tasks one after the other, keeping the scanner between them. */
export type TaskScanner = {
  scan(task: ScanTask, hooks: ScanHooks): Promise<PartLedger>;
  /** Makes the requests of tasks that come soon, so that their first bytes are there. */
  expect(tasks: readonly ScanTask[]): void;
  /** Ends requests whose tasks never came. */
  close(): void;
};

/** A scanner this large has met a file of odd shape; the next file gets a new one. */
const MAX_KEPT_MEMORY = 64 << 20;

/** The one that is scanned, and those whose bytes come meanwhile. */
const REQUESTS_AHEAD = 3;

/** Scans one after the other; what fails is told beside what did not. */
export async function scanTasks(
  scanner: TaskScanner,
  tasks: readonly ScanTask[],
  hooks: ScanHooks,
): Promise<readonly PartOrError[]> {
  const results: PartOrError[] = [];
  for (const [i, task] of tasks.entries()) {
    scanner.expect(tasks.slice(i, i + REQUESTS_AHEAD));
    results.push(
      await scanner.scan(task, hooks).then(
        (part) => ({ part }),
        (failed: unknown) => ({ failed }),
      ),
    );
  }
  return results;
}

export function createTaskScanner(): TaskScanner {
  let scanner: Scanner | undefined;
  let made: Pick<RecordReader, "kind" | "textTypes"> = { kind: "json" };
  const requester = createRequester();
  const asked = new Map<ScanTask, Promise<RawFile>>();
  let closed = false;
  const ask = (task: ScanTask, request: FileRequest): Promise<RawFile> => {
    const raw = asked.get(task) ?? requester.open(request, task.file);
    asked.delete(task);
    return raw;
  };
  return {
    expect(tasks) {
      for (const task of tasks) {
        if (closed || task.request === undefined || asked.has(task)) continue;
        const raw = requester.open(task.request, task.file);
        raw.catch(() => undefined); // heard when its turn comes
        asked.set(task, raw);
      }
    },
    close() {
      closed = true;
      for (const raw of asked.values())
        raw.then(
          (file) => file.close(),
          () => undefined,
        );
      asked.clear();
    },
    async scan(task, hooks) {
      const { kind, textTypes = false } = task.reader;
      const mine =
        (made.kind === kind && made.textTypes === textTypes ? scanner : undefined) ?? createScanner(textTypes);
      made = { kind, textTypes };
      scanner = undefined; // not kept when the scan throws half way
      const part = await runScanTask(mine, task, hooks, task.request && (await ask(task, task.request)));
      if (mine.memoryUsed() <= MAX_KEPT_MEMORY) scanner = mine;
      return part;
    },
  };
}

/** Reads the task's records with this scanner. */
export async function runScanTask<R>(
  scanner: Scanner<R>,
  task: ScanTask,
  hooks: ScanHooks,
  asked?: RawFile,
): Promise<R> {
  const raw =
    asked
    ?? (task.local === undefined
      ? await openStored(storageOf(task, hooks), task.file)
      : openLocal(task.local, task.file));
  try {
    const result = await (task.range
      ? scanRange(scanner, raw, task, task.range, hooks)
      : scanWhole(scanner, raw, task, hooks));
    if (task.local !== undefined && task.expected !== undefined)
      requireSame(task.file, task.expected, localIdentity(task.local));
    return result;
  } catch (cause) {
    throw readError(cause, task.file);
  } finally {
    await raw.close();
  }
}

function storageOf(task: ScanTask, hooks: ScanHooks): Storage {
  if (hooks.storage) return hooks.storage;
  throw new DynaframeError("READ_FAILED", `${task.file} cannot be opened here`, {
    file: task.file,
    hint: "this is a bug: only local files go to workers",
  });
}

/** System errors of reading get a code of ours; everything else passes. */
function readError(cause: unknown, file: string): unknown {
  const { syscall, message } = cause as NodeJS.ErrnoException;
  if (typeof syscall !== "string") return cause;
  return new DynaframeError("READ_FAILED", `${file} cannot be read: ${message}`, {
    file,
    cause,
    hint: "check the file system, then run again",
  });
}

async function scanRange<R>(
  scanner: Scanner<R>,
  raw: RawFile,
  task: ScanTask,
  range: { start: number; end: number },
  hooks: ScanHooks,
): Promise<R> {
  scanner.begin(task.file, "lines");
  const start = range.start === 0 ? await afterMark(scanner, raw) : await lineStart(scanner, raw, range.start);
  // every byte of the file is reported once, whichever sides read the lines at the borders
  let left = range.end - range.start;
  if (start === undefined || start >= range.end) {
    hooks.onRead(left);
    return scanner.finish(0, "range");
  }
  const source = fromRaw(raw, start, (bytes) => {
    const mine = Math.min(left, bytes);
    left -= mine;
    if (mine) hooks.onRead(mine);
  });
  await feed(source, scanner, {
    start,
    end: range.end,
    maxRecord: task.maxRecord ?? MAX_RECORD,
    signal: hooks.signal,
    blocks: hooks.blocks,
  });
  if (left) hooks.onRead(left);
  return scanner.finish(0, "range");
}

async function afterMark(scanner: Scanner<unknown>, raw: RawFile): Promise<number> {
  const head = new Uint8Array(3);
  await fill(
    fromRaw(raw, 0, () => undefined),
    head,
  );
  if (head[0] !== 0xef || head[1] !== 0xbb || head[2] !== 0xbf) return 0;
  scanner.hazard("BOM");
  return 3;
}

/** The start of the first line at or after `position`; undefined when there is none. */
async function lineStart(scanner: Scanner<unknown>, raw: RawFile, position: number): Promise<number | undefined> {
  const source = fromRaw(raw, position - 1, () => undefined);
  const chunk = scanner.block().subarray(0, 64 << 10);
  for (let at = position - 1; ;) {
    const n = await source.read(chunk);
    if (n === 0) return undefined;
    const newline = chunk.subarray(0, n).indexOf(10);
    if (newline >= 0) return at + newline + 1;
    at += n;
  }
}

async function scanWhole<R>(scanner: Scanner<R>, raw: RawFile, task: ScanTask, hooks: ScanHooks): Promise<R> {
  const { source, encoding } = await openSource(raw, hooks.onRead, {
    charset: task.reader.charset,
    unpacking: hooks.unpack,
  });
  try {
    return await scanOpened(scanner, source, encoding, task, hooks);
  } finally {
    await source.close();
  }
}

async function scanOpened<R>(
  scanner: Scanner<R>,
  source: ByteSource,
  encoding: Encoding,
  task: ScanTask,
  { signal, blocks }: ScanHooks,
): Promise<R> {
  const start = encoding.bom === "utf-8" ? 3 : 0;
  const { reader } = task;
  const sniffed = reader.kind === "json" && reader.mode === "auto";
  const head = sniffed ? await fill(source, scanner.block()) : 0;
  scanner.begin(
    task.file,
    sniffed ? sniffLayout(scanner, head) : reader.kind === "csv" ? reader : asLayout(reader.mode),
  );
  noteEncoding(scanner, encoding, reader.charset);
  const end = await feed(behindHead(source, head), scanner, {
    start,
    maxRecord: task.maxRecord ?? MAX_RECORD,
    signal,
    blocks,
  });
  const damage = source.damage();
  if (damage) {
    scanner.add(
      Object.freeze({
        file: task.file,
        offset: end,
        end,
        code: damage.code,
        at: 0,
        text: "",
        reason: `${damage.reason}, after ${end} bytes of unpacked data; records before that are kept`,
      }),
    );
  }
  return scanner.finish(end, "file");
}

const asLayout = (mode: JsonMode): Layout => (mode === "values" ? "values" : "lines");

function noteEncoding(scanner: Scanner<unknown>, { bom }: Encoding, charset: Charset = "utf-8"): void {
  if (bom !== "none") scanner.hazard("BOM");
  if (bom.startsWith("utf-16") || (bom === "none" && charset !== "utf-8")) scanner.hazard("TRANSCODED");
}

/** The stream whose first bytes already lie at the front of the block, where `feed` reads first. */
function behindHead(source: ByteSource, head: number): ByteSource {
  let inPlace = head;
  return {
    ...source,
    read(into) {
      if (inPlace === 0) return source.read(into);
      const n = Math.min(inPlace, into.length);
      inPlace -= n;
      return n;
    },
  };
}
