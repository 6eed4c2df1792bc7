/**
 * The context: readers, writers and SQL over one catalog and one engine session. Opened by `GlueContext.open` of the
 * package root.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { folderSecrets } from "../catalog/folder-secrets.js";
import type { Catalog } from "../catalog/index.js";
import type { SecretResolver } from "../catalog/secret-resolver.js";
import { connectionAddress, getNamedConnection, jdbcConf, type JdbcConf } from "../database/catalog-address.js";
import { openDatabase } from "../database/open-database.js";
import type { Engine, EngineSession, RunOptions } from "../engine/index.js";
import { createKeptThreads } from "../shapes/kept-threads.js";
import { lazyCluster } from "../shapes/task-cluster.js";
import type { Storage } from "../storage/index.js";
import { keepCopies } from "../storage/kept-copies.js";
import { createStaging, type StagingFolder } from "../storage/staging.js";
import { DynaframeError } from "../types/error.js";
import { DataFrame } from "./data-frame.js";
import { contextSqlNode } from "./context/context-sql-node.js";
import type { Environment } from "./environment.js";
import type { StructType } from "../types/data-type.js";
import type { AttachOptions, AttachReport } from "./context/attach.js";
import {
  dataFrameReaders,
  dataFrameWriters,
  type DataFrameReaders,
  type DataFrameWriters,
} from "./context/data-frames.js";
import { DataSink, type DatabaseGetSinkOptions, type SinkOptions } from "./context/data-sink.js";
import { DataSource, type DatabaseGetSourceOptions, type SourceOptions } from "./context/data-source.js";
import type { DatabaseConnectionType } from "./database/database-options.js";
import { TempViews } from "./context/temp-views.js";
import { addIngestionTimeColumns, type TimeGranularity } from "./context/ingestion-time.js";
import { createLogger, type Logger, type LogSink } from "./context/logger.js";
import { noTransition } from "./context/no-transition.js";
import type { PurgeOptions } from "./context/purge-options.js";
import type { PurgeReport } from "./context/purge.js";
import {
  sampleFromCatalog,
  sampleFromOptions,
  type SampleFromCatalogOptions,
  type SampleFromOptionsOptions,
} from "./context/sample-frames.js";
import type { DynamicFrame } from "./dynamic-frame.js";
import type { FrameSession, ResolvedOptions } from "./frame-node.js";
import { dynamicFrameReaders, type DynamicFrameReaders, type FromOptionsOptions } from "./readers.js";
import { tableType } from "./resolve-choice-node.js";
import { requireOptions, requireText } from "./require-text.js";
import { createResolver } from "./resolver.js";
import type { RunScope } from "./run-scope.js";
import { startEngine } from "./start-engine.js";
import { forEachBatch, type ForEachBatchRequest, type StreamingQuery } from "./stream/for-each-batch.js";
import { dynamicFrameWriters, type DynamicFrameWriters, type WriteOptions } from "./write/writers.js";

export type ContextParts = {
  readonly catalog?: Catalog;
  /** What SECRET_ID of a connection stands for; default: nothing is found. */
  readonly secrets?: SecretResolver;
  readonly storage: Storage;
  readonly engine: Engine;
  /** Folder below which this context keeps its staging. */
  readonly stagingRoot: string;
  readonly memoryLimit?: string;
  readonly threads: number;
  /** See `EngineEnvironment`. */
  readonly httpfs?: string;
  /** Default true, but false inside of forEachBatch: a path that the schema does not have is UNKNOWN_PATH. */
  readonly strictPaths?: boolean;
  /** Told once per thing worth knowing that is no error; default: a line on standard error. */
  readonly onWarning?: (code: string, message: string) => void;
  /** Takes what `getLogger()` logs; default: lines on standard error. */
  readonly onLog?: LogSink;
  /** The job's arguments, of which transforms use `TempDir`. */
  readonly resolvedOptions?: ResolvedOptions;
  /** Milliseconds since the epoch; default Date.now. */
  readonly now?: () => number;
};

/** Bytes read from storage since the context was opened. */
export type Counters = { readonly bytesScanned: number; readonly bytesStaged: number };

export class DynamicFrameContext {
  /** @internal what frames of this context share */
  readonly environment: Environment;
  /** What is scanned from afar and read afterwards is downloaded once, as long as the context is open. */
  readonly storage: Storage;
  /** Frames of catalog tables, files, databases, topics and records of the caller's. */
  readonly createDynamicFrame: DynamicFrameReaders;
  /** Writes frames and collections to files, databases and catalog tables. */
  readonly writeDynamicFrame: DynamicFrameWriters;
  /** As `createDynamicFrame`, but gives DataFrames; also streams. */
  readonly createDataFrame: DataFrameReaders;
  /** As `writeDynamicFrame`, for DataFrames. */
  readonly writeDataFrame: DataFrameWriters;
  readonly #parts: ContextParts;
  readonly #counters = { bytesScanned: 0, bytesStaged: 0 };
  #engine: Promise<EngineSession> | undefined;
  #opening: Promise<StagingFolder> | undefined;
  #staging: StagingFolder | undefined;
  #closed = false;
  #run: { readonly scope: RunScope; readonly abandon: () => Promise<void> } | undefined;
  #batch: RunScope | undefined;
  #resolvedOptions: ResolvedOptions;
  #ids = 0;
  readonly #views = new TempViews();
  readonly #threads = createKeptThreads();
  readonly #onExit = (): void => this.#staging?.removeSync();

  constructor(parts: ContextParts) {
    this.#parts = parts;
    this.#resolvedOptions = parts.resolvedOptions ?? {};
    this.storage = keepCopies(parts.storage, () => this.#stagingFolder("copies"));
    const session = this.#session();
    this.environment = { session, resolve: createResolver(session) };
    this.createDynamicFrame = dynamicFrameReaders(this.environment);
    this.writeDynamicFrame = dynamicFrameWriters(this.environment);
    this.createDataFrame = dataFrameReaders(this.environment, this.createDynamicFrame);
    this.writeDataFrame = dataFrameWriters(this.writeDynamicFrame);
  }

  /** The first `num` records of a catalog table, from a few of its files: `{ database, tableName, num: 100 }`. */
  createSampleDynamicFrameFromCatalog(options: SampleFromCatalogOptions): DynamicFrame {
    requireOptions("createSampleDynamicFrameFromCatalog", options);
    return sampleFromCatalog(this.environment, options);
  }

  /** The first `num` records by path, from a few files. */
  createSampleDynamicFrameFromOptions(options: SampleFromOptionsOptions): DynamicFrame {
    requireOptions("createSampleDynamicFrameFromOptions", options);
    return sampleFromOptions(this.environment, options);
  }

  /**
   * A source that is told its format: `const source = glue.getSource("file", { paths: ["data"] });
   * source.setFormat("json"); source.getFrame()`
   */
  getSource(connectionType: FromOptionsOptions["connectionType"], options: SourceOptions): DataSource;
  getSource(connectionType: DatabaseConnectionType, options: DatabaseGetSourceOptions): DataSource;
  getSource(
    connectionType: FromOptionsOptions["connectionType"] | DatabaseConnectionType,
    options: SourceOptions | DatabaseGetSourceOptions,
  ): DataSource {
    requireOptions("getSource", options);
    return new DataSource(
      { ...this.createDynamicFrame, sample: (request) => this.createSampleDynamicFrameFromOptions(request) },
      connectionType,
      options,
    );
  }

  /**
   * A sink that is told its format and its table.
   * @example
   * const sink = glue.getSink("file", { path: "out" });
   * sink.setFormat("parquet");
   * await sink.writeFrame(frame);
   */
  getSink(connectionType: WriteOptions["connectionType"], options: SinkOptions): DataSink;
  getSink(connectionType: DatabaseConnectionType, options: DatabaseGetSinkOptions): DataSink;
  getSink(
    connectionType: WriteOptions["connectionType"] | DatabaseConnectionType,
    options: SinkOptions | DatabaseGetSinkOptions,
  ): DataSink {
    requireOptions("getSink", options);
    return new DataSink(this.writeDynamicFrame, connectionType, options);
  }

  /**
   * Removes the old files of a table or of some partitions, and the partitions left empty. `dryRun: true` only says
   * what would go.
   */
  async purgeTable(
    database: string,
    tableName: string,
    options: PurgeOptions = {},
    run: RunOptions = {},
  ): Promise<PurgeReport> {
    requireText("purgeTable", "database", database);
    requireText("purgeTable", "tableName", tableName);
    const { purgeTable } = await import("./context/purge.js");
    return purgeTable(this.catalog, this.storage, database, tableName, options, this.#now(), run);
  }

  /** Removes the old files below a path, which may also be a local one. */
  async purgeS3Path(path: string, options: PurgeOptions = {}, run: RunOptions = {}): Promise<PurgeReport> {
    requireText("purgeS3Path", "path", path);
    const { purgePath } = await import("./context/purge.js");
    return purgePath(this.storage, path, options, this.#now(), run);
  }

  /** Always UNSUPPORTED: storage classes are moved by S3 itself. */
  transitionTable(database: string, tableName: string, transitionTo: string): Promise<never> {
    return noTransition(`${database}.${tableName}`, transitionTo);
  }

  /** Always UNSUPPORTED. */
  transitionS3Path(path: string, transitionTo: string): Promise<never> {
    return noTransition(path, transitionTo);
  }

  /**
   * The table with columns `ingest_year`, `ingest_month`, `ingest_day` and, for "hour" and "minute", `ingest_hour` and
   * `ingest_minute`, in UTC.
   */
  addIngestionTimeColumns(df: DataFrame, granularity: TimeGranularity): DataFrame {
    return addIngestionTimeColumns(df, granularity, this.#now());
  }

  /**
   * Writes a database file of the engine with a view for each table of the catalog: `await glue.attach("out.duckdb")`.
   */
  async attach(file: string, options: AttachOptions = {}, run: RunOptions = {}): Promise<AttachReport> {
    const { attach } = await import("./context/attach.js");
    return attach(this.environment, file, options, run);
  }

  /** Glue's logger: lines of a level, to `onLog` or standard error. */
  getLogger(): Logger {
    return createLogger(this.#parts.onLog, () => this.#now());
  }

  /** The columns of a catalog table, partition columns last, as the type of a frame. */
  async getCatalogSchemaAsSparkSchema(database: string, tableName: string): Promise<StructType> {
    requireText("getCatalogSchemaAsSparkSchema", "database", database);
    requireText("getCatalogSchemaAsSparkSchema", "tableName", tableName);
    return tableType(await this.catalog.getTable(database, tableName));
  }

  /** Gives the context the job's arguments, as `getResolvedOptions` resolved them. */
  setResolvedOptions(options: ResolvedOptions): void {
    this.#resolvedOptions = options;
  }

  #now(): number {
    return (this.#parts.now ?? Date.now)();
  }

  /** The catalog this context was opened with; NO_CATALOG without one. */
  get catalog(): Catalog {
    if (this.#parts.catalog) return this.#parts.catalog;
    throw new DynaframeError("NO_CATALOG", "This context was opened without a catalog.", {
      hint: "Open it with GlueContext.open({ catalog: './.dynaframe' }).",
    });
  }

  /** A snapshot of what was read so far. */
  get counters(): Counters {
    return { ...this.#counters };
  }

  /**
   * Address, user and password of a connection of the catalog, by Glue's names. The result holds the password: do not
   * print it.
   */
  async extractJdbcConf(connectionName: string): Promise<JdbcConf> {
    requireText("extractJdbcConf", "connectionName", connectionName);
    return jdbcConf(await getNamedConnection(this.catalog, connectionName, this.environment.session.secrets));
  }

  /** Connects to the database of a connection and asks for its version. The address carries no secret. */
  async testConnection(connectionName: string): Promise<{ readonly address: string; readonly version: string }> {
    requireText("testConnection", "connectionName", connectionName);
    const address = connectionAddress(
      await getNamedConnection(this.catalog, connectionName, this.environment.session.secrets),
      undefined,
    );
    return { address: address.label, version: await (await openDatabase(address)).test() };
  }

  /**
   * Reads a source batch by batch, for ever: `await glue.forEachBatch({ frame, batchFunction: async (df, batchId) => …,
   * options: { windowSize: "100 seconds", checkpointLocation: "./checkpoints/orders" } })`. What a batch writes by this
   * context becomes part of its commit; a batch that was not committed when the process ended is read again, under its
   * number, by the next start. `query.stop()` or the signal ends it. Contexts run one at a time.
   * @throws (by rejection) BAD_OPTION, NOT_CONTINUOUS, STREAM_RUNNING, CHECKPOINT_IN_USE, CHECKPOINT_MISMATCH, and what
   * a batch throws after its retries
   */
  forEachBatch<F extends DataFrame | DynamicFrame>(request: ForEachBatchRequest<F>): StreamingQuery {
    requireOptions("forEachBatch", request);
    return forEachBatch(
      { environment: this.environment, scoped: (scopeOf, work) => this.#inBatch(scopeOf, work) },
      request,
    );
  }

  /** SQL of the engine over catalog tables, named `database.table`, and views made by `createTempView`. */
  sql(text: string): DataFrame {
    requireText("sql", "text", text);
    return new DataFrame(this.environment, contextSqlNode(text, this.environment));
  }

  /** Forgets a view made by `createTempView`; whether there was one. The frame stays. */
  dropTempView(name: string): boolean {
    requireText("dropTempView", "name", name);
    return this.#views.drop(name);
  }

  /**
   * @internal `Job.init`: what the run asks of sources and sinks; `abandon` when the context closes before it ended.
   */
  enterRun(scope: RunScope, abandon: () => Promise<void>): void {
    if (this.#run)
      throw new DynaframeError("JOB_RUNNING", "A job runs in this context already.", {
        hint: "Commit it first, or open another context.",
      });
    this.#run = { scope, abandon };
  }
  /** @internal */
  leaveRun(): void {
    this.#run = undefined;
  }
  /** @internal What is wrong with the engine is said to whoever uses it first. */
  warm(): void {
    startEngine(this.environment.session);
  }

  /** Frees the engine and removes staging; safe to call twice. A job that did not commit is abandoned. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#run?.abandon();
    this.#closed = true;
    process.off("exit", this.#onExit);
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
    await this.#threads.close();
    await (await this.#opening)?.remove();
    await this.#parts.catalog?.close();
  }

  /** `await using`: as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #inBatch<T>(scopeOf: (outer: RunScope | undefined) => RunScope, work: () => Promise<T>): Promise<T> {
    if (this.#batch !== undefined)
      throw new DynaframeError("STREAM_RUNNING", "Another forEachBatch of this context is in a batch.", {
        hint: "Open a context for each.",
      });
    this.#batch = scopeOf(this.#run?.scope);
    try {
      return await work();
    } finally {
      this.#batch = undefined;
    }
  }

  #session(): FrameSession {
    // a batch may lack what others have
    const strictPaths = (): boolean => this.#parts.strictPaths ?? this.#batch === undefined;
    const parts = this.#parts;
    const { storage } = this;
    const { clusterWork } = parts.engine;
    const cluster =
      clusterWork === undefined ? undefined : lazyCluster(clusterWork, async () => (await this.#openEngine()).cluster);
    return {
      catalog: parts.catalog,
      secrets: parts.secrets ?? folderSecrets(undefined),
      storage,
      engine: () => this.#openEngine(),
      loadEngine: async () => {
        await parts.engine.load?.();
      },
      scanContext: (run: RunOptions) => ({
        storage,
        workers: parts.threads,
        threads: this.#threads,
        ...run,
        ...(cluster === undefined ? {} : { cluster }),
        onBytesScanned: (bytes) => {
          this.#counters.bytesScanned += bytes;
        },
      }),
      stagingFolder: (purpose) => this.#stagingFolder(purpose),
      nextId: () => `s${++this.#ids}`,
      run: () => this.#batch ?? this.#run?.scope,
      resolvedOptions: () => this.#resolvedOptions,
      views: this.#views,
      get strictPaths() {
        return strictPaths();
      },
      warn: parts.onWarning ?? ((code, message) => void process.stderr.write(`warning ${code}: ${message}\n`)),
    };
  }

  async #stagingFolder(purpose: string): Promise<string> {
    const folder = join((await this.#openStaging()).path, `${purpose}-${++this.#ids}`);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  #openEngine(): Promise<EngineSession> {
    if (this.#closed)
      throw new DynaframeError("CONTEXT_CLOSED", "This context is closed.", { hint: "Open a new GlueContext." });
    this.#engine ??= this.#startEngine();
    return this.#engine;
  }

  #openStaging(): Promise<StagingFolder> {
    this.#opening ??= createStaging(this.#parts.stagingRoot).then((staging) => {
      process.on("exit", this.#onExit);
      return (this.#staging = staging);
    });
    return this.#opening;
  }

  async #startEngine(): Promise<EngineSession> {
    const { engine, memoryLimit, threads, httpfs } = this.#parts;
    const { storage } = this;
    const staging = await this.#openStaging();
    return engine.open({
      storage,
      stagingDirectory: staging.path,
      threads,
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
      ...(httpfs === undefined ? {} : { httpfs }),
      onWarning: this.environment.session.warn,
      onBytesRead: (purpose, bytes) => {
        this.#counters[purpose === "scan" ? "bytesScanned" : "bytesStaged"] += bytes;
      },
    });
  }
}
