/**
 * Plans that only read local Parquet files go to JavaScript without the engine: of the columns only what a function
 * looks at is read.
 */
import { fileBatches, readableFile } from "../../formats/parquet/columns/read-rows.js";
import type { ScanFile } from "../../plan/ir/relation.js";
import type { Relation } from "../../plan/ir/relation.js";
import { firstOf, selectFields, withConstants, type RecordBatch } from "../../types/record-batch.js";
import { sameType } from "../../types/same-type.js";
import { parquetScan, partitionRow, type DirectHost, type DirectScan } from "../direct-batches.js";
import { parquetTypeOf, requireUnchanged, withoutPartitions } from "../file-staging.js";
import type { RunOptions } from "../index.js";
import { interrupted } from "../interrupted.js";

/** Its files, as local paths. */
export type StoredScan = DirectScan & { readonly files: readonly { readonly path: string; readonly file: ScanFile }[] };

/** The plan as such a scan, if it is one: all files are here, of the type of the scan, and can be read so. */
export async function storedScan(
  relation: Relation,
  { environment }: DirectHost,
  options: RunOptions,
): Promise<StoredScan | undefined> {
  const direct = parquetScan(relation);
  if (direct === undefined) return undefined;
  const { scan } = direct;
  const own = withoutPartitions(scan);
  const files: StoredScan["files"][number][] = [];
  for (const file of scan.files) {
    if (options.signal?.aborted) throw interrupted(options.signal.reason);
    const path = environment.storage.localPath(file.path);
    if (path === undefined) return undefined;
    await requireUnchanged(file, environment);
    const type = await parquetTypeOf(file, environment);
    if (type === undefined) continue;
    if (!sameType(type, own) || readableFile(path, type) === undefined) return undefined;
    files.push({ path, file });
  }
  return { ...direct, files };
}

/** Its records, in the order of the files. */
export async function* storedBatches(
  { scan, limit, fields, files }: StoredScan,
  host: DirectHost,
  options: RunOptions,
): AsyncGenerator<RecordBatch> {
  const type = withoutPartitions(scan);
  const names = [...type.fields.map(({ name }) => name), ...scan.partitionKeys];
  const positions = fields.map(({ from }) => names.indexOf(from));
  let left = limit;
  for (const { path, file } of files) {
    if (left <= 0) return;
    const readable = readableFile(path, type);
    if (readable === undefined) throw interrupted(new Error(`${path} changed`));
    const constants = Object.values(partitionRow(file, scan, scan.partitionKeys));
    for (const batch of fileBatches(readable)) {
      host.requireGoing(options);
      yield firstOf(selectFields(withConstants(batch, constants), positions), left);
      left -= batch.rows.length;
      if (left <= 0) return;
    }
  }
}
