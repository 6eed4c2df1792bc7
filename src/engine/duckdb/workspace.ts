/**
 * One DuckDB instance with its settings, and connections to it: one per operation, so that one can be interrupted
 * alone.
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import { DynaframeError } from "../../types/error.js";
import type { EngineEnvironment, RunOptions } from "../index.js";
import { interrupted } from "../interrupted.js";
import { failure, type Purpose } from "./failure.js";
import { loadDuckdb } from "./load-duckdb.js";
import { CATALOG, macrosFor } from "./macros.js";
import { identifier, qualified, text } from "./quote.js";

type Api = typeof import("./duckdb-parts.js");

/** A connection in use by one operation. Its errors are DynaframeErrors. */
export interface Channel {
  readonly connection: DuckDBConnection;
  /** Runs a statement to its end; the rows, as DuckDB's own JavaScript values. */
  run(sql: string): Promise<unknown[][]>;
  /** Chunks as they are computed. */
  stream(sql: string): AsyncGenerator<DuckDBDataChunk>;
}

export class Workspace {
  private readonly channels = new Set<DuckDBConnection>();
  private readonly running = new Set<Promise<unknown>>();
  /** Operations that may yet look up a table whose name they have been given. */
  private readonly lookingUp = new Set<Promise<void>>();
  private readonly macros = new Set<string>();
  private creating: Promise<void> = Promise.resolve();
  private closed = false;
  private tables = 0;

  private opening: Promise<Opened> | undefined;

  private constructor(readonly environment: EngineEnvironment) {}

  static async create(environment: EngineEnvironment): Promise<Workspace> {
    await mkdir(environment.stagingDirectory, { recursive: true });
    return new Workspace(environment);
  }

  /** Loads DuckDB and makes the instance, which the first operation does otherwise. */
  async start(): Promise<void> {
    await this.opened();
  }

  async api(): Promise<Api> {
    return (await this.opened()).api;
  }

  private opened(): Promise<Opened> {
    this.opening ??= open(this.environment).catch((error: unknown) => {
      this.opening = undefined;
      throw failure(error, "query");
    });
    return this.opening;
  }

  /** A table name not used yet in this session. */
  newTable(): { readonly name: string; readonly sql: string } {
    const name = `t${++this.tables}`;
    return { name, sql: qualified(CATALOG, "main", name) };
  }

  /** Runs `work` on a connection of its own; `signal` interrupts it. */
  async use<T>(
    options: RunOptions,
    purpose: Purpose,
    work: (channel: Channel) => Promise<T>,
    inCatalog = true,
  ): Promise<T> {
    const done = this.looksUp();
    const connection = await this.connect(options, purpose, inCatalog).catch((error: unknown) => {
      done();
      throw error;
    });
    const stop = (): void => connection.interrupt();
    options.signal?.addEventListener("abort", stop);
    const task = work(this.channel(connection, purpose, options));
    this.running.add(task);
    try {
      return await task;
    } catch (error) {
      throw this.closed || options.signal?.aborted ? interrupted(error) : failure(error, purpose);
    } finally {
      done();
      this.running.delete(task);
      options.signal?.removeEventListener("abort", stop);
      this.disconnect(connection);
    }
  }

  /** The same for results that the caller pulls; leaving the loop early ends the query. */
  async *pull<T>(
    options: RunOptions,
    purpose: Purpose,
    work: (channel: Channel) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const done = this.looksUp();
    const connection = await this.connect(options, purpose, true).catch((error: unknown) => {
      done();
      throw error;
    });
    const stop = (): void => connection.interrupt();
    options.signal?.addEventListener("abort", stop);
    try {
      for await (const item of work(this.channel(connection, purpose, options))) {
        // a query that gives rows has found its tables, and keeps them to its end
        done();
        yield item;
      }
    } catch (error) {
      throw this.closed || options.signal?.aborted ? interrupted(error) : failure(error, purpose);
    } finally {
      done();
      options.signal?.removeEventListener("abort", stop);
      if (this.channels.has(connection)) connection.interrupt();
      this.disconnect(connection);
    }
  }

  /** Settles when what has begun by now needs no table any more that it has not found yet: then one may be dropped. */
  async foundTables(): Promise<void> {
    await Promise.all([...this.lookingUp]);
  }

  private looksUp(): () => void {
    let done = (): void => undefined;
    const found = new Promise<void>((resolve) => {
      done = resolve;
    }).then(() => void this.lookingUp.delete(found));
    this.lookingUp.add(found);
    return done;
  }

  /** Throws when the session is closed or the caller has stopped. */
  requireGoing({ signal }: RunOptions): void {
    if (signal?.aborted) throw interrupted(signal.reason);
    if (this.closed) throw sessionClosed();
  }

  /** Ends what runs, frees the instance and removes the staging folder. Closing twice is allowed. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const connection of this.channels) connection.interrupt();
    // also what is about to connect: the instance must not go away under it
    await Promise.allSettled([...this.running, ...this.lookingUp]);
    for (const connection of [...this.channels]) this.disconnect(connection);
    const opened = await this.opening?.catch(() => undefined);
    opened?.instance.closeSync();
    await rm(this.environment.stagingDirectory, { recursive: true, force: true });
  }

  private async connect(options: RunOptions, purpose: Purpose, inCatalog: boolean): Promise<DuckDBConnection> {
    this.requireGoing(options);
    const { instance } = await this.opened();
    // closed while it was opening
    if (this.closed) throw interrupted(sessionClosed());
    const connection = await instance.connect();
    this.channels.add(connection);
    if (inCatalog) {
      try {
        await connection.run(
          `USE ${qualified(CATALOG, "main")}${purpose === "sql" ? "" : `; SET max_expression_depth = ${EXPRESSION_DEPTH}`}`,
        );
      } catch (error) {
        this.disconnect(connection);
        throw this.closed ? interrupted(error) : failure(error, "query");
      }
    }
    return connection;
  }

  private channel(connection: DuckDBConnection, purpose: Purpose, options: RunOptions): Channel {
    const check = (): void => this.requireGoing(options);
    return new WorkspaceChannel(
      connection,
      purpose,
      check,
      (sql) => this.createMacros(sql),
      (task) => {
        const settled = task.catch(() => undefined).finally(() => this.running.delete(settled));
        this.running.add(settled);
      },
    );
  }

  /** One after the other: DuckDB refuses two transactions that create one name. */
  private createMacros(sql: string): Promise<void> {
    const missing = [...macrosFor(sql)].filter(([name]) => !this.macros.has(name));
    if (missing.length === 0) return this.creating;
    for (const [name] of missing) this.macros.add(name);
    this.creating = this.creating.then(async () => {
      const connection = await (await this.opened()).instance.connect();
      try {
        await connection.run(missing.map(([, statement]) => statement).join(";\n"));
      } finally {
        connection.disconnectSync();
      }
    });
    return this.creating;
  }

  private disconnect(connection: DuckDBConnection): void {
    if (this.channels.delete(connection)) connection.disconnectSync();
  }
}

/**
 * A type takes six levels of an expression for one of its own, and a choice is one more: with DuckDB's 1,000, records
 * of 500 levels, the most there are, could be in no table (docs/decisions/0219). Statements of users keep the 1,000,
 * behind which DuckDB's stack may end.
 */
const EXPRESSION_DEPTH = 6_500;

type Opened = { readonly api: Api; readonly instance: DuckDBInstance };

async function open(environment: EngineEnvironment): Promise<Opened> {
  const api = await loadDuckdb();
  const instance = await api.DuckDBInstance.create(":memory:", settings(environment)).catch((error: unknown) => {
    throw refusedSetting(error, environment);
  });
  const connection = await instance.connect();
  try {
    await connection.run(setUp(environment).join(";\n"));
  } catch (error) {
    connection.disconnectSync();
    instance.closeSync();
    throw error;
  }
  connection.disconnectSync();
  return { api, instance };
}

class WorkspaceChannel implements Channel {
  constructor(
    readonly connection: DuckDBConnection,
    private readonly purpose: Purpose,
    private readonly check: () => void,
    private readonly createMacros: (sql: string) => Promise<void>,
    private readonly track: (task: Promise<unknown>) => void,
  ) {}

  async run(sql: string): Promise<unknown[][]> {
    this.check();
    try {
      await this.createMacros(sql);
      const reader = await this.connection.runAndReadAll(sql);
      return reader.getRowsJS();
    } catch (error) {
      throw failure(error, this.purpose);
    }
  }

  async *stream(sql: string): AsyncGenerator<DuckDBDataChunk> {
    this.check();
    await this.createMacros(sql);
    const result = await this.connection.stream(sql);
    for (;;) {
      this.check();
      const fetched = result.fetchChunk();
      // closing waits for it: a connection must not go away under a fetch
      this.track(fetched);
      const chunk = await fetched;
      // an interrupted stream ends without an error, as if it were complete
      this.check();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }
}

const sessionClosed = (): DynaframeError =>
  new DynaframeError("SESSION_CLOSED", "The engine session is closed.", { hint: "Open a new one." });

/** DuckDB does not say which setting it refuses; of ours only this one is a text that a caller gives. */
function refusedSetting(error: unknown, { memoryLimit }: EngineEnvironment): unknown {
  if (memoryLimit === undefined || !/set config/i.test(error instanceof Error ? error.message : String(error)))
    return error;
  return new DynaframeError("BAD_OPTION", "memoryLimit is no size", {
    path: "memoryLimit",
    expected: "a size, such as 512MB or 4GiB",
    found: memoryLimit,
    cause: error,
    hint: "Write a number with its unit.",
  });
}

function settings({ threads, memoryLimit }: EngineEnvironment): Record<string, string> {
  return {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "false",
    // its blocks are told from those of a file of the same size by the second of the change only: a file replaced
    // within one was read as it was before
    enable_external_file_cache: "false",
    // past it files are closed and others begun: a folder would get more of them than there are partitions
    partitioned_write_max_open_files: "400",
    ...(threads === undefined ? {} : { threads: String(threads) }),
    ...(memoryLimit === undefined ? {} : { memory_limit: memoryLimit }),
  };
}

/** Tables live in an attached catalog, so that their full names are the same in memory and in a file. */
function setUp({ stagingDirectory, memoryLimit }: EngineEnvironment): readonly string[] {
  const file = memoryLimit === undefined ? ":memory:" : join(stagingDirectory, "work.duckdb");
  return [
    "SET GLOBAL TimeZone = 'UTC'",
    `SET GLOBAL temp_directory = ${text(join(stagingDirectory, "spill"))}`,
    `ATTACH ${text(file)} AS ${identifier(CATALOG)}`,
  ];
}
