/**
 * What the leaves of a plan read: staged files, Parquet files, loaded rows, materialised tables; each made once per
 * session.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Relation, ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import { conform } from "../../plan/conform.js";
import { inputsOf } from "../../plan/ir/walk.js";
import { neededFields, type Need } from "../../plan/needed-fields.js";
import { canWriteBatches } from "../../shapes/shred/batch-writer.js";
import { storedWriter } from "../../shapes/shred/stored-writer.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeToJson } from "../../types/json.js";
import { physicalNames } from "../../types/physical.js";
import { batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import {
  describeFiles,
  FileStaging,
  once,
  parquetTypeOf,
  plannedNote,
  requireUnchanged,
  withoutPartitions,
  type Staging,
} from "../file-staging.js";
import type { RunOptions } from "../index.js";
import { leafUses, scanBytes, ScanCounts } from "../stages.js";
import { compileRelation, ROW } from "./compile-relation.js";
import type { SourceOf } from "../sql/scope.js";
import { compileScalar } from "./compile-scalar.js";
import { rowScope } from "../sql/scope.js";
import { createTable } from "./create-table.js";
import { DamagedFiles } from "./damaged-files.js";
import { CATALOG } from "./macros.js";
import { interrupted } from "../interrupted.js";
import { FILE_COLUMN, typedParquet, withPartitions } from "./parquet-source.js";
import { identifier } from "./quote.js";
import { RemoteFiles } from "./remote-files.js";
import { Unreachable } from "./unreachable.js";
import type { Channel, Workspace } from "./workspace.js";
import { appendRows } from "./write-values.js";

/** Where a leaf's rows come from, for explain(). */
export type SourceNote = { readonly node: Relation; readonly note: string };

/** Before the id of a scan: what was staged of its files goes when no plan has them any more. */
const STAGED = "staged:";

export class Sources {
  readonly counts = new ScanCounts();
  /** By what the source is: `scan:<id>:<type>`, `table:<id>`. */
  private readonly made = new Map<string, Promise<string>>();
  readonly staging: FileStaging;
  readonly damaged: DamagedFiles;
  private readonly values = new WeakMap<Relation, string>();
  /** Files of loaded rows, by the source that reads them. */
  private readonly files = new Map<string, readonly string[]>();
  private readonly notes = new Map<string, string>();
  private readonly remote: RemoteFiles;
  private readonly unreachable: Unreachable;
  private loads = 0;

  constructor(private readonly workspace: Workspace) {
    this.remote = new RemoteFiles(workspace);
    this.unreachable = new Unreachable(
      () => workspace.foundTables(),
      (key) => (key.startsWith(STAGED) ? this.forgetScan(key.slice(STAGED.length)) : this.drop(key)),
    );
    this.staging = new FileStaging(workspace.environment, this.counts, undefined, (files, id) => {
      this.unreachable.watch(files, `${STAGED}${id}`);
    });
    this.damaged = new DamagedFiles(workspace);
  }

  /**
   * Makes every source of the plan that is not there yet, and returns what to read for each: of records as much as the
   * plan needs, of whose rows `need` is read.
   */
  async prepare(relation: Relation, options: RunOptions, need: Need = "all"): Promise<SourceOf> {
    const ready = new Map<Relation, string>();
    await this.prepareInto(relation, ready, neededFields(relation, need), options);
    return lookup(ready);
  }

  /** The same without work: a source not made yet is named, not made. With the notes on each. */
  async describe(relation: Relation): Promise<{ readonly sourceOf: SourceOf; readonly notes: readonly SourceNote[] }> {
    const ready = new Map<Relation, string>();
    const notes: SourceNote[] = [];
    const walk = async (node: Relation): Promise<void> => {
      if (ready.has(node)) return;
      const key = this.keyOf(node);
      if (key === undefined) {
        for (const input of inputsOf(node)) await walk(input);
        return;
      }
      ready.set(
        node,
        identifier(
          node.kind === "values" ? `values of ${node.rows.length} rows` : `${node.kind} ${"id" in node ? node.id : ""}`,
        ),
      );
      const remote = node.kind === "scan" ? await this.remote.describe(node) : undefined;
      notes.push({
        node,
        note: [this.notes.get(key) ?? plannedNote(node), ...(remote === undefined ? [] : [remote])].join("; "),
      });
      if (node.kind === "materialize" && !this.made.has(key)) await walk(node.input);
    };
    await walk(relation);
    return { sourceOf: lookup(ready), notes };
  }

  /** Notes that a query over the plan runs: it reads the Parquet files that the plan reads. */
  countRun(relation: Relation): void {
    for (const [leaf, uses] of leafUses(relation)) {
      if (leaf.kind === "scan" && leaf.format === "parquet") this.counts.add(leaf.id, uses, uses * scanBytes(leaf));
    }
  }

  /** Drops the table or the file that holds a relation, if it was made; of a scan what was staged. */
  async release(node: Relation): Promise<void> {
    if (node.kind === "scan") {
      this.forgetMade(node.id);
      return this.staging.release(node);
    }
    const key =
      node.kind === "materialize" ? this.keyOf(node) : node.kind === "values" ? this.values.get(node) : undefined;
    if (key !== undefined) await this.drop(key);
  }

  private forgetMade(id: string): void {
    for (const key of [...this.made.keys()]) if (key.startsWith(`scan:${id}:`)) this.made.delete(key);
  }

  private async forgetScan(id: string): Promise<void> {
    this.forgetMade(id);
    await this.staging.forget(id);
  }

  private async drop(key: string): Promise<void> {
    const made = this.made.get(key);
    if (made === undefined) return;
    this.made.delete(key);
    const table = await made;
    const files = this.files.get(table);
    this.files.delete(table);
    if (files !== undefined) for (const file of files) await rm(file, { force: true });
    else await this.workspace.use({}, "query", (channel) => channel.run(`DROP TABLE IF EXISTS ${table}`));
  }

  /** Records as a relation that reads them from a table of this session. */
  async load(batches: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions): Promise<Relation> {
    const id = `load-${++this.loads}`;
    return this.loaded(id, type, await this.loadBatches(batches, type, options));
  }

  private loaded(id: string, type: StructType, source: string): Relation {
    const relation: Relation = Object.freeze({
      kind: "materialize",
      id,
      input: Object.freeze({ kind: "values", rows: Object.freeze([]), type }),
      type,
    });
    this.made.set(`table:${id}`, Promise.resolve(source));
    this.unreachable.watch(relation, `table:${id}`);
    return relation;
  }

  /**
   * A few rows go into a table; many into a Parquet file, which is far quicker than DuckDB's appender and need not fit
   * in memory.
   */
  private async loadBatches(all: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions): Promise<string> {
    const batches = all[Symbol.asyncIterator]();
    const head: RecordBatch[] = [];
    let rows = 0;
    for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
      head.push(next.value);
      rows += next.value.rows.length;
      if (rows >= FEW_ROWS) break;
    }
    if (rows < FEW_ROWS || !canWriteBatches(type))
      return this.loadTable(rowsOf(withHead(head, batches), type), type, options);
    const load = ++this.loads;
    const paths: string[] = [];
    const pathOf = (part: number): string =>
      (paths[part] ??= join(this.workspace.environment.stagingDirectory, `rows-${load}-${part}.parquet`));
    const writer = storedWriter(pathOf, type);
    try {
      for await (const batch of checked(withHead(head, batches), options)) await writer.write(batch);
      const parts = await writer.finish();
      const source = await this.workspace.use(options, "query", async (channel) => {
        const selects: string[] = [];
        for (const { path, kept } of parts)
          selects.push(`SELECT * FROM ${await typedParquet(channel, [path], type, false, kept)}`);
        return `(${selects.join(" UNION ALL ")})`;
      });
      this.files.set(source, paths);
      return source;
    } catch (error) {
      writer.abandon();
      for (const path of paths) await rm(path, { force: true });
      throw error;
    }
  }

  /** The result of an SQL text as a relation, computed now. */
  async store(sql: string, type: StructType, channel: Channel): Promise<Relation> {
    const id = `load-${++this.loads}`;
    const table = this.workspace.newTable().sql;
    await channel.run(`CREATE TABLE ${table} AS ${sql}`);
    return this.loaded(id, type, table);
  }

  private async prepareInto(
    node: Relation,
    ready: Map<Relation, string>,
    needed: ReadonlyMap<ScanRelation, StructType>,
    options: RunOptions,
  ): Promise<void> {
    if (ready.has(node)) return;
    const key = this.keyOf(node);
    if (key === undefined) {
      for (const input of inputsOf(node)) await this.prepareInto(input, ready, needed, options);
      return;
    }
    if (node.kind !== "scan" || node.format === "parquet") {
      ready.set(node, await once(this.made, key, options, () => this.make(node, key, options)));
      return;
    }
    const staging = this.staging.stagingOf(node, needed.get(node));
    ready.set(
      node,
      await once(this.made, `${key}:${staging.key}`, options, () => this.scanStaged(node, staging, key, options)),
    );
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
        return this.scanParquet(node, key, options);
      case "values":
        this.unreachable.watch(node, key);
        return this.loadTable(onlyBatch(node.rows), node.type, options);
      case "materialize": {
        this.unreachable.watch(node, key);
        const sourceOf = await this.prepare(node.input, options);
        this.countRun(node.input);
        const { sql } = this.workspace.newTable();
        await this.damaged.naming(
          node.input,
          this.workspace.use(options, "query", (channel) =>
            channel.run(`CREATE TABLE ${sql} AS ${compileRelation(node.input, sourceOf)}`),
          ),
        );
        return sql;
      }
      default:
        throw new DynaframeError("INVALID_PLAN", `${node.kind} is not a source`);
    }
  }

  private async loadTable(rows: AsyncIterable<readonly Row[]>, type: StructType, options: RunOptions): Promise<string> {
    const { name, sql } = this.workspace.newTable();
    await this.workspace.use(options, "query", async (channel) => {
      await channel.run(createTable(sql, type));
      await appendRows(
        channel.connection,
        await this.workspace.api(),
        [CATALOG, "main", name],
        type,
        checked(rows, options),
      );
    });
    return sql;
  }

  private async scanStaged(node: ScanRelation, staging: Staging, key: string, options: RunOptions): Promise<string> {
    const { domain } = node;
    const { type, layout } = staging;
    const parts = await this.staging.staged(node, options, staging);
    const files = parts.flatMap(({ result, partition }) =>
      result.tables
        .filter((table) => table.domain === (domain?.name ?? ""))
        .flatMap((table) => table.files.map((path) => ({ path, partition }))),
    );
    this.notes.set(
      key,
      `${node.format}: ${describeFiles(node.files)} staged ${layout}, read from ${files.length} Parquet files`,
    );
    const own = domain === undefined ? type : node.type;
    return this.workspace.use(options, "query", (channel) => unionOf(channel, [{ files, type: own }], node, own));
  }

  /**
   * Files of one schema are read together, typed by that schema; then each group is widened to the type of the scan.
   */
  private async scanParquet(node: ScanRelation, key: string, options: RunOptions): Promise<string> {
    const { environment } = this.workspace;
    const groups = new Map<string, { type: StructType; files: { path: string; partition: ScanFile["partition"] }[] }>();
    for (const file of node.files) {
      if (options.signal?.aborted) throw interrupted(options.signal.reason);
      await requireUnchanged(file, environment);
      const type = await parquetTypeOf(file, environment);
      if (type === undefined) continue;
      const id = JSON.stringify(typeToJson(type));
      const group = groups.get(id) ?? { type, files: [] };
      const path = await this.remote.pathFor(file, options);
      this.damaged.watch(path, file.path);
      group.files.push({ path, partition: file.partition });
      groups.set(id, group);
    }
    this.notes.set(key, `parquet: ${describeFiles(node.files)} in ${groups.size} groups of one schema each`);
    // a footer that our reader takes may be none to DuckDB
    return this.damaged.naming(
      node,
      this.workspace.use(options, "query", (channel) =>
        unionOf(channel, [...groups.values()], node, withoutPartitions(node)),
      ),
    );
  }
}

type Group = {
  readonly type: StructType;
  readonly files: readonly { readonly path: string; readonly partition: ScanFile["partition"] }[];
};

/** UNION ALL over groups of files, each conformed to the own (not partition) fields of the scan. */
async function unionOf(
  channel: Channel,
  groups: readonly Group[],
  node: ScanRelation,
  own: StructType,
): Promise<string> {
  const partitioned = node.partitionKeys.length > 0;
  const names = physicalNames(own);
  const selects: string[] = [];
  for (const group of groups) {
    if (group.files.length === 0) continue;
    const source = await typedParquet(
      channel,
      group.files.map(({ path }) => path),
      group.type,
      partitioned,
    );
    const record = { kind: "input" as const, type: group.type };
    const conformed = conform(record, own);
    const columns =
      conformed.kind === "struct"
        ? conformed.fields.map(
            ({ value }, i) => `${compileScalar(value, rowScope(ROW))} AS ${identifier(names[i] ?? "")}`,
          )
        : names.map((name) => `${ROW}.${identifier(name)}`);
    const selected = [
      ...(columns.length === 0 ? [`CAST(NULL AS INTEGER) AS ${identifier("~")}`] : columns),
      ...(partitioned ? [identifier(FILE_COLUMN)] : []),
    ];
    selects.push(`SELECT ${selected.join(", ")} FROM ${source} AS ${ROW}`);
  }
  if (selects.length === 0) return emptySource(node.type);
  const source = `(${selects.join(" UNION ALL ")})`;
  return partitioned
    ? withPartitions(
        source,
        names,
        groups.flatMap(({ files }) => files),
        node.partitionKeys,
        node.type,
      )
    : source;
}

const emptySource = (type: StructType): string => `(${compileRelation({ kind: "union", inputs: [], type }, () => "")})`;

function lookup(ready: ReadonlyMap<Relation, string>): SourceOf {
  return (node) => {
    const source = ready.get(node);
    if (source === undefined) throw new DynaframeError("INVALID_PLAN", `${node.kind} was not prepared`);
    return source;
  };
}

/** Rows for which a table does as well. */
const FEW_ROWS = 1000;

async function* withHead(head: readonly RecordBatch[], rest: AsyncIterator<RecordBatch>): AsyncGenerator<RecordBatch> {
  yield* head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* onlyBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

async function* rowsOf(batches: AsyncIterable<RecordBatch>, type: StructType): AsyncGenerator<readonly Row[]> {
  const read = batchReader(type);
  for await (const batch of batches) yield read(batch);
}

async function* checked<T>(batches: AsyncIterable<T>, { signal }: RunOptions): AsyncGenerator<T> {
  for await (const batch of batches) {
    signal?.throwIfAborted();
    yield batch;
  }
}
