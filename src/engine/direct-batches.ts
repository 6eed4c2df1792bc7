/**
 * Plans that only read text files go to JavaScript without the engine, whose tables hold no missing fields: null and
 * missing stay apart, and nothing is staged.
 */
import { availableParallelism } from "node:os";
import { formatOf } from "../formats/registry.js";
import type { Relation, ScanFile, ScanRelation } from "../plan/ir/relation.js";
import { castValue } from "../types/cast.js";
import { fieldOf, STRING, struct } from "../types/data-type.js";
import { firstOf, selectFields, type RecordBatch } from "../types/record-batch.js";
import { setField, type Row } from "../types/value.js";
import type { EngineEnvironment, RunOptions } from "./index.js";
import { interrupted } from "./interrupted.js";

/** What an engine session has to give. `requireGoing` throws when it is closed or the caller has stopped. */
export type DirectHost = {
  readonly environment: EngineEnvironment;
  readonly requireGoing: (options: RunOptions) => void;
};

/** A scan of text, some of whose fields are taken, perhaps under other names, of the first `limit` records. */
export type DirectScan = {
  readonly scan: ScanRelation;
  readonly limit: number;
  readonly fields: readonly { readonly name: string; readonly from: string }[];
};

/** The plan as such a scan, if it is one: a scan of records below limits and projections of plain fields only. */
export const directScan = (relation: Relation): DirectScan | undefined =>
  plainScan(relation, ({ format, domain }) => format !== "parquet" && domain === undefined);

/** The plan as a scan of Parquet files as they are, if it is one. */
export const parquetScan = (relation: Relation): DirectScan | undefined =>
  plainScan(relation, ({ format, domain }) => format === "parquet" && domain === undefined);

/** The same of scans that `fits`. */
function plainScan(relation: Relation, fits: (scan: ScanRelation) => boolean): DirectScan | undefined {
  switch (relation.kind) {
    case "scan":
      return fits(relation)
        ? { scan: relation, limit: Infinity, fields: relation.type.fields.map(({ name }) => ({ name, from: name })) }
        : undefined;
    case "limit": {
      const input = plainScan(relation.input, fits);
      return input && { ...input, limit: Math.min(input.limit, relation.count) };
    }
    case "project": {
      const input = plainScan(relation.input, fits);
      const known = new Map(input?.fields.map(({ name, from }) => [name, from]));
      const fields = relation.fields.map(({ name, value }) => ({
        name,
        from: value.kind === "field" && value.of.kind === "input" ? known.get(value.name) : undefined,
      }));
      const plain = fields.filter((f): f is { readonly name: string; readonly from: string } => f.from !== undefined);
      return input && plain.length === fields.length ? { ...input, fields: plain } : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Its records, as batches of the plan's type, in the order of the files. `count` is told of the scan, and of bytes as
 * they are read.
 */
export async function* directBatches(
  { scan, limit, fields }: DirectScan,
  host: DirectHost,
  options: RunOptions,
  count: (scans: number, bytes: number) => void,
): AsyncGenerator<RecordBatch> {
  const { storage } = host.environment;
  const wanted = scan.type.fields.filter(({ name }) => fields.some(({ from }) => from === name));
  const type = struct(wanted.filter(({ name }) => !scan.partitionKeys.includes(name)));
  const order = [
    ...type.fields.map(({ name }) => name),
    ...scan.partitionKeys.filter((key) => wanted.some(({ name }) => name === key)),
  ];
  const positions = fields.map(({ from }) => order.indexOf(from));
  const partitioned = wanted.length > type.fields.length;
  let left = limit;
  host.requireGoing(options);
  if (left === 0) return;
  count(1, 0);
  const read =
    formatOf(scan.format).batches?.(scan.files, scan.options, type, {
      storage,
      workers: host.environment.threads ?? Math.min(8, availableParallelism()),
      onProgress: progressOf(host, options, count),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(partitioned
        ? {
            constants: (file: ScanFile) =>
              partitionRow(
                file,
                scan,
                wanted.map(({ name }) => name),
              ),
          }
        : {}),
    }) ?? [];
  try {
    for await (const batch of read) {
      host.requireGoing(options);
      yield firstOf(selectFields(batch, positions), left);
      left -= batch.rows.length;
      if (left <= 0) return;
    }
  } catch (error) {
    throw options.signal?.aborted ? interrupted(error) : error;
  }
}

function progressOf(
  { environment }: DirectHost,
  { onProgress }: RunOptions,
  count: (scans: number, bytes: number) => void,
): NonNullable<RunOptions["onProgress"]> {
  let before = 0;
  return (progress) => {
    environment.onBytesRead?.("stage", progress.bytesDone - before);
    count(0, progress.bytesDone - before);
    before = progress.bytesDone;
    onProgress?.(progress);
  };
}

/** The partition columns that are wanted, with the values that the file's folder has for them. */
export function partitionRow(
  { partition }: ScanFile,
  { partitionKeys, type }: ScanRelation,
  wanted: readonly string[],
): Row {
  const row = {};
  partitionKeys.forEach((key, i) => {
    const text = partition?.[i] ?? null;
    const keyType = fieldOf(type, key)?.type;
    if (keyType === undefined || !wanted.includes(key)) return;
    const cast = castValue(text, STRING, keyType);
    setField(row, key, cast.ok ? cast.value : null);
  });
  return row;
}
