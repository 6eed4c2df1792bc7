/**
 * What `toDF()` gives: the frame as a table of the engine, lazily. Its columns hold no choice: an unresolved one is a
 * struct of its arms.
 */
import type { Table as ArrowTable } from "apache-arrow";
import type { DataFrame as PolarsFrame } from "nodejs-polars";
import type { RunOptions } from "../engine/index.js";
import type { DataType, StructType } from "../types/data-type.js";
import { plainReader } from "../types/plain-reader.js";
import { schemaTree } from "../types/print.js";
import { getField, setField, type Row } from "../types/value.js";
import type { Environment } from "./environment.js";
import type { FrameNode } from "./frame-node.js";
import { toPolars } from "./interop/polars.js";
import type { PlainRecord } from "./batch-records.js";
import { readRows } from "./read-rows.js";
import { sqlNode } from "./sql-node.js";

/** The name under which `sql()` sees the frame itself. */
const SELF = "self";

/**
 * A frame as the engine has it: one schema, choices as structs of their arms. Made by `toDF()` and `sql()`; lazy, as a
 * DynamicFrame is.
 * @example const big = orders.toDF().sql("select id from self where total > 100");
 */
export class DataFrame {
  /** @internal frames are made by `toDF()`, `sql()` and `GlueContext.sql()` */
  constructor(
    readonly environment: Environment,
    readonly node: FrameNode,
  ) {}

  /** The exact type of the rows. */
  async schema(run: RunOptions = {}): Promise<StructType> {
    return (await this.environment.resolve(this.node, run)).relation.type;
  }

  /** The schema as `printSchema` prints it. */
  async schemaTree(run: RunOptions = {}): Promise<string> {
    return schemaTree(await this.schema(run));
  }

  /** The number of rows. */
  async count(run: RunOptions = {}): Promise<number> {
    const { relation } = await this.environment.resolve(this.node, run);
    return (await this.environment.session.engine()).count(relation, run);
  }

  /** Rows as plain objects, streamed. Null columns are null; values as in the README's table of JavaScript values. */
  async *stream(run: RunOptions = {}): AsyncIterable<PlainRecord> {
    const { type, rows } = await readRows(this.environment, this.node, run);
    const read = plainReader(type);
    for await (const batch of rows) {
      for (const row of batch) yield withAllColumns(read(row), type) as PlainRecord;
    }
  }

  /** All rows; for results that fit in memory. */
  async rows(run: RunOptions = {}): Promise<PlainRecord[]> {
    const rows: PlainRecord[] = [];
    for await (const row of this.stream(run)) rows.push(row);
    return rows;
  }

  /** The same as `rows()`, by Spark's name. */
  collect(run: RunOptions = {}): Promise<PlainRecord[]> {
    return this.rows(run);
  }

  /** Names the frame for `GlueContext.sql()`, lazily: nothing is computed. A name already taken is ALREADY_EXISTS. */
  createTempView(name: string): void {
    this.environment.session.views.create(name, this.node, false);
  }

  /** The same, in place of a view of that name. */
  createOrReplaceTempView(name: string): void {
    this.environment.session.views.create(name, this.node, true);
  }

  /** As an Arrow table, exact to the last digit. Needs the package apache-arrow. */
  async toArrow(run: RunOptions = {}): Promise<ArrowTable> {
    const { type, rows } = await readRows(this.environment, this.node, run);
    const { rowsToArrow } = await import("./interop/to-arrow.js");
    return rowsToArrow(type, rows);
  }

  /** As a Polars DataFrame. Needs the package nodejs-polars. */
  toPolars(run: RunOptions = {}): Promise<PolarsFrame> {
    return toPolars(this.environment, this.node, run);
  }

  /** SQL of the engine over this frame, which is the table `self`: `df.sql("select count(*) as n from self")`. */
  sql(text: string): DataFrame {
    return new DataFrame(
      this.environment,
      sqlNode(text, new Map([[SELF, this.node]]), async () => `The frame itself is the table ${SELF}.`),
    );
  }
}

/** A table has all its columns in every row, so what is missing is null. Changes the value, which is a fresh one. */
function withAllColumns(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === "array" && Array.isArray(value)) for (const item of value) withAllColumns(item, type.element);
  if (type.kind === "struct")
    for (const f of type.fields) setField(value, f.name, withAllColumns(getField(value as Row, f.name), f.type));
  return value;
}
