/** Rows and staged Parquet of files whose reader yields records. */
import { rmSync } from "node:fs";
import type { FileRef } from "../../storage/index.js";
import type { StructType } from "../../types/data-type.js";
import { batchOfRows, withConstants, type RecordBatch } from "../../types/record-batch.js";
import type { Value } from "../../types/value.js";
import { checkUnchanged } from "../scan-files.js";
import { ParquetWriter } from "../shred/parquet-writer.js";
import type { StagedRecords, StageFilesContext } from "../shred/shred-files.js";
import type { ReadBatchesContext } from "../shred/shred-batches.js";
import { stagedPath } from "../shred/staged-tables.js";
import { stageProgress } from "../stage-progress.js";
import { placeRecord, type OnMisfit } from "./place-value.js";
import { FlatRecord } from "./flat-rows.js";
import { flatWriter } from "./flat-writer.js";
import type { RecordReader, SourceRecord } from "./record-reader.js";
import { domainTables, nestedTable, type RowTable } from "./row-tables.js";
import { readEvents } from "./run-reader.js";

/** DuckDB's row group; smaller ones cost readers more than they save. */
const FULL_ROWS = 122_880;
const FULL_BYTES = 16 << 20;

type ReadContext = Pick<StageFilesContext, "storage" | "signal" | "onProgress">;
type Counts = { records: number; malformed: number };

/** The records of all files, in order, a batch at a time, with a call when a file begins. */
async function* recordsOf(
  files: readonly FileRef[],
  read: RecordReader,
  context: ReadContext,
  counts: Counts,
  begin: (file: FileRef) => void,
): AsyncGenerator<readonly SourceRecord[], void, undefined> {
  const onRead = stageProgress(files, context.onProgress);
  for (const ref of files) {
    context.signal?.throwIfAborted();
    begin(ref);
    for await (const events of readEvents(ref, read, context, onRead)) {
      const records = events.filter((event) => event.kind === "record");
      for (const event of events) if (event.kind === "malformed") counts.malformed++;
      counts.records += records.length;
      if (records.length > 0) yield records;
    }
    await checkUnchanged(ref, context.storage);
  }
}

/**
 * The records of `files`, in their order, as `shredBatches` has them, with `onMisfit` told of the path of each value
 * that no arm of `type` holds.
 */
export async function* readRecords(
  files: readonly FileRef[],
  type: StructType,
  read: RecordReader,
  context: ReadBatchesContext & { readonly onMisfit?: OnMisfit },
): AsyncGenerator<RecordBatch, void, undefined> {
  let constants: readonly Value[] = [];
  const begin = (file: FileRef): void => {
    constants = Object.values(context.constants?.(file) ?? {});
  };
  const onMisfit = context.onMisfit ?? (() => undefined);
  for await (const records of recordsOf(files, read, context, { records: 0, malformed: 0 }, begin)) {
    yield withConstants(
      batchOfRows(
        records.map((record) => placeRecord(record, type, onMisfit)),
        type,
      ),
      constants,
    );
  }
}

/**
 * Writes the records of `files` as Parquet into `context.directory`, as `shredJsonFiles` does; maps are staged too,
 * with the layout "nested".
 * @throws as `shredJsonFiles`. No file of ours is left behind then.
 */
export async function stageRecords(
  files: readonly FileRef[],
  type: StructType,
  layout: "nested" | "tables",
  read: RecordReader,
  context: StageFilesContext,
): Promise<StagedRecords> {
  const counts: Counts = { records: 0, malformed: 0 };
  const stage = recordStage(type, layout, context.directory);
  try {
    for await (const records of recordsOf(files, read, context, counts, () => undefined)) stage.add(records);
    return { tables: stage.finish(), ...counts, misfits: stage.misfits };
  } catch (error) {
    stage.abandon();
    throw error;
  }
}

/**
 * Records on their way into staged tables. What `add` and `finish` throw leaves files behind, which `abandon` removes.
 */
export type RecordStage = {
  add(records: readonly SourceRecord[]): void;
  finish(): StagedRecords["tables"];
  abandon(): void;
  readonly misfits: ReadonlyMap<string, number>;
};

export function recordStage(type: StructType, layout: "nested" | "tables", directory: string): RecordStage {
  const misfits = new Map<string, number>();
  const onMisfit = (path: string): void => void misfits.set(path, (misfits.get(path) ?? 0) + 1);
  const { tables, add } = recordTables(type, layout, onMisfit);
  const writers = tables.map((table, i) => ({
    table,
    writer: new ParquetWriter(stagedPath(directory, i, 0), table.schema),
  }));
  return {
    misfits,
    add(records) {
      for (const record of records) add(record);
      for (const { table, writer } of writers) if (isFull(table)) flush(table, writer);
    },
    finish() {
      for (const { table, writer } of writers) {
        flush(table, writer);
        writer.finish();
      }
      return writers.map(({ table, writer }) => ({ domain: table.domain, files: [writer.path], rows: writer.rows }));
    },
    abandon() {
      for (const { writer } of writers) {
        writer.abandon();
        rmSync(writer.path, { force: true });
      }
    },
  };
}

type RecordTables = { readonly tables: readonly RowTable[]; readonly add: (record: SourceRecord) => void };

function recordTables(type: StructType, layout: "nested" | "tables", onMisfit: OnMisfit): RecordTables {
  if (layout === "tables") {
    const { tables, add } = domainTables(type);
    return {
      tables,
      add: (record) => {
        add(placeRecord(record, type, onMisfit));
      },
    };
  }
  const { table, fields, add } = nestedTable(type);
  const addFlat = flatWriter(type, fields, onMisfit);
  return {
    tables: [table],
    add(record) {
      if (!(record instanceof FlatRecord)) return add(placeRecord(record, type, onMisfit));
      table.pending++;
      addFlat(record);
    },
  };
}

const isFull = ({ pending, columns }: RowTable): boolean =>
  pending >= FULL_ROWS || columns.reduce((sum, column) => sum + column.bytes, 0) >= FULL_BYTES;

function flush(table: RowTable, writer: ParquetWriter): void {
  if (table.pending === 0) return;
  writer.writeRowGroup(
    table.pending,
    table.columns.map((column) => column.takePage()),
  );
  table.pending = 0;
}
