/** The context: readers, writers and SQL over one catalog and one engine session. Opened by `GlueContext.open` of the package root. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog } from "../catalog/index.js";
import type { Engine, EngineSession, RunOptions } from "../engine/index.js";
import type { Storage } from "../storage/index.js";
import { createStaging, type StagingFolder } from "../storage/staging.js";
import { DynaframeError } from "../types/error.js";
import { DataFrame, sqlNode } from "./data-frame.js";
import type { Environment } from "./environment.js";
import type { FrameNode, FrameSession } from "./frame-node.js";
import { dynamicFrameReaders, type DynamicFrameReaders } from "./readers.js";
import { createResolver } from "./resolver.js";
import { catalogNode } from "./sources/catalog-table.js";
import type { RunScope } from "./run-scope.js";
import { referencedTables } from "./sql-tables.js";
import { dynamicFrameWriters, type DynamicFrameWriters } from "./write/writers.js";

export type ContextParts = {
  readonly catalog?: Catalog;
  readonly storage: Storage;
  readonly engine: Engine;
  /** Folder below which this context keeps its staging. */
  readonly stagingRoot: string;
  readonly memoryLimit?: string;
  readonly threads: number;
  /** Default true: a path that the schema does not have is UNKNOWN_PATH. */
  readonly strictPaths?: boolean;
  /** Told once per thing worth knowing that is no error; default: a line on standard error. */
  readonly onWarning?: (code: string, message: string) => void;
};

/** Bytes read from storage since the context was opened. */
export type Counters = { readonly bytesScanned: number; readonly bytesStaged: number };

export class DynamicFrameContext {
  readonly environment: Environment;
  readonly createDynamicFrame: DynamicFrameReaders;
  readonly writeDynamicFrame: DynamicFrameWriters;
  readonly #parts: ContextParts;
  readonly #counters = { bytesScanned: 0, bytesStaged: 0 };
  #engine: Promise<EngineSession> | undefined;
  #opening: Promise<StagingFolder> | undefined;
  #staging: StagingFolder | undefined;
  #closed = false;
  #run: { readonly scope: RunScope; readonly abandon: () => Promise<void> } | undefined;
  #ids = 0;
  readonly #onExit = (): void => this.#staging?.removeSync();

  constructor(parts: ContextParts) {
    this.#parts = parts;
    const session = this.#session();
    this.environment = { session, resolve: createResolver(session) };
    this.createDynamicFrame = dynamicFrameReaders(this.environment);
    this.writeDynamicFrame = dynamicFrameWriters(this.environment);
  }

  /** The catalog this context was opened with; NO_CATALOG without one. */
  get catalog(): Catalog {
    if (this.#parts.catalog) return this.#parts.catalog;
    throw new DynaframeError("NO_CATALOG", "This context was opened without a catalog.", { hint: "Open it with GlueContext.open({ catalog: './.dynaframe' })." });
  }

  get counters(): Counters { return { ...this.#counters }; }
  get storage(): Storage { return this.#parts.storage; }

  /** SQL of the engine over catalog tables, named `database.table`. */
  sql(text: string): DataFrame {
    return new DataFrame(this.environment, this.#sqlNode(text));
  }

  /** @internal `Job.init`: what the run asks of sources and sinks; `abandon` when the context closes before it ended. */
  enterRun(scope: RunScope, abandon: () => Promise<void>): void {
    if (this.#run) throw new DynaframeError("JOB_RUNNING", "A job runs in this context already.", { hint: "Commit it first, or open another context." });
    this.#run = { scope, abandon };
  }
  /** @internal */
  leaveRun(): void { this.#run = undefined; }

  /** Frees the engine and removes staging; safe to call twice. A job that did not commit is abandoned. */
  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#run?.abandon();
    this.#closed = true;
    process.off("exit", this.#onExit);
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
    await (await this.#opening)?.remove();
    await this.#parts.catalog?.close();
  }

  [Symbol.asyncDispose](): Promise<void> { return this.close(); }

  #sqlNode(text: string): FrameNode {
    return {
      kind: "sql", args: { text }, inputs: [], options: {},
      resolve: async (_, session, run) => {
        const tables = session.catalog ? await referencedTables(text, session.catalog) : [];
        const views = new Map(tables.map(({ database, tableName }) => [`${database}.${tableName}`, catalogNode({ database, tableName, transformationCtx: "" })]));
        return this.environment.resolve(sqlNode(text, views), run);
      },
    };
  }

  #session(): FrameSession {
    const parts = this.#parts;
    return {
      catalog: parts.catalog, storage: parts.storage,
      engine: () => this.#openEngine(),
      scanContext: (run: RunOptions) => ({
        storage: parts.storage, workers: parts.threads, ...run,
        onBytesScanned: (bytes) => { this.#counters.bytesScanned += bytes; },
      }),
      stagingFolder: async (purpose) => {
        const folder = join((await this.#openStaging()).path, `${purpose}-${++this.#ids}`);
        await mkdir(folder, { recursive: true });
        return folder;
      },
      nextId: () => `s${++this.#ids}`,
      run: () => this.#run?.scope,
      strictPaths: parts.strictPaths ?? true,
      warn: parts.onWarning ?? ((code, message) => void process.stderr.write(`warning ${code}: ${message}\n`)),
    };
  }

  #openEngine(): Promise<EngineSession> {
    if (this.#closed) throw new DynaframeError("CONTEXT_CLOSED", "This context is closed.", { hint: "Open a new GlueContext." });
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
    const { engine, storage, memoryLimit, threads } = this.#parts;
    const staging = await this.#openStaging();
    return engine.open({
      storage, stagingDirectory: staging.path, threads, ...(memoryLimit === undefined ? {} : { memoryLimit }),
      onBytesRead: (purpose, bytes) => { this.#counters[purpose === "scan" ? "bytesScanned" : "bytesStaged"] += bytes; },
    });
  }
}
