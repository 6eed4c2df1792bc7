/** Cuts files into tasks: whether threads are worth starting, and which files are cut into ranges of lines. */
import type { FileRef } from "../storage/index.js";
import { openLocal, openSource } from "./byte-source.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { ScanTask } from "./scan-task.js";
import { createScanner } from "./scanner.js";
import { sniffLayout } from "./sniff-layout.js";
import { fill } from "./unpack/byte-stream.js";

export type FilePlan = { readonly ref: FileRef; readonly tasks: readonly ScanTask[] };

/** Two threads cost 60–80 ms to start; one core scans some 70 MB in that time, and opens some 1,000 files. */
const WORKERS_ABOVE_BYTES = 128 << 20;
const WORKERS_ABOVE_PACKED_BYTES = 24 << 20;
const WORKERS_ABOVE_FILES = 4000;
const RANGE_BYTES = 16 << 20;
/** Names say nothing about content, but they are good enough to guess the cost of unpacking. */
const PACKED_NAME = /\.(gz|gzip|zst|zstd|bz2|snappy|sz)$/i;

export function planTasks(
  files: readonly FileRef[], options: ScanFilesOptions, context: ScanFilesContext,
): { readonly parallel: boolean; readonly files: AsyncIterable<FilePlan> } {
  const parallel = context.workers > 1 && worthThreads(files, options) && files.every(({ path }) => context.storage.localPath(path) !== undefined);
  return { parallel, files: plansOf(files, options, context, parallel) };
}

function worthThreads(files: readonly FileRef[], options: ScanFilesOptions): boolean {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (options.workersAbove !== undefined) return bytes >= options.workersAbove;
  const packed = files.filter(({ path }) => PACKED_NAME.test(path));
  const packedBytes = packed.reduce((sum, { size }) => sum + size, 0);
  return bytes >= WORKERS_ABOVE_BYTES || files.length >= WORKERS_ABOVE_FILES || (packed.length > 1 && packedBytes >= WORKERS_ABOVE_PACKED_BYTES);
}

async function* plansOf(files: readonly FileRef[], options: ScanFilesOptions, context: ScanFilesContext, parallel: boolean): AsyncGenerator<FilePlan> {
  const { reader, maxRecord } = options;
  const rangeBytes = options.rangeBytes ?? RANGE_BYTES;
  for (const ref of files) {
    const local = context.storage.localPath(ref.path);
    const whole: ScanTask = { file: ref.path, local, reader, ...(maxRecord !== undefined && { maxRecord }), ...(parallel && { expected: { etag: ref.etag, size: ref.size } }) };
    const cut = parallel && local !== undefined && ref.size >= 2 * rangeBytes && (await hasPlainLines(local, whole));
    yield { ref, tasks: cut ? ranges(ref.size, rangeBytes).map((range) => ({ ...whole, range })) : [whole] };
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
