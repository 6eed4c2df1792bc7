/** A session of the reference engine: everything is an array of rows in memory. */
import { rm } from "node:fs/promises";
import type { Relation, ScanRelation, SinkTarget } from "../../plan/ir/relation.js";
import { divisionOf } from "../../plan/partitions.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { batchOfRows, batchReader, type RecordBatch } from "../../types/record-batch.js";
import type { Row } from "../../types/value.js";
import type { EngineEnvironment, EngineSession, RunOptions, SqlResult, WrittenFile } from "../index.js";
import { planStages, scanBytes, ScanCounts, type ScanCount, type Stage } from "../stages.js";
import { evaluateRelation, type RelationScope } from "./evaluate-relation.js";
import { scanRows } from "./scan-rows.js";
import { writeFiles } from "./write-files.js";

const BATCH = 1024;

export class ReferenceSession implements EngineSession {
  private readonly scanned = new Map<string, Promise<ScannedRows>>();
  private readonly materialized = new Map<string, Promise<readonly Row[]>>();
  private readonly counts = new ScanCounts();
  private closed = false;

  constructor(private readonly environment: EngineEnvironment) {}

  async *batches(relation: Relation, options: RunOptions = {}): AsyncIterable<RecordBatch> {
    for await (const rows of this.rows(relation, options)) yield batchOfRows(rows, relation.type);
  }

  async *rows(relation: Relation, options: RunOptions = {}): AsyncIterable<readonly Row[]> {
    const rows = await this.run(relation, options);
    for (let at = 0; at < rows.length; at += BATCH) {
      requireGoing(options);
      yield rows.slice(at, at + BATCH);
    }
  }

  async count(relation: Relation, options: RunOptions = {}): Promise<number> {
    return (await this.run(relation, options)).length;
  }

  async write(relation: Relation, target: SinkTarget, options: RunOptions = {}): Promise<readonly WrittenFile[]> {
    const input = relation.kind === "sink" ? relation.input : relation;
    const rows = await this.run(input, options);
    return writeFiles(rows, input.type, target, await divisionOf(input, async () => rows.length));
  }

  async load(rows: AsyncIterable<readonly Row[]>, type: StructType, options: RunOptions = {}): Promise<Relation> {
    const all: Row[] = [];
    for await (const batch of rows) {
      requireGoing(options);
      for (const row of batch) all.push(row);
    }
    return Object.freeze({ kind: "values", rows: Object.freeze(all), type });
  }

  async loadBatches(
    batches: AsyncIterable<RecordBatch>,
    type: StructType,
    options: RunOptions = {},
  ): Promise<Relation> {
    const read = batchReader(type);
    const rows = async function* (): AsyncGenerator<readonly Row[]> {
      for await (const batch of batches) yield read(batch);
    };
    return this.load(rows(), type, options);
  }

  async materialize(relation: Relation, options: RunOptions = {}): Promise<Relation> {
    return Object.freeze({ kind: "values", rows: await this.run(relation, options), type: relation.type });
  }

  async release(relation: Relation): Promise<void> {
    if (relation.kind === "materialize") this.materialized.delete(relation.id);
  }

  async nulledCasts(relation: Relation, options: RunOptions = {}): Promise<ReadonlyMap<string, number>> {
    requireGoing(options);
    const counts = new Map<string, number>();
    // what was materialised before is computed again, so that its casts are counted as well, and each once
    const onNulled = (path: string, count: number): void => {
      if (count > 0) counts.set(path, (counts.get(path) ?? 0) + count);
    };
    const seen = new Set<ScannedRows>();
    await evaluateRelation(relation, {
      materialized: new Map(),
      onNulled,
      told: new Set(),
      scan: async (scan) => {
        const scanned = await this.scan(scan);
        if (!seen.has(scanned)) for (const [path, count] of scanned.misfits) onNulled(path, count);
        seen.add(scanned);
        return scanned.rows;
      },
    });
    return counts;
  }

  async sql(): Promise<SqlResult> {
    throw new DynaframeError("UNSUPPORTED", "the reference engine runs no SQL", { hint: "use the duckdb engine" });
  }

  async explain(relation: Relation): Promise<string> {
    return JSON.stringify(
      relation,
      (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value),
      2,
    );
  }

  stages(relation: Relation, passes: readonly Relation[]): readonly Stage[] {
    return planStages(
      relation,
      passes.map((pass) => ({ relation: pass, direct: false })),
      (scan) => ({ key: scanKey(scan), label: "rows in memory" }),
    );
  }

  scans(source: string): ScanCount {
    return this.counts.of(source);
  }

  async close(): Promise<void> {
    this.closed = true;
    await rm(this.environment.stagingDirectory, { recursive: true, force: true });
  }

  private async run(relation: Relation, options: RunOptions): Promise<readonly Row[]> {
    if (this.closed)
      throw new DynaframeError("SESSION_CLOSED", "the session is closed", { hint: "open a new context" });
    requireGoing(options);
    return evaluateRelation(relation, this.scope());
  }

  private scope(): RelationScope {
    return {
      scan: async (scan) => (await this.scan(scan)).rows,
      materialized: this.materialized,
      onNulled: () => undefined,
    };
  }

  private scan(relation: ScanRelation): Promise<ScannedRows> {
    const key = scanKey(relation);
    const known = this.scanned.get(key);
    if (known) return known;
    this.counts.add(relation.id, 1, scanBytes(relation));
    const misfits = new Map<string, number>();
    const scanned = scanRows(
      relation,
      this.environment.storage,
      (path) => void misfits.set(path, (misfits.get(path) ?? 0) + 1),
    ).then((rows) => ({ rows, misfits }));
    this.scanned.set(key, scanned);
    return scanned;
  }
}

/** Projections of one source share its id. */
const scanKey = ({ id, type }: ScanRelation): string => `${id} ${JSON.stringify(type)}`;

/** With the values that no arm held, counted by path. */
type ScannedRows = { readonly rows: readonly Row[]; readonly misfits: ReadonlyMap<string, number> };

function requireGoing({ signal }: RunOptions): void {
  if (signal?.aborted) throw new DynaframeError("INTERRUPTED", "the work was interrupted", { cause: signal.reason });
}
