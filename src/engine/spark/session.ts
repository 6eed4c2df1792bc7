/** A session of the Spark engine: plans in, rows and files out. */
import type { Relation, ScanFile, SinkTarget } from "../../plan/ir/relation.js";
import { divisionOf } from "../../plan/partitions.js";
import { shredTablesRewriter } from "../../plan/rewrite/shred-tables.js";
import type { TaskCluster } from "../../shapes/task-cluster.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { batchOfRows, batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import { writeAvro } from "../avro-sink.js";
import { countNulled } from "../sql/count-nulled.js";
import { directBatches, directScan, type DirectScan } from "../direct-batches.js";
import type { EngineSession, RowPrograms, RunOptions, SqlResult, WrittenFile } from "../index.js";
import { hasWireForm } from "../wire-rows.js";
import { planStages, type ScanCount, type Stage } from "../stages.js";
import { compileOver, compileRelation, ROW } from "./compile-relation.js";
import { sparkNulled } from "./nulled-dialect.js";
import { runSql } from "./run-sql.js";
import { writeSink } from "./sink.js";
import { SparkSources } from "./sources.js";
import { wireLine } from "./wire-json.js";
import type { SparkWorkspace } from "./workspace.js";

export class SparkSession implements EngineSession {
  private readonly sources: SparkSources;
  private readonly shredTables = shredTablesRewriter();
  private stored = 0;
  /** Plans whose rows went through functions on the executors. */
  private readonly sentTo = new WeakSet<Relation>();

  readonly programs: RowPrograms = {
    folder: () => this.sources.folder(),
    read: (files, type, options = {}) => this.sources.adopt(files, type, options),
    run: async (asked, script, job, take, options = {}) => {
      if (!hasWireForm(asked.type)) return false;
      const relation = this.shredTables(asked);
      const sourceOf = await this.sources.prepare(relation, options);
      this.sources.countRun(relation);
      const done = await this.runProgram(
        compileOver(
          relation,
          sourceOf,
          (from) => `SELECT ${wireLine(ROW, relation.type)} AS \`line\` FROM ${from} AS ${ROW}`,
        ),
        { script, job, take },
        options,
      );
      if (done) this.sentTo.add(asked);
      return done;
    },
  };

  get cluster(): TaskCluster | undefined {
    return this.workspace.executors;
  }

  constructor(private readonly workspace: SparkWorkspace) {
    this.sources = new SparkSources(workspace);
  }

  async *batches(relation: Relation, options: RunOptions = {}): AsyncGenerator<RecordBatch> {
    const direct = directScan(relation);
    if (direct !== undefined) yield* this.direct(direct, options);
    else for await (const rows of this.computed(relation, options)) yield batchOfRows(rows, relation.type);
  }

  /**
   * Records of text files as they are, or fields of them, tell null from missing; after any other step both are null.
   */
  async *rows(relation: Relation, options: RunOptions = {}): AsyncGenerator<readonly Row[]> {
    const direct = directScan(relation);
    if (direct === undefined) {
      yield* this.computed(relation, options);
      return;
    }
    const read = batchReader(relation.type);
    for await (const batch of this.direct(direct, options)) yield read(batch);
  }

  private direct(scan: DirectScan, options: RunOptions): AsyncGenerator<RecordBatch> {
    return directBatches(scan, this.workspace, options, (times, bytes) => {
      this.sources.counts.add(scan.scan.id, times, bytes);
    });
  }

  private async *computed(asked: Relation, options: RunOptions): AsyncGenerator<readonly Row[]> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    yield* this.workspace.rows(compileRelation(relation, sourceOf), relation.type, options, "query");
  }

  private async runProgram(
    query: string,
    { script, job, take }: { readonly script: string; readonly job: Uint8Array; readonly take: (line: string) => void },
    options: RunOptions,
  ): Promise<boolean> {
    let refused = false;
    const refuse = (why: string): void => {
      refused = true;
      this.workspace.environment.onWarning?.(
        "SPARK_EXECUTORS_UNUSED",
        `The executors cannot run functions, so the driver does: ${why}`,
      );
    };
    try {
      for await (const line of this.workspace.programs.lines(
        script,
        job,
        { column: "`line`", from: `(${query})` },
        options,
        refuse,
      ))
        take(line);
    } catch (error) {
      if (
        !(error instanceof DynaframeError)
        || error.code !== "ENGINE_FAILED"
        || !/Subprocess exited/.test(error.message)
      )
        throw error;
      throw new DynaframeError("PROGRAM_FAILED", `A process on an executor ended: ${error.message}`, {
        cause: error,
        hint: "A function must not end its process; see the executor's log.",
      });
    }
    return !refused;
  }

  async count(asked: Relation, options: RunOptions = {}): Promise<number> {
    const relation = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(relation, options);
    this.sources.countRun(relation);
    return (
      (
        await this.workspace.numbers(
          compileOver(relation, sourceOf, (from) => `SELECT count(*) AS n FROM ${from}`),
          options,
        )
      )[0] ?? 0
    );
  }

  /**
   * As the plan says; where it does not, the rows are read, and partitions without rows behind the last with some are
   * not seen.
   */
  async partitions(asked: Relation, options: RunOptions = {}): Promise<number> {
    switch (asked.kind) {
      case "repartition":
        return asked.shuffle
          ? asked.partitions
          : Math.min(asked.partitions, await this.partitions(asked.input, options));
      case "project":
      case "filter":
        return this.partitions(asked.input, options);
      case "union": {
        let sum = 0;
        for (const input of asked.inputs) sum += await this.partitions(input, options);
        return Math.max(1, sum);
      }
      default: {
        const relation = this.shredTables(asked);
        const sourceOf = await this.sources.prepare(relation, options);
        this.sources.countRun(relation);
        return (await this.workspace.numbers(compileOver(relation, sourceOf, lastPartition), options))[0] ?? 1;
      }
    }
  }

  async write(relation: Relation, target: SinkTarget, options: RunOptions = {}): Promise<readonly WrittenFile[]> {
    const asked = relation.kind === "sink" ? relation.input : relation;
    if (target.format === "avro")
      return writeAvro(
        this.rows(asked, options),
        asked.type,
        target,
        await divisionOf(asked, () => this.count(asked, options)),
      );
    const input = this.shredTables(asked);
    const sourceOf = await this.sources.prepare(input, options);
    this.sources.countRun(input);
    return writeSink(this.workspace, input, sourceOf, target, options);
  }

  load(rows: AsyncIterable<readonly Row[]>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(batchesOf(rows, type), type, options);
  }

  loadBatches(batches: AsyncIterable<RecordBatch>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    return this.sources.load(batches, type, options);
  }

  engineFiles(format: "orc", files: readonly ScanFile[], options: RunOptions = {}): Promise<Relation> {
    return this.sources.engineFiles(format, files, options);
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
    if (direct !== undefined)
      lines.unshift(
        `-- rows: ${direct.scan.format}: ${direct.scan.files.length} files read straight into JavaScript, null and missing apart; other actions run:`,
      );
    const made = await this.sources.alreadyMade(relation);
    const facts =
      made === undefined
        ? ["server: shuffles and partitions are known once the sources are made"]
        : await this.workspace.facts(compileRelation(relation, made));
    return [...lines, ...facts.map((fact) => `-- ${fact}`), compileRelation(relation, sourceOf)].join("\n");
  }

  stages(asked: Relation, passes: readonly Relation[]): readonly Stage[] {
    const read = passes.map((pass) => {
      const sent = this.sentTo.has(pass);
      return {
        relation: this.shredTables(pass),
        direct: !sent && directScan(pass) !== undefined,
        place: sent ? " on the executors" : " in the driver",
      };
    });
    return planStages(this.shredTables(asked), read, (scan) => this.sources.staging.reading(scan));
  }

  scans(source: string): ScanCount {
    return this.sources.counts.of(source);
  }

  close(): Promise<void> {
    return this.workspace.close();
  }
}

async function* batchesOf(batches: AsyncIterable<readonly Row[]>, type: StructType): AsyncGenerator<RecordBatch> {
  for await (const rows of batches) yield batchOfRows(rows, type);
}

// coalescing into more partitions than there are keeps them, and keeps the optimizer from computing rows of a constant,
// and the number with them, as if they were one
const lastPartition = (from: string): string =>
  `SELECT CAST(coalesce(max(p), 0) + 1 AS BIGINT) AS n FROM (SELECT spark_partition_id() AS p FROM (SELECT /*+ COALESCE(${MOST_PARTITIONS}) */ * FROM ${from}))`;
const MOST_PARTITIONS = 2 ** 31 - 1;
