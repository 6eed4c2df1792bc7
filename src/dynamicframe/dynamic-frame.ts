/**
 * The DynamicFrame: a lazy plan over records that carry their own types. Verbs return frames; whatever needs data
 * returns a promise.
 */
import type { RunOptions } from "../engine/index.js";
import type { FormatOptions } from "../formats/index.js";
import { partitionsOf } from "../plan/partitions.js";
import type { Ledger } from "../shapes/ledger.js";
import { listChoices, type ChoiceReport } from "../shapes/ledger-drift.js";
import { mergeHazards } from "../shapes/merge-ledgers.js";
import type { StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { schemaTree } from "../types/print.js";
import type { PlainRecord } from "./batch-records.js";
import { DynamicFrameCollection } from "./collection.js";
import { DataFrame } from "./data-frame.js";
import { emptyNode } from "./empty-node.js";
import type { Environment } from "./environment.js";
import { errorsNode } from "./error-frame.js";
import type { ChoiceExplanation, ExplainChoiceOptions } from "./explain-choice/explain-choice.js";
import type { ExplainOptions, Explanation } from "./explain/explanation.js";
import {
  frameVerbs,
  nodeOf,
  type ApplyMappingOptions,
  type FramePair,
  type MergeOptions,
  type Paths,
} from "./frame-verbs.js";
import type { SchemaSource } from "./schema-source.js";
import { errorTotal, stageErrors, type FrameNode, type Resolved } from "./frame-node.js";
import { filterNode, mapNode, type LambdaOptions, type MapOptions } from "./lambda-node.js";
import type { FilterFunction, MapFunction } from "./lambda-pass.js";
import { partitionNode, type PartitionOptions } from "./partition-node.js";
import type { IndexedPartitionFunction, PartitionFunction } from "./partition-pass.js";
import { persistNode, releasePersisted } from "./persist-node.js";
import { recordJson } from "./print-record.js";
import { readRecords } from "./read-rows.js";
import { recomputeSchemaNode } from "./recompute-schema-node.js";
import { relationalizeCall } from "./relationalize-node.js";
import { resolveChoiceNode, type ResolveChoiceOptions } from "./resolve-choice-node.js";
import { spigotNode, type SpigotOptions } from "./spigot-node.js";
import { foreignNode, type ForeignTable } from "./sources/foreign-table.js";
import { parseResolveOptions, toDF, type ResolveOption } from "./to-df.js";
import { unboxNode } from "./unbox-node.js";
import { verbNode } from "./verb-node.js";
import type { Mappings } from "./verbs/apply-mapping.js";
import type { Comparisons } from "./verbs/split-rows.js";
import type { TransformOptions } from "./verbs/verb.js";
import type { WriteReport } from "./write/write-frame.js";
import { dynamicFrameWriters, type WriteOptions } from "./write/writers.js";
import { requireContext, requireRun } from "./require-text.js";

/**
 * Records that each carry their own schema; where they disagree, the frame's schema has a choice. Verbs take the
 * required arguments of Glue's by position and the others as one object; they only add a step to the plan, so that a
 * path that is not there is told by the first action (UNKNOWN_PATH). Actions read the data: they give a promise, and
 * take a signal and a listener for progress. Bad data is counted in their reports, never thrown.
 * @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
 * @example
 * const orders = glue.createDynamicFrame.fromOptions({
 *   connectionType: "file", connectionOptions: { path: "orders/" }, format: "json",
 * });
 * await orders.resolveChoice({ choice: "make_cols" }).show(5);
 */
export class DynamicFrame {
  /** @internal frames are made by a GlueContext, by verbs and by `fromDF` */
  constructor(
    readonly environment: Environment,
    readonly node: FrameNode,
    readonly name: string,
  ) {}

  /**
   * The frame of a DataFrame made by the same context (`toDF`, `sql`), an Arrow table, a Polars DataFrame or plain
   * objects.
   * @throws NOT_A_TABLE for anything else.
   */
  static fromDF(df: ForeignTable, glue: { readonly environment: Environment }, name = "frame"): DynamicFrame {
    requireContext("fromDF", glue, "environment");
    return new DynamicFrame(glue.environment, foreignNode(df, name), name);
  }

  // ---- verbs

  /**
   * Projection with casts; see `Mapping`. A single tuple may stand by itself.
   * @throws BAD_MAPPING for what is no tuple.
   * `frame.applyMapping([["price", "double", "order.price", "decimal(10,2)"]])`
   */
  applyMapping(mappings: Mappings, options: ApplyMappingOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.applyMapping(this.node, mappings, options));
  }

  /** Removes fields, nested ones and those inside arrays too. */
  dropFields(paths: Paths, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.dropFields(this.node, paths, options));
  }

  /** Keeps fields. */
  selectFields(paths: Paths, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.selectFields(this.node, paths, options));
  }

  /** Renames a field, a nested one too; a new name that is taken is NAME_CLASH. */
  renameField(oldName: string, newName: string, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.renameField(this.node, oldName, newName, options));
  }

  /**
   * Exactly one of `specs` and `choice`.
   * `frame.resolveChoice({ specs: [["price", "cast:double"], ["id", "make_cols"]] })`
   */
  resolveChoice(options: ResolveChoiceOptions = {}): DynamicFrame {
    return this.#with(resolveChoiceNode(this.node, options));
  }

  /** Structs flattened to top-level columns with dotted names. */
  unnest(options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.unnest(this.node, options));
  }

  /** DynamoDB JSON without `Item` and type tags; maps are unnested with dotted names. */
  unnestDdbJson(options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.unnestDdbJson(this.node, options));
  }

  /** DynamoDB JSON without `Item` and type tags; maps become structs at any depth. */
  simplifyDdbJson(options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.simplifyDdbJson(this.node, options));
  }

  /** All records of both frames; types that clash make a choice. */
  union(other: DynamicFrame, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.union(this.node, nodeOf("union", other), options));
  }

  /**
   * An inner join on equal keys; all fields of both, those of `other` whose name is taken with a leading period.
   * @example orders.join("customer.id", "id", customers)
   */
  join(paths1: Paths, paths2: Paths, other: DynamicFrame, options: TransformOptions = {}): DynamicFrame {
    return new DynamicFrame(
      this.environment,
      frameVerbs.join(this.node, paths1, paths2, nodeOf("join", other), options),
      this.name + other.name,
    );
  }

  /** An upsert: all records of `stage`, and those of this frame whose key the stage does not have. */
  mergeDynamicFrame(stage: DynamicFrame, primaryKeys: Paths, options: MergeOptions = {}): DynamicFrame {
    return this.#with(
      frameVerbs.mergeDynamicFrame(this.node, nodeOf("mergeDynamicFrame", stage), primaryKeys, options),
    );
  }

  /** Removes fields that are null in all records, by their type. */
  dropNullFields(options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.dropNullFields(this.node, options));
  }

  /** Two frames: the named fields, and all others. @throws BAD_ARGUMENT for two equal names */
  splitFields(
    paths: Paths,
    name1 = `${this.name}1`,
    name2 = `${this.name}2`,
    options: TransformOptions = {},
  ): DynamicFrameCollection {
    return this.#pair(name1, name2, frameVerbs.splitFields(this.node, paths, options));
  }

  /**
   * Two frames: the records for which all comparisons hold, and all others.
   * `frame.splitRows({ age: { ">": 10, "<": 50 } }, "some", "rest")`
   * @throws BAD_ARGUMENT for an operator or a constant that cannot be used, or two equal names
   */
  splitRows(
    comparisons: Comparisons,
    name1 = "frame1",
    name2 = "frame2",
    options: TransformOptions = {},
  ): DynamicFrameCollection {
    return this.#pair(name1, name2, frameVerbs.splitRows(this.node, comparisons, options));
  }

  /**
   * Keeps the records for which `f` is truthy, or for which a condition holds:
   * `frame.filter("price > 10 and status in ('paid', 'sent')")`, much the quicker one.
   */
  filter(f: FilterFunction | string, options: LambdaOptions = {}): DynamicFrame {
    if (typeof f === "string") return this.#with(frameVerbs.filterWhere(this.node, f, options));
    return this.#with(filterNode(this.node, f, options));
  }

  /**
   * `f(record)` for each record; what it throws makes an error record. Structs and lists of the record are made when
   * they are looked at (decision 0127).
   */
  map(f: MapFunction, options: MapOptions = {}): DynamicFrame {
    return this.#with(mapNode(this.node, f, options));
  }

  /**
   * `f` over the stream of a partition's records, by default of all.
   * @example frame.mapPartitions(async function* (rows) { for await (const { record } of rows) yield { record }; })
   */
  mapPartitions(f: PartitionFunction, options: PartitionOptions = {}): DynamicFrame {
    return this.#with(partitionNode("mapPartitions", f, this.node, (_, records) => f(records), options));
  }

  /**
   * The same with the partition's index, from 0 to `getNumPartitions() - 1`. On embedded engines one partition comes
   * after the other.
   */
  mapPartitionsWithIndex(f: IndexedPartitionFunction, options: PartitionOptions = {}): DynamicFrame {
    return this.#with(partitionNode("mapPartitionsWithIndex", f, this.node, f, options));
  }

  /**
   * The same records in so many partitions, dealt out in turn: a write makes a file of each that has any (of each
   * folder, with `partitionKeys`). `frame.repartition(1).write("file", { path: "out" }, "parquet")`
   * @throws BAD_ARGUMENT for less than one.
   */
  repartition(partitions: number, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.repartition(this.node, partitions, true, options));
  }

  /** The same in so many partitions at most; with `shuffle` as `repartition`. */
  coalesce(partitions: number, shuffle = false, options: TransformOptions = {}): DynamicFrame {
    return this.#with(frameVerbs.repartition(this.node, partitions, shuffle, options));
  }

  /**
   * The same frame, whose rows the first action keeps for all later ones: sources are read no more. They lie in the
   * engine's memory, with a `memoryLimit` in a file of the staging.
   * `const cached = edges.persist(); … ; await cached.unpersist()`
   */
  persist(): DynamicFrame {
    return this.isPersisted ? this : this.#with(persistNode(this.node));
  }

  /**
   * Frees the rows and gives the frame that was persisted. Frames made of this one still work: they compute the rows
   * again.
   */
  async unpersist(): Promise<DynamicFrame> {
    const [input] = this.node.inputs;
    if (!this.isPersisted || !input) return this;
    await releasePersisted(await this.#resolve({}), await this.environment.session.engine());
    return this.#with(input);
  }

  /** Whether this is a frame that `persist()` gave. */
  get isPersisted(): boolean {
    return this.node.kind === "persist";
  }

  /**
   * The frame with exactly this schema, without a look at the data; also Glue's type JSON or a function that gives a
   * schema.
   */
  withFrameSchema(schema: SchemaSource): DynamicFrame {
    return this.#with(frameVerbs.withFrameSchema(this.node, schema));
  }

  /**
   * The schema of the records that are there now: without fields and arms that none has any more. Reads them all once.
   */
  recomputeSchema(options: TransformOptions = {}): DynamicFrame {
    return this.#with(recomputeSchemaNode(this.node, options));
  }

  /** Writes a sample as JSON lines below `path` when an action needs this frame; all records go on. */
  spigot(path: string, spigot: SpigotOptions = {}, options: TransformOptions = {}): DynamicFrame {
    return this.#with(spigotNode(this.node, path, spigot, options));
  }

  /**
   * Parses the text (for avro: the bytes) at `path` in place, by a reader's options. What cannot be parsed makes an
   * error record. `frame.unbox("payload", "json")`, `frame.unbox("row", "csv", { separator: "|" })`,
   * `frame.unbox("body", "avro", { avroSchema })`
   */
  unbox(path: string, format: string, formatOptions: FormatOptions = {}, options: TransformOptions = {}): DynamicFrame {
    return this.#with(unboxNode(this.node, path, format, formatOptions, options));
  }

  /**
   * The root table and one table per list. `stagingPath` is taken for Glue's sake; staging lies where the context keeps
   * it. `const tables = orders.relationalize("orders"); tables.select("orders_items")`
   */
  relationalize(
    rootTableName = "roottable",
    _stagingPath?: string,
    options: TransformOptions = {},
  ): DynamicFrameCollection {
    const call = relationalizeCall(this.node, rootTableName, options);
    const { session, resolve } = this.environment;
    return new DynamicFrameCollection(
      async () => call.names(await resolve(this.node), session),
      (name) => new DynamicFrame(this.environment, call.table(name), name),
    );
  }

  /** The frame as a table of the engine; unresolved choices become structs of their arms. */
  toDF(options: readonly ResolveOption[] = []): DataFrame {
    return new DataFrame(this.environment, verbNode(toDF, { options: parseResolveOptions(options) }, [this.node]));
  }

  /** @internal an empty frame of the same context */
  emptyLike(name: string): DynamicFrame {
    return new DynamicFrame(this.environment, emptyNode(), name);
  }

  /** The same frame under another name. */
  withName(name: string): DynamicFrame {
    return new DynamicFrame(this.environment, this.node, name);
  }

  // ---- actions

  /**
   * Writes the frame, as `glue.writeDynamicFrame.fromOptions` does.
   * `await frame.write("file", { path: "out" }, "parquet")`
   */
  write(
    connectionType: WriteOptions["connectionType"],
    connectionOptions: WriteOptions["connectionOptions"],
    format: WriteOptions["format"],
    formatOptions: FormatOptions = {},
    more: Pick<WriteOptions, "mode" | "signal" | "onProgress" | "accumulatorSize"> = {},
  ): Promise<WriteReport> {
    return dynamicFrameWriters(this.environment).fromOptions({
      ...more,
      frame: this,
      connectionType,
      connectionOptions,
      format,
      formatOptions,
    });
  }

  /** The exact type of the records. */
  async schema(run: RunOptions = {}): Promise<StructType> {
    return (await this.#resolve(run)).relation.type;
  }

  /** The schema as Glue prints it, with the final newline. */
  async schemaTree(run: RunOptions = {}): Promise<string> {
    return schemaTree(await this.schema(run));
  }

  /** Prints `schemaTree()` on standard output. */
  async printSchema(run: RunOptions = {}): Promise<void> {
    process.stdout.write(`${await this.schemaTree(run)}\n`);
  }

  /**
   * Partitions of the data, which a write makes files of. On embedded engines it is what the plan says, without a
   * `repartition` one; on Spark what `repartition` or `coalesce` said, else the rows are read to see.
   */
  async getNumPartitions(options: RunOptions = {}): Promise<number> {
    const engine = await this.environment.session.engine();
    return engine.partitions === undefined
      ? partitionsOf((await this.#resolve(options)).relation)
      : engine.partitions((await this.#resolve(options)).relation, options);
  }

  /** Good records; error records are not counted. */
  async count(run: RunOptions = {}): Promise<number> {
    const { relation } = await this.#resolve(run);
    return (await this.environment.session.engine()).count(relation, run);
  }

  /** Records as plain objects, streamed: arms unwrapped, missing fields absent. */
  stream(run: RunOptions & { readonly limit?: number } = {}): AsyncIterable<PlainRecord> {
    return readRecords(this.environment, this.node, run);
  }

  /** All records, or the first `limit`; for results that fit in memory. */
  async records(run: RunOptions & { readonly limit?: number } = {}): Promise<PlainRecord[]> {
    const records: PlainRecord[] = [];
    for await (const record of this.stream(run)) records.push(record);
    return records;
  }

  /** Prints one JSON object per record. */
  async show(rows = 20, run: RunOptions = {}): Promise<void> {
    for await (const record of this.stream({ ...run, limit: rows })) process.stdout.write(`${recordJson(record)}\n`);
  }

  /** Error records of the whole lineage: malformed input and failed functions. */
  async errorsCount(run: RunOptions = {}): Promise<number> {
    return errorTotal(await this.#resolve(run));
  }

  /** Error records of the last step. */
  async stageErrorsCount(run: RunOptions = {}): Promise<number> {
    const inputs: Resolved[] = [];
    for (const input of this.node.inputs) inputs.push(await this.environment.resolve(input, run));
    return stageErrors(await this.#resolve(run), inputs);
  }

  /** A frame with one struct column `error` per error record (docs/sources.md#methods). */
  errorsAsDynamicFrame(): DynamicFrame {
    return new DynamicFrame(this.environment, errorsNode(this.node), `${this.name}_errors`);
  }

  /** Forces the computation; throws ERROR_THRESHOLD_EXCEEDED past a threshold of any step. */
  async assertErrorThreshold(run: RunOptions = {}): Promise<void> {
    await this.#resolve(run);
  }

  /**
   * Every path with more than one type in the sources of this frame: arms with counts and first places. Sources without
   * a ledger have none.
   */
  async drift(run: RunOptions = {}): Promise<readonly ChoiceReport[]> {
    const { sources } = await this.#resolve(run);
    return sources.flatMap((source) => (source.ledger ? listChoices(source.ledger) : []));
  }

  /**
   * What is valid and yet hurts in the sources of this frame (texts that are no Unicode, numbers too long, doubled
   * keys), by code: how often, and where first. `(await orders.hazards()).LONE_SURROGATE?.count`
   */
  async hazards(run: RunOptions = {}): Promise<Ledger["hazards"]> {
    const { sources } = await this.#resolve(run);
    const once = [...new Map(sources.map((source) => [source.id, source])).values()];
    return mergeHazards(once.map((source) => source.hazards ?? source.ledger?.hazards ?? {}));
  }

  /**
   * The types at a path with counts, places and examples, and what each action of resolveChoice would keep, cast or
   * null there, before it is run.
   * `(await orders.explainChoice("items[].qty")).actions.find((a) => a.action === "cast:long")?.nulled`
   * @throws UNKNOWN_PATH with the nearest paths.
   */
  async explainChoice(path: string, options: ExplainChoiceOptions = {}): Promise<ChoiceExplanation> {
    const { explainChoice } = await import("./explain-choice/explain-choice.js");
    return explainChoice(path, await this.#resolve(options), this.environment.session, options);
  }

  /**
   * Logical plan, IR, text of the engine and how often each source is scanned: `scanned once, 3 files, 1200 bytes`.
   * With `html: true` a page that draws it.
   */
  async explain(request: ExplainOptions & { readonly html?: boolean } = {}): Promise<string> {
    requireRun("explain", request);
    const { html, ...options } = request;
    const told = await this.explanation(options);
    return html === true
      ? (await import("./explain/explanation-html.js")).explanationHtml(told, this.name)
      : (await import("./explain/explanation-text.js")).explanationText(told);
  }

  /** What `explain` tells, as data. With `counts: true` also the rows after every step, which reads the data. */
  async explanation(options: ExplainOptions = {}): Promise<Explanation> {
    const { explanation } = await import("./explain/explanation.js");
    return explanation(this.node, this.environment, options);
  }

  #with(node: FrameNode): DynamicFrame {
    return new DynamicFrame(this.environment, node, this.name);
  }

  #pair(name1: string, name2: string, [first, second]: FramePair): DynamicFrameCollection {
    if (name1 === name2)
      throw new DynaframeError("BAD_ARGUMENT", `Both frames would be called ${name1}.`, { hint: "Give two names." });
    return DynamicFrameCollection.of([
      new DynamicFrame(this.environment, first, name1),
      new DynamicFrame(this.environment, second, name2),
    ]);
  }

  #resolve(run: RunOptions): Promise<Resolved> {
    return this.environment.resolve(this.node, run);
  }
}
