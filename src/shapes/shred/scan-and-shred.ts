/**
 * JSON files scanned and shredded from one reading of their bytes, by a type guessed from a sample
 * (docs/decisions/0172).
 */
import { rmSync } from "node:fs";
import type { FileRef } from "../../storage/index.js";
import { struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { ledgerType } from "../ledger-type.js";
import type { FileLedger } from "../ledger.js";
import { mergeNodes } from "../merge-ledgers.js";
import { localOf, planTasks } from "../plan-tasks.js";
import { scanFiles } from "../scan-files.js";
import type { ScanFilesContext, ScanFilesOptions } from "../scan-options.js";
import { runScanTask, type RecordReader, type ScanTask } from "../scan-task.js";
import { typeToJson } from "../../types/json.js";
import { createSampler, type AsideFiles } from "./aside-scanner.js";
import { planNested } from "./plan-nested.js";
import type { ShredPlan } from "./plan.js";
import { planResult, type ResultPlan, type WantedResult } from "./result-columns.js";
import { joinParts, type ResultFile } from "./result-file.js";
import type { StagedRecords } from "./shred-files.js";
import type { StagedFile } from "./staged-tables.js";

/** What is wanted of records of that type; undefined where that cannot be said. */
export type Wanted = (type: StructType) => StructType | undefined;

export type ScanAndShredOptions = Pick<ScanFilesOptions, "maxRecord" | "workersAbove" | "rangeBytes"> & {
  readonly reader: RecordReader & { readonly kind: "json" };
  /** Stored bytes below which it is not worth it. */
  readonly above?: number;
};

export type ScanAndShredContext = ScanFilesContext & {
  /** A local folder for the files, made when it is needed and used for nothing else. */
  readonly folder: () => Promise<string>;
  /**
   * What of records of that type shall be written as a file to keep, beside what is wanted of them; undefined where it
   * is not made of their fields.
   */
  readonly resultOf?: ((type: StructType) => WantedResult | undefined) | undefined;
};

/** A file of all records, which is the result only if it is what is asked of the ledgers' own type. */
export type ShreddedResult = { readonly asked: WantedResult; readonly file: ResultFile };

export type ScannedAndShredded = {
  readonly ledgers: readonly FileLedger[];
  /**
   * The records as Parquet of the layout "nested" of `type`, which is right only if it is what is wanted of the
   * ledgers' own type; absent where that is known to be otherwise.
   */
  readonly shredded?: { readonly type: StructType; readonly result: StagedRecords; readonly written?: ShreddedResult };
};

/** Less is read twice in no time. */
const ABOVE_BYTES = 32 << 20;
/** Blocks that are looked at for the guess, each in another part of the data. */
const SAMPLES = 8;

/**
 * Ledgers as `scanJsonFiles` gives them, and beside them the wanted fields of all records. Undefined, with nothing read
 * but a sample, where it is not worth it: few bytes, files from afar, other machines that scan, a guess that says
 * nothing or is wanted as a whole, which is wrong too often.
 * @throws as `scanFiles`; what goes wrong with the columns alone only leaves them out.
 */
export async function scanAndShred(
  files: readonly FileRef[],
  wanted: Wanted,
  options: ScanAndShredOptions,
  context: ScanAndShredContext,
): Promise<ScannedAndShredded | undefined> {
  const { above = ABOVE_BYTES, ...scanned } = options;
  if (
    context.cluster !== undefined
    || files.reduce((sum, { size }) => sum + size, 0) < above
    || files.some((ref) => localOf(ref, context) === undefined)
  )
    return undefined;
  const guess = await sampledType(files, { ...scanned, format: "json" }, context);
  const type = wanted(guess);
  const plan = type === undefined || type.fields.length === 0 || type === guess ? undefined : planOf(type);
  if (type === undefined || plan === undefined) return undefined;
  const asked = context.resultOf?.(guess);
  const resultPlan = asked && planResult(asked, plan);
  const directory = await context.folder();
  const ledgers: FileLedger[] = [];
  let shredded: AsideFiles | undefined;
  const aside = {
    plan,
    directory,
    result: resultPlan,
    onShredded: (of: AsideFiles | undefined) => {
      shredded = of;
    },
  };
  try {
    for await (const ledger of scanFiles(files, { ...scanned, format: "json" }, { ...context, aside }))
      ledgers.push(ledger);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  if (shredded === undefined) return { ledgers };
  const result = recordsOf(shredded.staged, ledgers);
  if (result.tables.every(({ rows }) => rows === result.records)) {
    const file = resultPlan && asked && joined(shredded, resultPlan, asked);
    return {
      ledgers,
      shredded: {
        type,
        result,
        ...(asked !== undefined && file?.rows === result.records ? { written: { asked, file } } : {}),
      },
    };
  }
  // a thread that ended while it had no task took its rows along
  rmSync(directory, { recursive: true, force: true });
  return { ledgers };
}

/** Removes what was shredded for nothing. */
export function discardShredded({ result: { tables }, written }: NonNullable<ScannedAndShredded["shredded"]>): void {
  for (const path of tables.flatMap(({ files }) => files)) rmSync(path, { force: true });
  if (written !== undefined) rmSync(written.file.path, { force: true });
}

/** The whole of the parts; undefined where it cannot be written, which the write tells that is left to do it. */
function joined({ parts }: AsideFiles, plan: ResultPlan, { type }: WantedResult): ResultFile | undefined {
  try {
    return joinParts(parts, plan, { "dynaframe.schema": JSON.stringify(typeToJson(type)) });
  } catch (error) {
    for (const { path } of parts) rmSync(path, { force: true });
    if (error instanceof DynaframeError) return undefined;
    throw error;
  }
}

/** Undefined for a type that cannot be staged, which is said where it is. */
function planOf(type: StructType): ShredPlan | undefined {
  try {
    return planNested(type);
  } catch (error) {
    if (error instanceof DynaframeError) return undefined;
    throw error;
  }
}

/** The type of the records at the front of some of the tasks that a scan has, evenly spread. */
async function sampledType(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
): Promise<StructType> {
  const tasks: ScanTask[] = [];
  for await (const { tasks: own } of planTasks(files, options, context).files) tasks.push(...own);
  const step = Math.max(1, tasks.length / SAMPLES);
  const scanner = createSampler();
  const roots = [];
  for (let at = 0; at < tasks.length; at += step) {
    const { expected: _, ...task } = tasks[Math.floor(at)]
      ?? tasks[0] ?? { file: "", local: undefined, reader: options.reader };
    const part = await runScanTask(scanner, task, {
      storage: context.storage,
      signal: context.signal,
      onRead: () => undefined,
      blocks: 1,
    });
    roots.push(part.root);
  }
  return roots.length === 0 ? struct([]) : ledgerType({ root: mergeNodes(roots) });
}

function recordsOf(files: readonly StagedFile[], ledgers: readonly FileLedger[]): StagedRecords {
  const full = files.filter(({ rows }) => rows > 0);
  const kept = full.length > 0 ? full : files.slice(0, 1);
  return {
    tables: [{ domain: "", files: kept.map(({ path }) => path), rows: kept.reduce((sum, { rows }) => sum + rows, 0) }],
    records: ledgers.reduce((sum, { records }) => sum + records, 0),
    malformed: ledgers.reduce((sum, { malformed }) => sum + malformed, 0),
    misfits: new Map(),
  };
}
