/**
 * What the leaves of a plan read: views over staged files, Parquet files, stored results; each made once per session.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Relation, ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { inputsOf } from "../../plan/ir/walk.js";
import { partitionsOf } from "../../plan/partitions.js";
import { batchWriter, canWriteBatches } from "../../shapes/shred/batch-writer.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeToJson } from "../../types/json.js";
import { batchOfRows, batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import { copyToStaging } from "../copy-to-staging.js";
import {
  describeFiles,
  FileStaging,
  groupBy,
  once,
  parquetTypeOf,
  plannedNote,
  requireUnchanged,
  withoutPartitions,
  type StagedPart,
} from "../file-staging.js";
import type { RunOptions } from "../index.js";
import { interrupted } from "../interrupted.js";
import type { SourceOf } from "../sql/scope.js";
import { leafUses, scanBytes, ScanCounts } from "../stages.js";
import { compileRelation } from "./compile-relation.js";
import { damagedFile } from "./failure.js";
import { ParquetFiles, type PartitionedFile } from "./parquet-files.js";
import { identifier, text } from "./quote.js";
import { schemaText } from "./spark-type.js";
import { typedQuery } from "./typed-query.js";
import { rowsSql } from "./value-sql.js";
import type { SparkWorkspace } from "./workspace.js";

/** Where a leaf's rows come from, for explain(). */
export type SourceNote = { readonly node: Relation; readonly note: string };

/** Rows that go as SQL constants. */
const FEW_ROWS = 200;

export class SparkSources {
  readonly counts = new ScanCounts();
  readonly staging: FileStaging;
  private readonly made = new Map<string, Promise<string>>();
  private readonly values = new WeakMap<Relation, string>();
  private readonly notes = new Map<string, string>();
  /** Folders of what was stored, by the key of the source. */
  private readonly folders = new Map<string, string>();
  private loads = 0;
  private readonly files: ParquetFiles;

  constructor(private readonly workspace: SparkWorkspace) {
    this.staging = new FileStaging(workspace.environment, this.counts, workspace.executors);
    this.files = new ParquetFiles(workspace);
  }

  /** Makes every source of the plan that is not there yet, and returns what to read for each. */
  async prepare(relation: Relation, options: RunOptions): Promise<SourceOf> {
    const ready = new Map<Relation, string>();
    await this.prepareInto(relation, ready, options);
    return lookup(ready);
  }

  /** The same without work: a source not made yet is named, not made. With the notes on each. */
  describe(relation: Relation): { readonly sourceOf: SourceOf; readonly notes: readonly SourceNote[] } {
    const ready = new Map<Relation, string>();
    const notes: SourceNote[] = [];
    const walk = (node: Relation): void => {
      if (ready.has(node)) return;
      const key = this.keyOf(node);
      if (key === undefined) {
        for (const input of inputsOf(node)) walk(input);
        return;
      }
      ready.set(
        node,
        identifier(
          node.kind === "values" ? `values of ${node.rows.length} rows` : `${node.kind} ${"id" in node ? node.id : ""}`,
        ),
      );
      notes.push({ node, note: this.notes.get(key) ?? plannedNote(node) });
      if (node.kind === "materialize" && !this.made.has(key)) walk(node.input);
    };
    walk(relation);
    return { sourceOf: lookup(ready), notes };
  }

  /** What to read for each source, when all of them are there. */
  async alreadyMade(relation: Relation): Promise<SourceOf | undefined> {
    const ready = new Map<Relation, string>();
    const walk = async (node: Relation): Promise<boolean> => {
      const key = this.keyOf(node);
      if (key === undefined) {
        for (const input of inputsOf(node)) if (!(await walk(input))) return false;
        return true;
      }
      const made = await this.made.get(key)?.catch(() => undefined);
      if (made !== undefined) ready.set(node, made);
      return made !== undefined;
    };
    return (await walk(relation)) ? lookup(ready) : undefined;
  }

  /** Notes that a query over the plan runs: it reads the Parquet files that the plan reads. */
  countRun(relation: Relation): void {
    for (const [leaf, uses] of leafUses(relation)) {
      if (leaf.kind === "scan" && leaf.format === "parquet") this.counts.add(leaf.id, uses, uses * scanBytes(leaf));
    }
  }

  /** Removes the files that hold a materialised relation, if it was made; of a scan what was staged. */
  async release(node: Relation): Promise<void> {
    if (node.kind === "scan") {
      for (const key of [...this.made.keys()]) if (key.startsWith(`scan:${node.id}:`)) this.made.delete(key);
      return this.staging.release(node);
    }
    const key = node.kind === "materialize" ? this.keyOf(node) : undefined;
    const made = key === undefined ? undefined : this.made.get(key);
    if (key === undefined || made === undefined) return;
    this.made.delete(key);
    await made;
    const folder = this.folders.get(key);
    this.folders.delete(key);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  /** Rows as a relation that reads them as often as needed. */
  async load(batches: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions): Promise<Relation> {
    const id = `load-${++this.loads}`;
    this.made.set(`table:${id}`, Promise.resolve(await this.loadBatches(batches, type, options)));
    this.notes.set(`table:${id}`, "rows loaded by the driver, where functions ran if there were any");
    return loaded(id, type);
  }

  /** A fresh folder in the staging. */
  async folder(): Promise<string> {
    const folder = join(this.workspace.environment.stagingDirectory, `program-${++this.loads}`);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Parquet files of the layout "nested" as a relation. */
  async adopt(files: readonly string[], type: StructType, options: RunOptions): Promise<Relation> {
    const id = `load-${++this.loads}`;
    this.made.set(
      `table:${id}`,
      Promise.resolve(`(${await this.files.typed(files, type, "TIMESTAMP_NTZ", false, options)})`),
    );
    this.notes.set(`table:${id}`, `${files.length} files written by functions on the executors`);
    return loaded(id, type);
  }

  /** The result of an SQL text as a relation, computed now. */
  async store(sql: string, type: StructType, options: RunOptions): Promise<Relation> {
    const id = `load-${++this.loads}`;
    this.made.set(`table:${id}`, Promise.resolve(await this.storeQuery(`table:${id}`, sql, type, options, "sql")));
    return loaded(id, type);
  }

  /** Files that Spark reads by itself, typed by itself; read by each use. */
  async engineFiles(format: "orc", files: readonly ScanFile[], options: RunOptions): Promise<Relation> {
    const { environment } = this.workspace;
    const local: PartitionedFile[] = [];
    for (const file of files) {
      await requireUnchanged(file, environment);
      local.push({
        path: environment.storage.localPath(file.path) ?? (await copyToStaging(file, environment, options)),
        partition: file.partition,
        address: file.path,
      });
    }
    const links = await this.files.link(local);
    const view = await this.workspace
      .fileView(
        format,
        links.map(({ path }) => path),
        undefined,
        options,
      )
      .catch(async (error: unknown) => {
        throw await this.damagedOf(format, links, error, options);
      });
    const { sql, type } = await typedQuery(this.workspace, `SELECT * FROM ${view}`, options, "query");
    const id = `load-${++this.loads}`;
    this.made.set(`table:${id}`, Promise.resolve(`(${sql})`));
    return loaded(id, type);
  }

  /**
   * The error, or one that names the first file whose schema cannot be read alone: Spark reads them side by side, and
   * does not always say which it was.
   */
  private async damagedOf(
    format: "orc",
    links: readonly PartitionedFile[],
    error: unknown,
    options: RunOptions,
  ): Promise<unknown> {
    if (!(error instanceof DynaframeError) || error.code !== "ENGINE_FAILED") return error;
    for (const { path, address = path } of links) {
      const reason = await this.workspace.fileView(format, [path], undefined, options).then(
        () => undefined,
        (alone: unknown) => alone,
      );
      if (reason instanceof DynaframeError && reason.code === "READ_FAILED") return reason;
      if (reason instanceof DynaframeError && reason.code === "ENGINE_FAILED")
        return damagedFile(address, causeOf(reason), error.cause);
    }
    return error;
  }

  private async prepareInto(node: Relation, ready: Map<Relation, string>, options: RunOptions): Promise<void> {
    if (ready.has(node)) return;
    const key = this.keyOf(node);
    if (key !== undefined) {
      ready.set(node, await once(this.made, key, options, () => this.make(node, key, options)));
      return;
    }
    for (const input of inputsOf(node)) await this.prepareInto(input, ready, options);
  }

  private keyOf(node: Relation): string | undefined {
    switch (node.kind) {
      case "scan":
        return this.staging.scanKey(node);
      case "materialize":
        return `table:${node.id}`;
      case "values": {
        const known = this.values.get(node) ?? `values:${++this.loads}`;
        this.values.set(node, known);
        return known;
      }
      default:
        return undefined;
    }
  }

  private async make(node: Relation, key: string, options: RunOptions): Promise<string> {
    switch (node.kind) {
      case "scan":
        return node.format === "parquet" ? this.scanParquet(node, key, options) : this.scanStaged(node, key, options);
      case "values":
        return this.loadBatches(onlyBatch(node.rows, node.type), node.type, options);
      case "materialize": {
        const sourceOf = await this.prepare(node.input, options);
        this.countRun(node.input);
        const stored = await this.storeQuery(key, compileRelation(node.input, sourceOf), node.type, options, "query");
        const partitions = partitionsOf(node.input);
        // small files are read several to a partition
        return partitions === 1 ? stored : `(SELECT /*+ REPARTITION(${partitions}) */ * FROM ${stored})`;
      }
      default:
        throw new DynaframeError("INVALID_PLAN", `${node.kind} is not a source`);
    }
  }

  /** Stored as Parquet files of the cluster: an executor that is lost does not compute numbers anew. */
  private async storeQuery(
    key: string,
    sql: string,
    type: StructType,
    options: RunOptions,
    purpose: "query" | "sql",
  ): Promise<string> {
    const folder = join(this.workspace.environment.stagingDirectory, `stored-${++this.loads}`);
    this.folders.set(key, folder);
    await this.workspace.run(
      `INSERT OVERWRITE DIRECTORY ${text(`file://${encodeURI(folder)}`)} USING parquet ${sql}`,
      options,
      purpose,
    );
    return this.workspace.parquetView([folder], schemaText(type), options);
  }

  /** A few rows go as SQL, and all whose type the files cannot hold; others as a Parquet file. */
  private async loadBatches(all: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions): Promise<string> {
    const batches = all[Symbol.asyncIterator]();
    const inFile = canWriteBatches(type);
    const head: RecordBatch[] = [];
    let next = await batches.next();
    for (
      let rows = 0;
      next.done !== true && ((rows += next.value.rows.length), rows <= FEW_ROWS || !inFile);
      next = await batches.next()
    ) {
      this.workspace.requireGoing(options);
      head.push(next.value);
    }
    if (next.done === true) return this.files.view(rowsSql(head.flatMap(batchReader(type)), type), options);
    const path = join(this.workspace.environment.stagingDirectory, `rows-${++this.loads}.parquet`);
    const writer = batchWriter(path, type);
    try {
      for (const batch of head) writer.write(batch);
      for (; next.done !== true; next = await batches.next()) {
        this.workspace.requireGoing(options);
        writer.write(next.value);
      }
      writer.finish();
    } catch (error) {
      writer.abandon();
      await rm(path, { force: true });
      throw error;
    }
    return `(${await this.files.typed([path], type, "TIMESTAMP_NTZ", false, options)})`;
  }

  private async scanStaged(node: ScanRelation, key: string, options: RunOptions): Promise<string> {
    const { domain } = node;
    const { type, layout } = this.staging.stagingOf(node);
    const parts = await this.staging.staged(node, options);
    const files = parts.flatMap(({ result, partition }) =>
      result.tables
        .filter((table) => table.domain === (domain?.name ?? ""))
        .flatMap((table) => table.files.map((path) => ({ path, partition }))),
    );
    this.notes.set(
      key,
      `${node.format}: ${describeFiles(node.files)} staged ${layout} by ${this.stagedBy(parts)}, read from ${files.length} Parquet files`,
    );
    const own = domain === undefined ? type : node.type;
    return this.files.unionOf([{ files, type: own }], node, own, "TIMESTAMP_NTZ", options);
  }

  /** Who staged the files, and why not the executors. */
  private stagedBy(parts: readonly StagedPart[]): string {
    const tasks = parts.reduce((sum, { result }) => sum + (result.clusterTasks ?? 0), 0);
    const { executors } = this.workspace;
    if (tasks > 0) return `${tasks} tasks of the executors`;
    if (executors === undefined) return "the driver";
    return `the driver (${executors.refused ?? `the executors are asked for scanned files of ${executors.worthAbove} bytes and more, at paths that they see`})`;
  }

  /**
   * Files of one schema are read together, typed by that schema; then each group is widened to the type of the scan.
   */
  private async scanParquet(node: ScanRelation, key: string, options: RunOptions): Promise<string> {
    const { environment } = this.workspace;
    const typed: { readonly type: StructType; readonly path: string; readonly partition: ScanFile["partition"] }[] = [];
    for (const file of node.files) {
      if (options.signal?.aborted) throw interrupted(options.signal.reason);
      await requireUnchanged(file, environment);
      const type = await parquetTypeOf(file, environment);
      if (type === undefined) continue;
      typed.push({
        type,
        path: environment.storage.localPath(file.path) ?? (await copyToStaging(file, environment, options)),
        partition: file.partition,
      });
    }
    const groups = [...groupBy(typed, ({ type }) => JSON.stringify(typeToJson(type))).values()].map((files) => ({
      type: files[0]?.type ?? node.type,
      files,
    }));
    this.notes.set(key, `parquet: ${describeFiles(node.files)} in ${groups.length} groups of one schema each`);
    return this.files.unionOf(groups, node, withoutPartitions(node), undefined, options);
  }
}

const loaded = (id: string, type: StructType): Relation =>
  Object.freeze({
    kind: "materialize",
    id,
    input: Object.freeze({ kind: "values", rows: Object.freeze([]), type }),
    type,
  });

function lookup(ready: ReadonlyMap<Relation, string>): SourceOf {
  return (node) => {
    const source = ready.get(node);
    if (source === undefined) throw new DynaframeError("INVALID_PLAN", `${node.kind} was not prepared`);
    return source;
  };
}

async function* onlyBatch(rows: readonly Row[], type: StructType): AsyncGenerator<RecordBatch> {
  yield batchOfRows(rows, type);
}

/** What the last cause of a server's error says, without its classes and its stack. */
function causeOf(error: DynaframeError): string {
  const causes = [
    ...(error.cause instanceof Error ? error.cause.message : error.message).matchAll(
      /^Caused by: (?:[\w.$]+: )?(.*)$/gm,
    ),
  ].map(([, text = ""]) => text);
  return causes.at(-1) ?? error.message.split("\n")[0] ?? "";
}
