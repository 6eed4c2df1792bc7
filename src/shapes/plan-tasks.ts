/** Cuts files into tasks: whether threads are worth starting, and which files are cut into ranges of lines. */
import type { FileRef } from "../storage/index.js";
import { openLocal, openSource } from "./byte-source.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { ScanTask } from "./scan-task.js";
import { createScanner } from "./scanner.js";
import { sniffLayout } from "./sniff-layout.js";
import { fill } from "./unpack/byte-stream.js";

/** `here`: the calling thread is lent to the workers. */
export type Planned = { readonly parallel: boolean; readonly here: boolean; readonly files: AsyncIterable<FilePlan> };
export type FilePlan = {
  readonly ref: FileRef;
  readonly tasks: readonly ScanTask[];
  /** The bytes that are read are of that version, whatever becomes of the file itself. */
  readonly ofVersion: boolean;
};

/** Two threads cost 60–80 ms to start; one core scans some 70 MB in that time, and opens some 1,000 files. */
const WORKERS_ABOVE_BYTES = 128 << 20;
const WORKERS_ABOVE_PACKED_BYTES = 24 << 20;
const WORKERS_ABOVE_FILES = 4000;
const RANGE_BYTES = 16 << 20;
/** Threads leave this one to what comes over the network: they pay sooner. */
const WORKERS_ABOVE_REMOTE_BYTES = 16 << 20;
/**
 * Copies on their way: many of small files, which wait for the network most of the time; of large ones few, so that the
 * first is there soon.
 */
const COPIES_AT_ONCE = 8;
const BYTES_AT_ONCE = 24 << 20;
/** Names say nothing about content, but they are good enough to guess the cost of unpacking. */
const PACKED_NAME = /\.(gz|gzip|zst|zstd|bz2|snappy|sz)$/i;

export function planTasks(files: readonly FileRef[], options: ScanFilesOptions, context: ScanFilesContext): Planned {
  const parallel =
    context.workers > 1 && worthThreads(files, options) && files.every((ref) => localOf(ref, context) !== undefined);
  return { parallel, here: true, files: plansOf(located(files, context), options, parallel) };
}

/**
 * The same for files from afar: copies are made of them, several at a time, and the threads scan what has come while
 * the rest is on its way. Undefined where the storage makes none.
 */
export function planCopied(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
): Planned | undefined {
  if (
    context.storage.copy === undefined
    || context.once === true
    || files.every((ref) => localOf(ref, context) !== undefined)
  )
    return undefined;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const parallel = context.workers > 1 && bytes >= (options.workersAbove ?? WORKERS_ABOVE_REMOTE_BYTES);
  return { parallel, here: false, files: plansOf(copied(files, context), options, parallel) };
}

/** A file of more is read in several parts at once, which one request cannot. */
const REQUEST_BYTES = 128 << 20;

/**
 * The same for files that are read once: each thread asks for its files itself. What the storage makes no request for
 * is read through it. Undefined where all are here.
 */
export function planRequested(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
): Planned | undefined {
  if (context.once !== true || context.storage.request === undefined || context.workers < 2) return undefined;
  const afar = files.filter((ref) => localOf(ref, context) === undefined && ref.size <= REQUEST_BYTES);
  if (afar.reduce((sum, { size }) => sum + size, 0) < (options.workersAbove ?? WORKERS_ABOVE_REMOTE_BYTES))
    return undefined;
  return { parallel: true, here: true, files: requested(plansOf(located(files, context), options, true), context) };
}

async function* requested(plans: AsyncIterable<FilePlan>, { storage }: ScanFilesContext): AsyncGenerator<FilePlan> {
  for await (const plan of plans) {
    const {
      ref,
      tasks: [task],
    } = plan;
    const request = task?.local === undefined && ref.size <= REQUEST_BYTES ? await storage.request?.(ref) : undefined;
    if (task === undefined || request === undefined) yield plan;
    else yield { ref, ofVersion: true, tasks: [{ ...task, request: { ...request, etag: ref.etag, size: ref.size } }] };
  }
}

/** Where the bytes of that version lie on this machine. */
export const localOf = (ref: FileRef, { storage }: Pick<ScanFilesContext, "storage">): string | undefined =>
  storage.localPath(ref.path) ?? storage.copyOf?.(ref);

type Located = { readonly ref: FileRef; readonly local: string | undefined; readonly copied: boolean };

const locate = (ref: FileRef, context: Pick<ScanFilesContext, "storage">): Located => ({
  ref,
  local: localOf(ref, context),
  copied: context.storage.localPath(ref.path) === undefined && context.storage.copyOf?.(ref) !== undefined,
});

async function* located(files: readonly FileRef[], context: ScanFilesContext): AsyncGenerator<Located> {
  for (const ref of files) yield locate(ref, context);
}

async function* copied(files: readonly FileRef[], { storage, signal }: ScanFilesContext): AsyncGenerator<Located> {
  const left = new AbortController();
  const stopped = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const ahead: Promise<string | undefined>[] = [];
  let next = 0;
  let bytes = 0;
  const fill = (): void => {
    for (
      let coming = files[next];
      coming !== undefined && (ahead.length === 0 || (ahead.length < COPIES_AT_ONCE && bytes < BYTES_AT_ONCE));
      coming = files[++next]
    ) {
      bytes += coming.size;
      ahead.push(storage.copy?.(coming, stopped) ?? Promise.resolve(undefined));
    }
  };
  try {
    for (const ref of files) {
      fill();
      await ahead.shift();
      bytes -= ref.size;
      // the next ones come while this one is scanned
      fill();
      yield locate(ref, { storage });
    }
  } finally {
    left.abort();
    await Promise.allSettled(ahead);
  }
}

/** Stored bytes that a task reads of its file. */
export const taskSize = ({ range }: ScanTask, { size }: FileRef): number => (range ? range.end - range.start : size);

function worthThreads(files: readonly FileRef[], options: ScanFilesOptions): boolean {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (options.workersAbove !== undefined) return bytes >= options.workersAbove;
  const packed = files.filter(({ path }) => PACKED_NAME.test(path));
  const packedBytes = packed.reduce((sum, { size }) => sum + size, 0);
  return (
    bytes >= WORKERS_ABOVE_BYTES
    || files.length >= WORKERS_ABOVE_FILES
    || (packed.length > 1 && packedBytes >= WORKERS_ABOVE_PACKED_BYTES)
  );
}

async function* plansOf(
  files: AsyncIterable<Located>,
  options: ScanFilesOptions,
  parallel: boolean,
): AsyncGenerator<FilePlan> {
  const { reader, maxRecord } = options;
  const rangeBytes = options.rangeBytes ?? RANGE_BYTES;
  for await (const { ref, local, copied: isCopy } of files) {
    const whole: ScanTask = {
      file: ref.path,
      local,
      reader,
      ...(maxRecord !== undefined && { maxRecord }),
      ...(parallel && !isCopy && { expected: { etag: ref.etag, size: ref.size } }),
    };
    const cut = parallel && local !== undefined && ref.size >= 2 * rangeBytes && (await hasPlainLines(local, whole));
    yield {
      ref,
      ofVersion: isCopy,
      tasks: cut ? ranges(ref.size, rangeBytes).map((range) => ({ ...whole, range })) : [whole],
    };
  }
}

function ranges(size: number, step: number): { start: number; end: number }[] {
  const found = [];
  for (let start = 0; start < size; start += step) found.push({ start, end: Math.min(size, start + step) });
  return found;
}

/** True when the file's lines are its records and may be found from any byte: not packed, not UTF-16. */
async function hasPlainLines(local: string, task: ScanTask): Promise<boolean> {
  const { charset = "utf-8" } = task.reader;
  if (charset !== "utf-8") return false;
  // a newline of CSV may lie inside quotes, and names come from the first row
  if (task.reader.kind === "csv" || task.reader.mode === "values") return false;
  const { mode } = task.reader;
  const raw = openLocal(local, task.file);
  try {
    const { source, encoding } = await openSource(raw, () => undefined);
    try {
      if (encoding.compression !== "none" || encoding.bom.startsWith("utf-16")) return false;
      if (mode === "lines") return true;
      const scanner = createScanner();
      return sniffLayout(scanner, await fill(source, scanner.block())) === "lines";
    } finally {
      await source.close();
    }
  } finally {
    await raw.close();
  }
}
