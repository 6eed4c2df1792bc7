/** A session of the Spark engine: plans in, rows and files out. */
import type { Relation, ScanFile, SinkTarget } from "../../plan/ir/relation.js";
import { shredTablesRewriter } from "../../plan/rewrite/shred-tables.js";
import type { StructType } from "../../types/data-type.js";
import { batchOfRows, batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import { writeAvro } from "../avro-sink.js";
import { countNulled } from "../count-nulled.js";
import { directBatches, directScan, type DirectScan } from "../direct-batches.js";
import type { EngineSession, RunOptions, SqlResult, WrittenFile } from "../index.js";
import { planStages, type ScanCount, type Stage } from "../stages.js";
import { compileOver, compileRelation } from "./compile-relation.js";
import { sparkNulled } from "./nulled-dialect.js";
import { runSql } from "./run-sql.js";
import { writeSink } from "./sink.js";
import { SparkSources } from "./sources.js";
import type { SparkWorkspace } from "./workspace.js";

export class SparkSession implements EngineSession {
  private readonly sources: SparkSources;
  private readonly shredTables = shredTablesRewriter();
  private stored = 0;

  constructor(private readonly workspace: SparkWorkspace) { this.sources = new SparkSources(workspace); }

  async *batches(relation: Relation, options: RunOptions = {}): AsyncGenerator<RecordBatch> {
    const direct = directScan(relation);
    if (direct !== undefined) yield* this.direct(direct, options);
    else for await (const rows of this.computed(relation, options)) yield batchOfRows(rows, relation.type);
  }

  /** Records of text files as they are, or fields of them, tell null from missing; after any other step both are null. */
  async *rows(relation: Relation, options: RunOptions = {}): AsyncGenerator<readonly Row[]> {
    const direct = directScan(relation);
    if (direct === undefined) { yield* this.computed(relation, options); return; }
    const read = batchReader(relation.type);
    for await (const batch of this.direct(direct, options)) yield read(batch);
  }

  private direct(scan: DirectScan, options: RunOptions): AsyncGenerator<RecordBatch> {
    return directBatches(scan, this.workspace, options, (times, bytes) => { this.sources.counts.add(scan.scan.id, times, bytes); });
  }

  private async *computed(asked: Relation, options: RunOptions): AsyncGenerator<readonly Row[]> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    yield* this.workspace.rows(compileRelation(relation, sourceOf), relation.type, options, "query");
  }

  async count(asked: Relation, options: RunOptions = {}): Promise<number> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    return (await this.workspace.numbers(compileOver(relation, sourceOf, (from) => `SELECT count(*) AS n FROM ${from}`), options))[0] ?? 0;
  }

  async write(relation: Relation, target: SinkTarget, options: RunOptions = {}): Promise<readonly WrittenFile[]> {
    const asked = relation.kind === "sink" ? relation.input : relation;
    if (target.format === "avro") return writeAvro(this.rows(asked, options), asked.type, target);
    const input = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(input, options);
    this.sources.countRun(input);
    return writeSink(this.workspace, input, sourceOf, target, options);
  }

  load(rows: AsyncIterable<readonly Row[]>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(rows, type, options);
  }

  loadBatches(batches: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(rowsOf(batches, type), type, options);
  }

  engineFiles(format: "orc", files: readonly ScanFile[], options: RunOptions = {}): Promise<Relation> { return this.sources.engineFiles(format, files, options); }

  async materialize(relation: Relation, options: RunOptions = {}): Promise<Relation> {
    const stored: Relation = relation.kind === "materialize" ? relation
      : Object.freeze({ kind: "materialize", id: `materialized-${++this.stored}`, input: relation, type: relation.type });
    await this.sources.prepare(stored, options);
    return stored;
  }

  release(relation: Relation): Promise<void> { return this.sources.release(relation); }

  async nulledCasts(relation: Relation, options: RunOptions = {}): Promise<ReadonlyMap<string, number>> {
    return countNulled(this.shredTables(relation), sparkNulled, {
      prepare: (root) => this.sources.prepare(root, options),
      row: (sql, node) => {
        this.sources.countRun(node);
        return this.workspace.numbers(sql, options);
      },
      misfits: (scan) => this.sources.staging.misfits(scan, options),
    });
  }

  sql(text: string, views: ReadonlyMap<string, Relation>, options: RunOptions = {}): Promise<SqlResult> {
    return runSql(this.workspace, this.sources, text, views, options);
  }

  async explain(asked: Relation): Promise<string> {
    const relation = this.shredTables(asked);
    const { sourceOf, notes } = this.sources.describe(relation);
    const lines = notes.map(({ node, note }) => `-- ${node.kind}${"id" in node ? ` ${node.id}` : ""}: ${note}`);
    const direct = directScan(asked);
    if (direct !== undefined) lines.unshift(`-- rows: ${direct.scan.format}: ${direct.scan.files.length} files read straight into JavaScript, null and missing apart; other actions run:`);
    const made = await this.sources.alreadyMade(relation);
    const facts = made === undefined ? ["server: shuffles and partitions are known once the sources are made"] : await this.workspace.facts(compileRelation(relation, made));
    return [...lines, ...facts.map((fact) => `-- ${fact}`), compileRelation(relation, sourceOf)].join("\n");
  }

  /** Partitions that hold rows. */
  async partitions(asked: Relation, options: RunOptions = {}): Promise<number> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    const count = (from: string): string => `SELECT count(DISTINCT p) AS n FROM (SELECT spark_partition_id() AS p FROM ${from})`;
    return (await this.workspace.numbers(compileOver(relation, sourceOf, count), options))[0] ?? 0;
  }

  stages(asked: Relation, passes: readonly Relation[]): readonly Stage[] {
    const read = passes.map((pass) => ({ relation: this.shredTables(pass), direct: directScan(pass) !== undefined }));
    return planStages(this.shredTables(asked), read, (scan) => this.sources.staging.reading(scan));
  }

  scans(source: string): ScanCount { return this.sources.counts.of(source); }

  close(): Promise<void> { return this.workspace.close(); }
}

async function* rowsOf(batches: AsyncIterable<RecordBatch>, type: StructType): AsyncGenerator<readonly Row[]> {
  const read = batchReader(type);
  for await (const batch of batches) yield read(batch);
}
