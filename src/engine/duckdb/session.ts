/** A session of the DuckDB engine: plans in, rows and files out. */
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import { ROWS_ONLY } from "../../plan/needed-fields.js";
import { divisionOf, type Division } from "../../plan/partitions.js";
import { shredTablesRewriter } from "../../plan/rewrite/shred-tables.js";
import { unpartitionedRewriter } from "../../plan/rewrite/unpartitioned.js";
import type { StructType } from "../../types/data-type.js";
import { batchOfRows, batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import { directBatches, directScan, parquetScan } from "../direct-batches.js";
import type { EngineSession, RunOptions, SavedTable, SavedView, SqlResult, WrittenFile } from "../index.js";
import type { StoredScan } from "./stored-batches.js";
import { planStages, type ScanCount, type Stage } from "../stages.js";
import { takeWritten } from "./written-by-scan.js";
import { compileOver, compileRelation } from "./compile-relation.js";
import { runSql } from "./run-sql.js";
import { chunkReader } from "./read-values.js";
import { isDeep, linesOf } from "./deep-lines.js";
import { failure } from "./failure.js";
import { Sources } from "./sources.js";
import type { Workspace } from "./workspace.js";

export class DuckdbSession implements EngineSession {
  private readonly sources: Sources;
  private readonly unpartitioned = unpartitionedRewriter();
  private readonly shredded = shredTablesRewriter();
  private stored = 0;
  /** How the rows of plans that went through functions were read. */
  private readonly readAs = new WeakMap<Relation, RowsRead>();

  constructor(private readonly workspace: Workspace) {
    this.sources = new Sources(workspace);
  }

  start(): Promise<void> {
    return this.workspace.start();
  }

  /**
   * Records of text files as they are, or fields of them, tell null from missing. After any other step both are null:
   * DuckDB's structs do not tell them apart.
   */
  async *batches(asked: Relation, options: RunOptions = {}): AsyncGenerator<RecordBatch> {
    const direct = directScan(this.unpartitioned(asked));
    if (direct !== undefined) {
      this.readAs.set(asked, "direct");
      yield* directBatches(direct, this.workspace, options, (times, bytes) => {
        this.sources.counts.add(direct.scan.id, times, bytes);
      });
      return;
    }
    const relation = this.shredTables(asked);
    const stored = await this.storedScan(relation, options);
    this.readAs.set(asked, stored === undefined ? "query" : "columns");
    if (stored !== undefined) {
      this.sources.countRun(relation);
      const { storedBatches } = await import("./stored-batches.js");
      yield* storedBatches(stored, this.workspace, options);
      return;
    }
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    const read = chunkReader(relation.type, await this.workspace.api());
    const { damaged } = this.sources;
    yield* this.workspace.pull(options, "query", async function* (channel) {
      try {
        for await (const chunk of channel.stream(compileRelation(relation, sourceOf))) yield* read(chunk);
      } catch (error) {
        throw await damaged.named(relation, failure(error, "query"));
      }
    });
  }

  async *rows(relation: Relation, options: RunOptions = {}): AsyncGenerator<readonly Row[]> {
    const read = batchReader(relation.type);
    for await (const batch of this.batches(relation, options)) yield read(batch);
  }

  async count(asked: Relation, options: RunOptions = {}): Promise<number> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options, ROWS_ONLY);
    this.sources.countRun(relation);
    const sql = compileOver(relation, sourceOf, (from) => `SELECT count(*) FROM ${from}`);
    return this.sources.damaged.naming(
      relation,
      this.workspace.use(options, "query", async (channel) => Number((await channel.run(sql))[0]?.[0] ?? 0)),
    );
  }

  async write(relation: Relation, target: SinkTarget, options: RunOptions = {}): Promise<readonly WrittenFile[]> {
    const asked = relation.kind === "sink" ? relation.input : relation;
    const division = await divisionOf(asked, () => this.count(asked, options));
    if (target.format === "avro")
      return (await import("../avro-sink.js")).writeAvro(this.rows(asked, options), asked.type, target, division);
    const written =
      division.partitions === 1 ? await takeWritten(asked, target, this.sources.staging, options) : undefined;
    if (written !== undefined) return written;
    if (target.format === "json" && isDeep(asked.type)) return this.writeLines(asked, target, division, options);
    const input = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(input, options);
    this.sources.countRun(input);
    const { writeSink } = await import("./sink.js");
    return this.sources.damaged.naming(input, writeSink(this.workspace, input, sourceOf, target, division, options));
  }

  load(rows: AsyncIterable<readonly Row[]>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(batchesOf(rows, type), type, options);
  }

  loadBatches(batches: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(batches, type, options);
  }

  async materialize(relation: Relation, options: RunOptions = {}): Promise<Relation> {
    const stored: Relation =
      relation.kind === "materialize"
        ? relation
        : Object.freeze({
            kind: "materialize",
            id: `materialized-${++this.stored}`,
            input: relation,
            type: relation.type,
          });
    await this.sources.prepare(stored, options);
    return stored;
  }

  release(relation: Relation): Promise<void> {
    return this.sources.release(relation);
  }

  async nulledCasts(relation: Relation, options: RunOptions = {}): Promise<ReadonlyMap<string, number>> {
    const [{ countNulled }, { duckdbNulled }] = await Promise.all([
      import("../sql/count-nulled.js"),
      import("./nulled-dialect.js"),
    ]);
    return countNulled(this.shredTables(relation), duckdbNulled, {
      prepare: (root) => this.sources.prepare(root, options),
      row: async (sql, node) => {
        this.sources.countRun(node);
        return (
          (
            await this.sources.damaged.naming(
              node,
              this.workspace.use(options, "query", (channel) => channel.run(sql)),
            )
          )[0] ?? []
        );
      },
      misfits: (scan) => this.sources.staging.misfits(scan, options),
    });
  }

  async sql(text: string, views: ReadonlyMap<string, Relation>, options: RunOptions = {}): Promise<SqlResult> {
    return runSql(this.workspace, this.sources, text, views, options);
  }

  async saveDatabase(
    file: string | undefined,
    tables: readonly SavedTable[],
    options: RunOptions = {},
  ): Promise<readonly SavedView[]> {
    const { saveDatabase } = await import("./save-database.js");
    return saveDatabase(this.workspace, this.sources, file, tables, options);
  }

  async explain(asked: Relation): Promise<string> {
    const relation = this.shredTables(asked);
    const { sourceOf, notes } = await this.sources.describe(relation);
    const lines = notes.map(({ node, note }) => `-- ${node.kind}${"id" in node ? ` ${node.id}` : ""}: ${note}`);
    const direct = directScan(this.unpartitioned(asked));
    if (direct !== undefined)
      lines.unshift(
        `-- rows: ${direct.scan.format}: ${direct.scan.files.length} files read straight into JavaScript, null and missing apart; other actions run:`,
      );
    // files that are not as they were are for the action to tell of
    const stored = direct === undefined ? await this.storedScan(relation, {}).catch(() => undefined) : undefined;
    if (stored !== undefined)
      lines.unshift(`-- rows: parquet: ${stored.files.length} files ${ROWS_READ.columns}; other actions run:`);
    return [...lines, compileRelation(relation, sourceOf)].join("\n");
  }

  stages(asked: Relation, passes: readonly Relation[]): readonly Stage[] {
    const read = passes.map((pass) => {
      const how = this.readAs.get(pass) ?? (directScan(this.unpartitioned(pass)) === undefined ? "query" : "direct");
      return { relation: this.shredTables(pass), direct: how !== "query", place: `: ${ROWS_READ[how]}` };
    });
    return planStages(this.shredTables(asked), read, (scan) => this.sources.staging.reading(scan));
  }

  scans(source: string): ScanCount {
    return this.sources.counts.of(source);
  }

  close(): Promise<void> {
    return this.workspace.close();
  }

  private async writeLines(
    relation: Relation,
    target: SinkTarget,
    division: Division,
    options: RunOptions,
  ): Promise<readonly WrittenFile[]> {
    const { type, rows } = linesOf(this.rows(relation, options), relation.type, target.partitionKeys);
    const lines = await this.load(rows, type, options);
    try {
      const sourceOf = await this.sources.prepare(lines, options);
      const { writeSink } = await import("./sink.js");
      return await writeSink(this.workspace, lines, sourceOf, target, division, options, true);
    } finally {
      await this.release(lines);
    }
  }

  private async storedScan(relation: Relation, options: RunOptions): Promise<StoredScan | undefined> {
    return parquetScan(relation) === undefined
      ? undefined
      : (await import("./stored-batches.js")).storedScan(relation, this.workspace, options);
  }

  private shredTables(relation: Relation): Relation {
    return this.shredded(this.unpartitioned(relation));
  }
}

type RowsRead = "direct" | "columns" | "query";
const ROWS_READ: { readonly [how in RowsRead]: string } = Object.freeze({
  direct: "read straight into JavaScript",
  columns: "read without DuckDB, of their columns what is looked at",
  query: "read by a query of DuckDB",
});

async function* batchesOf(rows: AsyncIterable<readonly Row[]>, type: StructType): AsyncGenerator<RecordBatch> {
  for await (const batch of rows) yield batchOfRows(batch, type);
}
