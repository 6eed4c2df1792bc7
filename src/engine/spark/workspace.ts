/** One session on a Spark server with its settings: SQL in, rows out. Its errors are DynaframeErrors. */
import { mkdir, rm } from "node:fs/promises";
import { DynaframeError } from "../../types/error.js";
import type { StructType } from "../../types/data-type.js";
import type { Row } from "../../types/value.js";
import { loadOptional } from "../../types/load-optional.js";
import type { Engine, EngineEnvironment, RunOptions } from "../index.js";
import { interrupted } from "../interrupted.js";
import type { ServerAddress } from "./connect/address.js";
import type { SparkClient } from "./connect/client.js";
import type { ExecutePlanResponse } from "./connect/generated/base.js";
import { SparkExecutors } from "./executors.js";
import { failure, namingFile, type Purpose } from "./failure.js";
import { SparkPrograms } from "./programs.js";
import { batchReader, firstNumbers } from "./read-arrow.js";
import { identifier } from "./quote.js";
import { planLine, RunFacts } from "./run-facts.js";
import { knowCodecs } from "./unpack-arrow.js";

type Arrow = typeof import("apache-arrow");
type Connect = typeof import("./connect/client.js");
type SessionSettings = { readonly clusterWork?: Engine["clusterWork"]; readonly release?: () => Promise<void> };

/**
 * Casts of Spark without ANSI mode are the norm of `types/cast.ts`; names are told apart by case; texts in SQL are
 * taken as they are; instants and dates are not shifted between calendars; a union has the partitions of both its
 * inputs.
 */
const SETTINGS: Readonly<Record<string, string>> = Object.freeze({
  "spark.sql.ansi.enabled": "false",
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.caseSensitive": "true",
  "spark.sql.variable.substitute": "false",
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
  "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
  "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
  "spark.sql.legacy.parquet.nanosAsLong": "true",
  "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
  "spark.sql.unionOutputPartitioning": "false",
});

/** Queries whose last run is remembered. */
const REMEMBERED = 100;

export class SparkWorkspace {
  private readonly ran = new Map<string, string>();
  private closed = false;
  private names = 0;

  /** Addresses of files by the names of the links under which the server reads them. */
  readonly linked = new Map<string, string>();
  readonly programs = new SparkPrograms(this);
  /** Undefined where the driver's own threads are as near to the files. */
  readonly executors: SparkExecutors | undefined;

  private constructor(
    readonly client: SparkClient,
    private readonly connect: Connect,
    private readonly arrow: Arrow,
    readonly environment: EngineEnvironment,
    private readonly release: () => Promise<void>,
    clusterWork: Engine["clusterWork"],
  ) {
    this.executors = clusterWork === undefined ? undefined : new SparkExecutors(this, clusterWork);
  }

  /**
   * `release` is called when the session is closed: what was started for it may then go. `clusterWork`: see `Engine`.
   */
  static async open(
    address: ServerAddress,
    environment: EngineEnvironment,
    { clusterWork, release = async () => undefined }: SessionSettings = {},
  ): Promise<SparkWorkspace> {
    const connect = await loadConnect();
    const arrow = await loadOptional("apache-arrow", () => import("apache-arrow"), "The Spark engine");
    knowCodecs(arrow);
    await mkdir(environment.stagingDirectory, { recursive: true });
    const client = await connect.SparkClient.open(address).catch(async (error: unknown) => {
      await release();
      throw failure(error, "query");
    });
    try {
      const version = await client.version();
      if (!/^[4-9]\./.test(version)) {
        throw new DynaframeError("SPARK_PROTOCOL", `The server is Spark ${version}.`, {
          expected: "Apache Spark 4",
          found: version,
          hint: "Use a server of Spark 4 or later.",
        });
      }
      await client.setConfig(SETTINGS);
    } catch (error) {
      await client.close();
      await release();
      throw failure(error, "query");
    }
    return new SparkWorkspace(client, connect, arrow, environment, release, clusterWork);
  }

  readonly requireGoing = ({ signal }: RunOptions): void => {
    if (signal?.aborted) throw interrupted(signal.reason);
    if (this.closed)
      throw new DynaframeError("SESSION_CLOSED", "The engine session is closed.", { hint: "Open a new one." });
  };

  /** A name of this session that nothing has yet. */
  newName(): string {
    return `dynaframe_${++this.names}`;
  }

  /** Rows of a query whose columns are the fields of `type`, as they come. */
  async *rows(sql: string, type: StructType, options: RunOptions, purpose: Purpose): AsyncGenerator<readonly Row[]> {
    const read = batchReader(type, this.arrow);
    for await (const bytes of this.batches(sql, options, purpose)) {
      const rows = read(bytes);
      if (rows.length > 0) yield rows;
    }
  }

  /** The first row of a query of BIGINT columns; nothing for no rows. */
  async numbers(sql: string, options: RunOptions, purpose: Purpose = "query"): Promise<readonly number[]> {
    let found: readonly number[] = [];
    for await (const bytes of this.batches(sql, options, purpose))
      if (found.length === 0) found = firstNumbers(bytes, this.arrow);
    return found;
  }

  /** Runs a statement to its end. */
  async run(sql: string, options: RunOptions, purpose: Purpose = "query"): Promise<void> {
    await this.guard(options, purpose, () =>
      this.client.command(
        {
          commandType: {
            case: "sqlCommand",
            value: { $typeName: "spark.connect.SqlCommand", input: this.connect.sqlRelation(sql) },
          },
        },
        executionOptions(options),
      ),
    );
  }

  /** A view of this session over Parquet files that lie at paths the server sees; what may be selected from. */
  parquetView(paths: readonly string[], schema: string | undefined, options: RunOptions): Promise<string> {
    return this.fileView("parquet", paths, schema, options);
  }

  /** The same of files of a format; without a schema, of ORC, the schemas of all files are merged. */
  async fileView(
    format: "parquet" | "orc",
    paths: readonly string[],
    schema: string | undefined,
    options: RunOptions,
  ): Promise<string> {
    const name = this.newName();
    await this.guard(options, "query", () =>
      this.client.command(
        {
          commandType: {
            case: "createDataframeView",
            value: {
              $typeName: "spark.connect.CreateDataFrameViewCommand",
              name,
              isGlobal: false,
              replace: true,
              input: {
                $typeName: "spark.connect.Relation",
                relType: {
                  case: "read",
                  value: {
                    $typeName: "spark.connect.Read",
                    readType: {
                      case: "dataSource",
                      value: {
                        $typeName: "spark.connect.Read.DataSource",
                        format,
                        paths: paths.map((path) => `file://${encodeURI(path)}`),
                        predicates: [],
                        options: { recursiveFileLookup: "true", mergeSchema: String(format === "orc") },
                        ...(schema === undefined ? {} : { schema }),
                      },
                    },
                  },
                },
              },
            },
          },
        },
        executionOptions(options),
      ),
    );
    return identifier(name);
  }

  /** The executors write the rows of a query below a folder that is not there yet. */
  async save(
    query: string,
    folder: string,
    sink: {
      readonly source: string;
      readonly options: Readonly<Record<string, string>>;
      readonly partitioningColumns: string[];
    },
    options: RunOptions,
  ): Promise<void> {
    await this.guard(options, "write", () =>
      this.client.command(
        {
          commandType: {
            case: "writeOperation",
            value: this.connect.writeOperation({
              input: this.connect.sqlRelation(query),
              saveType: { case: "path", value: `file://${encodeURI(folder)}` },
              ...sink,
              options: { ...sink.options },
            }),
          },
        },
        executionOptions(options),
      ),
    );
  }

  /** Runs work of the client; the error is one of ours. */
  async guard<T>(options: RunOptions, purpose: Purpose, work: () => Promise<T>): Promise<T> {
    this.requireGoing(options);
    try {
      return await work();
    } catch (error) {
      throw this.closed || options.signal?.aborted
        ? interrupted(error)
        : namingFile(failure(error, purpose), this.linked);
    }
  }

  /** Ends the session and removes its staging folder. Closing twice is allowed. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.client.close();
    await rm(this.environment.stagingDirectory, { recursive: true, force: true });
    await this.release();
  }

  /** What the server plans for a query, and what its last run in this session did. Runs nothing. */
  async facts(sql: string): Promise<readonly string[]> {
    const plan = await this.guard({}, "query", () => this.client.explain(sql));
    const ran = this.ran.get(sql);
    return [`server: ${planLine(plan)}`, ...(ran === undefined ? [] : [`last run: ${ran}`])];
  }

  private remember(sql: string, line: string): void {
    this.ran.delete(sql);
    this.ran.set(sql, line);
    const [oldest] = this.ran.keys();
    if (this.ran.size > REMEMBERED && oldest !== undefined) this.ran.delete(oldest);
  }

  private async *batches(sql: string, options: RunOptions, purpose: Purpose): AsyncGenerator<Uint8Array> {
    this.requireGoing(options);
    const facts = new RunFacts();
    const { onProgress, ...execution } = executionOptions(options);
    const responses = this.client.execute(this.connect.sqlPlan(sql), {
      ...execution,
      onProgress: (progress) => {
        facts.progress(progress);
        onProgress?.(progress);
      },
    });
    const chunks: Uint8Array[] = [];
    try {
      for await (const response of responses) {
        this.requireGoing(options);
        facts.metrics(response.metrics);
        const bytes = wholeBatch(response, chunks);
        if (bytes !== undefined) yield bytes;
      }
      this.remember(sql, facts.line());
    } catch (error) {
      throw this.closed || options.signal?.aborted
        ? interrupted(error)
        : namingFile(failure(error, purpose), this.linked);
    }
  }
}

/** A batch may come in several answers. */
function wholeBatch({ responseType }: ExecutePlanResponse, chunks: Uint8Array[]): Uint8Array | undefined {
  if (responseType.case !== "arrowBatch") return undefined;
  const { data, numChunksInBatch } = responseType.value;
  if (numChunksInBatch === undefined || numChunksInBatch <= 1n) return data;
  chunks.push(data);
  return BigInt(chunks.length) === numChunksInBatch ? Buffer.concat(chunks.splice(0)) : undefined;
}

/** Tasks done are told as files, of which there are as many as tasks: the one measure that a server gives. */
const executionOptions = ({ signal, onProgress }: RunOptions): Parameters<SparkClient["execute"]>[1] & object => ({
  ...(signal === undefined ? {} : { signal }),
  ...(onProgress === undefined
    ? {}
    : {
        onProgress: ({ stages }) => {
          const sum = (of: (stage: (typeof stages)[number]) => bigint): number =>
            Number(stages.reduce((total, stage) => total + of(stage), 0n));
          const read = sum(({ inputBytesRead }) => inputBytesRead);
          onProgress({
            phase: "query",
            filesDone: sum(({ numCompletedTasks }) => numCompletedTasks),
            files: sum(({ numTasks }) => numTasks),
            bytesDone: read,
            bytes: read,
          });
        },
      }),
});

/** The protocol's parts are packages that only this engine needs. */
async function loadConnect(): Promise<Connect> {
  await loadOptional("@bufbuild/protobuf", () => import("@bufbuild/protobuf"), "The Spark engine");
  await loadOptional("@connectrpc/connect", () => import("@connectrpc/connect"), "The Spark engine");
  await loadOptional("@connectrpc/connect-node", () => import("@connectrpc/connect-node"), "The Spark engine");
  return import("./connect/client.js");
}
