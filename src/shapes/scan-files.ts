/**
 * Scans files into ledgers, in the order given: on the calling thread when there is little to do, else whole files and
 * ranges of large plain ones on worker threads, with the same result.
 */
import type { FileRef, Storage } from "../storage/index.js";
import { vanished } from "./byte-source.js";
import { flatShapesOf, treeOf, withNumbers } from "./flat-ledger.js";
import { topRows } from "./flat-shapes.js";
import { type FileLedger, MAX_KEPT_SHAPES } from "./ledger.js";
import { createLedgerSum } from "./merge-ledgers.js";
import type { Mergeable } from "./merge-ledgers.js";
import { planCopied, planRequested, planTasks } from "./plan-tasks.js";
import type { FilePlan } from "./plan-tasks.js";
import { requireSame } from "./require-same.js";
import { createTaskScanner, type ScanTask, scanTasks, type TaskScanner } from "./scan-task.js";
import { scanElsewhere } from "./scan-elsewhere.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { PartLedger } from "./scanner.js";
import { type PartOrError, receiveParts, sendParts } from "./sent-parts.js";
import type { AsideFiles, AsideScanner } from "./shred/aside-scanner.js";
import { topShapes } from "./shape-sum.js";
import { createSkeletons } from "./skeletons.js";

/**
 * @throws SOURCE_CHANGED or SOURCE_VANISHED when a file is not what was listed any more, ACCESS_DENIED, READ_FAILED;
 * the signal's reason when aborted. Bad data is in the ledgers.
 */
export async function* scanFiles(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
): AsyncGenerator<FileLedger, void, undefined> {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  let filesDone = 0;
  let bytesDone = 0;
  const report = (): void =>
    context.onProgress?.({
      phase: "scan",
      filesDone,
      files: files.length,
      bytesDone: Math.min(bytesDone, bytes),
      bytes,
    });
  const onRead = (count: number): void => {
    bytesDone += count;
    context.onBytesScanned?.(count);
    report();
  };
  for await (const { plan, parts } of (await scanElsewhere(files, options, context, onRead))
    ?? scanOnThisMachine(files, options, context, onRead)) {
    // threads have looked themselves at files that are local
    if (!(plan.ofVersion && context.once === true) && plan.tasks.some(({ expected }) => expected === undefined))
      await checkUnchanged(plan.ref, context.storage);
    filesDone++;
    report();
    yield toFileLedger(plan.ref, options.format, parts);
  }
}

function scanOnThisMachine(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
  onRead: (bytes: number) => void,
): AsyncIterable<Scanned> {
  const plans =
    planRequested(files, options, context) ?? planCopied(files, options, context) ?? planTasks(files, options, context);
  return plans.parallel
    ? scanInWorkers(plans.files, context, onRead, plans.here)
    : scanHere(plans.files, context, onRead);
}

type Scanned = { readonly plan: FilePlan; readonly parts: readonly PartLedger[] };

/**
 * Files that come from afar are scanned several at a time: each waits for its bytes most of the time. Packed files are
 * scanned two at a time: while zlib's thread unpacks for one, this thread scans the other. One alone left both waiting
 * in turns, at half the speed of a bare gunzip.
 */
async function* scanHere(
  plans: AsyncIterable<FilePlan>,
  context: ScanFilesContext,
  onRead: (bytes: number) => void,
): AsyncGenerator<Scanned> {
  const { aside } = context;
  const shredding: AsideScanner[] = [];
  const createAside = aside && (await import("./shred/aside-scanner.js")).createAsideScanner;
  const newScanner = (): TaskScanner => {
    if (aside === undefined || createAside === undefined) return createTaskScanner();
    const made = createAside(aside, shredding.length);
    shredding.push(made);
    return made;
  };
  const idle = [newScanner()];
  const running: { readonly plan: FilePlan; readonly parts: Promise<readonly PartLedger[]> }[] = [];
  const scan = async (plan: FilePlan): Promise<readonly PartLedger[]> => {
    const scanner = idle.pop() ?? newScanner();
    const parts: PartLedger[] = [];
    for (const task of plan.tasks)
      parts.push(await scanner.scan(task, { storage: context.storage, signal: context.signal, onRead }));
    idle.push(scanner);
    return parts;
  };
  for await (const plan of plans) {
    const parts = scan(plan);
    parts.catch(() => undefined); // heard when its turn comes
    running.push({ plan, parts });
    const first = running.length >= filesAtOnce(plan) ? running.shift() : undefined;
    if (first) yield { plan: first.plan, parts: await first.parts };
  }
  for (const { plan, parts } of running) yield { plan, parts: await parts };
  aside?.onShredded(allOf(shredding.map((scanner) => scanner.finish())));
}

/** Undefined where one is. */
function allOf(files: readonly (AsideFiles | undefined)[]): AsideFiles | undefined {
  const known = files.filter((of) => of !== undefined);
  return known.length === files.length
    ? { staged: known.flatMap(({ staged }) => staged), parts: known.flatMap(({ parts }) => parts) }
    : undefined;
}

const REMOTE_AT_ONCE = 8;

const filesAtOnce = (plan: FilePlan): number =>
  plan.tasks.some(({ local }) => local === undefined) ? REMOTE_AT_ONCE : seemsPacked(plan) ? 2 : 1;

/** By name, which decides no more than the schedule; how a file is read is told by its content. */
const seemsPacked = ({ ref }: FilePlan): boolean => /\.(gz|gzip|zst|zstd|bz2|snappy|sz)$/i.test(ref.path);

/** Small files travel together: a message costs as much as scanning 50 KB. */
const BATCH_BYTES = 4 << 20;
const BATCH_FILES = 256;
/** A packed byte is work for about so many plain ones. */
const PACKED_WEIGHT = 8;

/** Batches begun and not yet handed on, for each worker. */
const IN_HAND = 4;

type Batch = { readonly plans: readonly FilePlan[]; readonly output: Promise<readonly PartOrError[]> };

async function* scanInWorkers(
  plans: AsyncIterable<FilePlan>,
  context: ScanFilesContext,
  onRead: (bytes: number) => void,
  here: boolean,
): AsyncGenerator<Scanned> {
  const [{ createWorkerPool }, source] = await Promise.all([
    import("./worker-pool.js"),
    threadSource(context.aside !== undefined),
  ]);
  const done = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, done.signal]) : done.signal;
  const { aside: wanted } = context;
  const aside = wanted && { plan: wanted.plan, directory: wanted.directory, result: wanted.result };
  const shredding = aside && (await import("./shred/aside-scanner.js")).createAsideScanner(aside, 0);
  const scanner = shredding ?? createTaskScanner();
  const skeletons = createSkeletons();
  const hooks = { storage: context.storage, signal, unpack: "whole" as const };
  const pool = createWorkerPool(
    source,
    here ? context.workers : Math.max(1, context.workers - 1),
    here
      ? {
          scan: async ({ tasks }, report) => sendParts(await scanTasks(scanner, tasks, { ...hooks, onRead: report })),
          finishAside: async () => shredding?.finish(),
        }
      : undefined,
    aside === undefined ? context.threads : undefined,
  );
  const stop = (): void => void pool.close();
  context.signal?.addEventListener("abort", stop, { once: true });
  const running: Batch[] = [];
  const take = async function* (): AsyncGenerator<Scanned> {
    const batch = running.shift();
    const output = batch ? await batch.output : [];
    let at = 0;
    for (const plan of batch?.plans ?? [])
      yield { plan, parts: output.slice(at, (at += plan.tasks.length)).map(partOf) };
  };
  const byStorage = (tasks: FilePlan["tasks"]): Promise<readonly PartOrError[]> =>
    scanTasks(createTaskScanner(), tasks, { ...hooks, onRead });
  /** What a thread could not get by itself. */
  const again = async ({ request, ...task }: ScanTask): Promise<PartOrError> => {
    const [result] = await byStorage([task]);
    const now = await context.storage.stat(task.file);
    if (request !== undefined) requireSame(task.file, request, now);
    return result ?? { failed: vanished(task.file) };
  };
  const run = async (tasks: FilePlan["tasks"]): Promise<readonly PartOrError[]> => {
    const results = receiveParts(await pool.run("scan", { tasks, aside }, onRead), skeletons);
    return Promise.all(
      results.map(async (result, i) => {
        const task = tasks[i];
        return "failed" in result && task?.request !== undefined
          ? again(task).catch((failed: unknown) => ({ failed }))
          : result;
      }),
    );
  };
  try {
    context.signal?.throwIfAborted();
    for await (const batch of batches(plans)) {
      // ranges of one file run side by side; small files in one message
      const tasks = batch.flatMap((plan) => plan.tasks);
      const afar = tasks.some(({ local, request }) => local === undefined && request === undefined);
      const output = Promise.all(
        afar ? [byStorage(tasks)] : batch.length === 1 ? batch[0].tasks.map((task) => run([task])) : [run(tasks)],
      );
      const flat = output.then((lists) => lists.flat());
      flat.catch(() => undefined); // heard when its turn comes
      running.push({ plans: batch, output: flat });
      // enough in hand to keep every thread busy, also while the first file waits for its thread to start; not so much
      // that results pile up
      if (running.length > context.workers * IN_HAND) yield* take();
    }
    while (running.length > 0) yield* take();
    if (wanted !== undefined) wanted.onShredded(allOf(await pool.runOnAll("finishAside", undefined)));
  } catch (error) {
    context.signal?.throwIfAborted();
    throw error;
  } finally {
    context.signal?.removeEventListener("abort", stop);
    done.abort();
    scanner.close();
    const ended = pool.close();
    // files are left to whoever removes them; a thread that has only read may end by itself, or waits for the next scan
    if (aside !== undefined) await ended;
  }
}

const threadSource = async (shreds: boolean): Promise<string> =>
  shreds
    ? (await import("./generated/worker-source.js")).workerSource
    : (await import("./generated/scan-worker-source.js")).scanWorkerSource;

/** A file that failed does so when its turn comes, after those before it. */
function partOf(result: PartOrError): PartLedger {
  if ("failed" in result) throw result.failed;
  return result.part;
}

type NonEmpty<T> = readonly [T, ...T[]];

async function* batches(plans: AsyncIterable<FilePlan>): AsyncGenerator<NonEmpty<FilePlan>> {
  let batch: FilePlan[] = [];
  let bytes = 0;
  const flush = function* (): Generator<NonEmpty<FilePlan>> {
    const [first, ...rest] = batch;
    batch = [];
    bytes = 0;
    if (first) yield [first, ...rest];
  };
  for await (const plan of plans) {
    const size = plan.ref.size * (seemsPacked(plan) ? PACKED_WEIGHT : 1);
    if (plan.tasks.length > 1 || size + bytes > BATCH_BYTES || batch.length === BATCH_FILES) yield* flush();
    batch.push(plan);
    bytes += size;
    if (plan.tasks.length > 1) yield* flush();
  }
  yield* flush();
}

/** @throws SOURCE_VANISHED, SOURCE_CHANGED. */
export async function checkUnchanged(ref: FileRef, storage: Storage): Promise<void> {
  requireSame(ref.path, ref, await storage.stat(ref.path));
}

const CHECKED_AT_ONCE = 32;

export async function checkAllUnchanged(refs: readonly FileRef[], storage: Storage): Promise<void> {
  for (let from = 0; from < refs.length; from += CHECKED_AT_ONCE) {
    await Promise.all(refs.slice(from, from + CHECKED_AT_ONCE).map((ref) => checkUnchanged(ref, storage)));
  }
}

export function toFileLedger(ref: FileRef, format: string, parts: readonly PartLedger[]): FileLedger {
  const [only, ...more] = parts;
  const head = { file: ref.path, etag: ref.etag, size: ref.size, modified: ref.modified, format };
  if (only && more.length === 0) {
    const tree = treeOf(only);
    const shapes = flatShapesOf(only);
    const { bytes, records, malformed, malformedRecords, hazards, otherShapes } = only;
    if (tree === undefined || shapes === undefined) {
      // of a format that is not scanned but decoded
      const { kept, rest } = topShapes(only.shapes, MAX_KEPT_SHAPES);
      return Object.freeze({ ...head, ...only, shapes: kept, otherShapes: otherShapes + rest });
    }
    const { kept, rest } = topRows(shapes, MAX_KEPT_SHAPES);
    return withNumbers(
      { ...head, bytes, records, malformed, malformedRecords, hazards, otherShapes: otherShapes + rest },
      tree,
      kept,
    );
  }
  return joinRanges(parts, { ...head, bytes: ref.size });
}

/** Ranges of one file, in order: the records of one count on from those before. */
function joinRanges(
  parts: readonly PartLedger[],
  head: Omit<FileLedger, keyof Mergeable> & Pick<FileLedger, "bytes">,
): FileLedger {
  const sum = createLedgerSum();
  let before = 0;
  for (const part of parts) {
    sum.add(part, before);
    before += part.records;
  }
  // the copy has the histogram: rows of all ranges are not held until it is asked for
  return Object.freeze({ ...sum.finish(head) });
}
