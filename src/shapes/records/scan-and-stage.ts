/**
 * Records counted and staged from one reading of their files, by a type guessed from a sample (docs/decisions/0212).
 */
import { rmSync } from "node:fs";
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { sameType } from "../../types/same-type.js";
import { ledgerType } from "../ledger-type.js";
import type { FileLedger, LedgerNode } from "../ledger.js";
import { mergeNodes } from "../merge-ledgers.js";
import { localOf } from "../plan-tasks.js";
import { checkUnchanged, toFileLedger } from "../scan-files.js";
import type { ScanFilesContext } from "../scan-options.js";
import type { StagedRecords } from "../shred/shred-files.js";
import { createLedgerBuilder, type LedgerBuilder } from "./ledger-builder.js";
import type { RecordEvent, RecordReader, SourceRecord } from "./record-reader.js";
import { readEvents } from "./run-reader.js";
import { recordStage, type RecordStage } from "./stage-records.js";

export type ScanAndStageContext = ScanFilesContext & {
  /** A local folder for the files, made when it is needed and used for nothing else. */
  readonly folder: () => Promise<string>;
  readonly onStaging?: () => void;
};

export type ScannedAndStaged = {
  readonly ledgers: readonly FileLedger[];
  /**
   * The records with the layout "nested" of `type`, which is right only if it is what is wanted of the ledgers' own
   * type; absent where that is known to be otherwise.
   */
  readonly staged?: { readonly type: StructType; readonly result: StagedRecords; readonly discard: () => void };
};

/** Less is read twice in no time. */
const ABOVE_BYTES = 32 << 20;
/** Files that are looked into for the guess, and records of each. */
const SAMPLED_FILES = 8;
const SAMPLED_RECORDS = 2000;
/**
 * Looks at what is new in the records, each of which walks the ledger: data whose names are values have something new
 * all the time.
 */
const MAX_LOOKS = 50;

/**
 * Ledgers as `scanRecords` gives them, and beside them what is wanted of the records. Undefined, with nothing read but
 * a sample, where it is not worth it: few bytes, files from afar, a guess that says nothing.
 * @throws as `scanRecords`; what goes wrong with the staging alone only leaves it out.
 */
export async function scanAndStageRecords(
  files: readonly FileRef[],
  format: string,
  read: RecordReader,
  wanted: (type: StructType) => StructType | undefined,
  context: ScanAndStageContext,
  above = ABOVE_BYTES,
): Promise<ScannedAndStaged | undefined> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes < above || files.some((ref) => localOf(ref, context) === undefined)) return undefined;
  const sample = await sampled(files, read, context);
  const type = wanted(ledgerType({ root: sample }));
  if (type === undefined || type.fields.length === 0) return undefined;
  const directory = await context.folder();
  const aside = new Aside(type, directory, sample, wanted);
  context.onStaging?.();
  const ledgers: FileLedger[] = [];
  let filesDone = 0;
  let bytesDone = 0;
  let records = 0;
  let malformed = 0;
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
  try {
    for (const ref of files) {
      context.signal?.throwIfAborted();
      const builder = createLedgerBuilder(ref.path);
      aside.begin();
      const events = readEvents(ref, read, context, onRead);
      let next = await events.next();
      for (; next.done !== true; next = await events.next()) {
        for (const event of next.value) builder.add(event);
        aside.add(next.value, builder);
      }
      await checkUnchanged(ref, context.storage);
      filesDone++;
      report();
      const ledger = toFileLedger(ref, format, [builder.finish(next.value)]);
      records += ledger.records;
      malformed += ledger.malformed;
      ledgers.push(ledger);
    }
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  const tables = aside.finish();
  if (tables === undefined) {
    rmSync(directory, { recursive: true, force: true });
    return { ledgers };
  }
  return {
    ledgers,
    staged: {
      type,
      result: { tables, records, malformed, misfits: new Map() },
      discard: () => {
        rmSync(directory, { recursive: true, force: true });
      },
    },
  };
}

/** The staging, until the records show that the guess was wrong. */
class Aside {
  private stage: RecordStage | undefined;
  /** Types met in the file in hand when it was looked at last. */
  private met = 0;
  private looks = 0;

  constructor(
    private readonly type: StructType,
    directory: string,
    private readonly sample: LedgerNode,
    private readonly wanted: (type: StructType) => StructType | undefined,
  ) {
    this.attempt(() => {
      this.stage = recordStage(type, "nested", directory);
    });
  }

  begin(): void {
    this.met = 0;
  }

  add(events: readonly RecordEvent[], builder: LedgerBuilder): void {
    const { stage } = this;
    if (stage === undefined) return;
    if (builder.met() !== this.met && this.looks < MAX_LOOKS) {
      this.met = builder.met();
      this.looks++;
      const type = this.wanted(ledgerType({ root: mergeNodes([this.sample, builder.root()]) }));
      if (type === undefined || !sameType(type, this.type)) {
        this.abandon();
        return;
      }
    }
    this.attempt(() => {
      stage.add(events.filter((event): event is SourceRecord => event.kind === "record"));
    });
    if (stage.misfits.size > 0) this.abandon();
  }

  /** Undefined where the guess was wrong, or the files cannot be written, which the staging that is to come tells. */
  finish(): StagedRecords["tables"] | undefined {
    return this.attempt(() => this.stage?.finish());
  }

  private attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.abandon();
      if (error instanceof DynaframeError) return undefined;
      throw error;
    }
  }

  private abandon(): void {
    this.stage?.abandon();
    this.stage = undefined;
  }
}

/** What the records at the front of some of the files have. */
async function sampled(files: readonly FileRef[], read: RecordReader, context: ScanFilesContext): Promise<LedgerNode> {
  const step = Math.max(1, files.length / SAMPLED_FILES);
  const roots: LedgerNode[] = [];
  for (let at = 0; at < files.length; at += step) {
    const ref = files[Math.floor(at)];
    if (ref === undefined) break;
    const builder = createLedgerBuilder(ref.path);
    let records = 0;
    for await (const events of readEvents(ref, read, context, () => undefined)) {
      for (const event of events) {
        builder.add(event);
        if (event.kind === "record") records++;
      }
      if (records >= SAMPLED_RECORDS) break;
    }
    roots.push(builder.root());
  }
  return mergeNodes(roots);
}
