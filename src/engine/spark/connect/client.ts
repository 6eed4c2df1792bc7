/** A thin client of one session of a Spark Connect server (protocol of Apache Spark 4). Errors are `ServerError`. */
import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { createClient, type CallOptions, type Client } from "@connectrpc/connect";
import type { ServerAddress } from "./address.js";
import { artifactRequests, type Artifact } from "./artifacts.js";
import { Execution, type ExecutionOptions } from "./execution.js";
import {
  AnalyzePlanRequest_Explain_ExplainMode,
  InterruptRequest_InterruptType,
  PlanSchema,
  SparkConnectService,
  UserContextSchema,
  type AnalyzePlanRequest,
  type ConfigRequest_Operation,
  type ExecutePlanResponse,
  type Plan,
} from "./generated/base.js";
import {
  WriteOperation_SaveMode,
  WriteOperationSchema,
  type Command,
  type WriteOperation,
} from "./generated/commands.js";
import type { Relation } from "./generated/relations.js";
import type { DataType } from "./generated/types.js";
import { ServerError, serverError, withDetails } from "./server-error.js";
import { TIMING, type Timing } from "./timing.js";
import { openTransport, requireHttp2 } from "./transport.js";

const CLIENT_TYPE = "dynaframe";

type MessageInit<T> = Partial<Omit<T, "$typeName" | "$unknown">>;
export type RelationInit = MessageInit<Relation>;

export class SparkClient {
  readonly sessionId: string;
  /** What every request carries. */
  readonly identity: {
    readonly sessionId: string;
    readonly userContext: ReturnType<typeof userContext>;
    readonly clientType: string;
  };
  private serverSession: string | undefined;

  private constructor(
    readonly service: Client<typeof SparkConnectService>,
    private readonly closeTransport: () => void,
    address: ServerAddress,
    readonly timing: Timing,
  ) {
    this.sessionId = address.sessionId ?? randomUUID();
    this.identity = { sessionId: this.sessionId, userContext: userContext(address), clientType: CLIENT_TYPE };
  }

  /** @throws ServerError when nothing listens there, or nothing that speaks HTTP/2 */
  static async open(address: ServerAddress, timing = TIMING): Promise<SparkClient> {
    await requireHttp2(address, timing);
    const { transport, close } = openTransport(address, timing);
    return new SparkClient(createClient(SparkConnectService, transport), close, address, timing);
  }

  /** The server's version, such as `4.2.0`. */
  async version(): Promise<string> {
    const { result } = await this.analyze({
      case: "sparkVersion",
      value: { $typeName: "spark.connect.AnalyzePlanRequest.SparkVersion" },
    });
    return result.case === "sparkVersion" ? result.value.version : "";
  }

  /** The type of a query's rows; the server plans, but runs nothing. */
  async schema(query: string): Promise<DataType | undefined> {
    const { result } = await this.analyze({
      case: "schema",
      value: { $typeName: "spark.connect.AnalyzePlanRequest.Schema", plan: sqlPlan(query) },
    });
    return result.case === "schema" ? result.value.schema : undefined;
  }

  /** The server's physical plan of a query, as text. */
  async explain(query: string): Promise<string> {
    const { result } = await this.analyze({
      case: "explain",
      value: {
        $typeName: "spark.connect.AnalyzePlanRequest.Explain",
        plan: sqlPlan(query),
        explainMode: AnalyzePlanRequest_Explain_ExplainMode.FORMATTED,
      },
    });
    return result.case === "explain" ? result.value.explainString : "";
  }

  /**
   * Runs a query or a command; its answers as they come. Leaving the loop early, or the signal, interrupts it on the
   * server.
   */
  execute(plan: Plan, options: ExecutionOptions = {}): AsyncGenerator<ExecutePlanResponse> {
    return new Execution(this, plan, options).responses();
  }

  /** Runs a statement that gives no rows. */
  async command(command: MessageInit<Command>, options: ExecutionOptions = {}): Promise<void> {
    const plan = create(PlanSchema, {
      opType: {
        case: "command",
        value: { $typeName: "spark.connect.Command", commandType: { case: undefined }, ...command },
      },
    });
    for await (const response of this.execute(plan, options)) void response;
  }

  async setConfig(pairs: Readonly<Record<string, string>>): Promise<void> {
    await this.config({
      case: "set",
      value: {
        $typeName: "spark.connect.ConfigRequest.Set",
        pairs: Object.entries(pairs).map(([key, value]) => ({ $typeName: "spark.connect.KeyValue", key, value })),
      },
    });
  }

  /** Undefined for what is not set. */
  async getConfig(key: string, timeoutMs?: number): Promise<string | undefined> {
    const { pairs } = await this.config(
      { case: "getOption", value: { $typeName: "spark.connect.ConfigRequest.GetOption", keys: [key] } },
      timeoutMs,
    );
    return pairs[0]?.value;
  }

  /** Files for the session: `files/<name>` is put beside every task. */
  async addArtifacts(artifacts: readonly Artifact[]): Promise<void> {
    const answer = await this.call((options) =>
      this.service.addArtifacts(artifactRequests(this.identity, artifacts), options),
    );
    const damaged = answer.artifacts.filter(({ isCrcSuccessful }) => !isCrcSuccessful);
    if (damaged.length > 0)
      throw new ServerError(`Damaged on the way: ${damaged.map(({ name }) => name).join(", ")}`, {
        kind: "connection",
      });
  }

  /** Stops one execution; the server answers with the ids that it stopped. */
  async interrupt(operationId: string): Promise<readonly string[]> {
    const { interruptedIds } = await this.call((options) =>
      this.service.interrupt(
        {
          ...this.identity,
          interruptType: InterruptRequest_InterruptType.OPERATION_ID,
          interrupt: { case: "operationId", value: operationId },
        },
        { ...options, timeoutMs: this.timing.probe },
      ),
    );
    return interruptedIds;
  }

  /**
   * Ends the session on the server, with its views and artifacts, and the connection. Never throws: a server that is
   * gone has ended it.
   */
  async close(): Promise<void> {
    try {
      await this.service.releaseSession(this.identity, { timeoutMs: Math.min(10_000, this.timing.call) });
    } catch {
      /* see above */
    } finally {
      this.closeTransport();
    }
  }

  /** A call with a deadline whose error carries the server's details. */
  async call<T extends { readonly serverSideSessionId: string }>(
    run: (options: CallOptions) => Promise<T>,
    timeoutMs = this.timing.call,
  ): Promise<T> {
    try {
      const answer = await run({ timeoutMs });
      this.checkSession(answer.serverSideSessionId);
      return answer;
    } catch (error) {
      throw await this.detailed(error);
    }
  }

  /**
   * The server numbers its sessions: another number means that it was restarted, and everything in the session is gone.
   */
  checkSession(serverSide: string): void {
    if (serverSide === "") return;
    this.serverSession ??= serverSide;
    if (this.serverSession !== serverSide)
      throw new ServerError("The server was restarted: the session is lost.", {
        kind: "server",
        errorClass: "INVALID_HANDLE.SESSION_CHANGED",
      });
  }

  async detailed(error: unknown): Promise<ServerError> {
    const known = serverError(error);
    const { errorId } = known.details;
    if (errorId === undefined) return known;
    try {
      return withDetails(
        known,
        await this.service.fetchErrorDetails(
          { ...this.identity, errorId },
          { timeoutMs: Math.min(10_000, this.timing.call) },
        ),
      );
    } catch {
      return known;
    }
  }

  private analyze(
    analyze: AnalyzePlanRequest["analyze"],
  ): Promise<Awaited<ReturnType<typeof this.service.analyzePlan>>> {
    return this.call((options) => this.service.analyzePlan({ ...this.identity, analyze }, options));
  }

  private config(
    opType: ConfigRequest_Operation["opType"],
    timeoutMs?: number,
  ): Promise<Awaited<ReturnType<typeof this.service.config>>> {
    return this.call((options) => this.service.config({ ...this.identity, operation: { opType } }, options), timeoutMs);
  }
}

const userContext = ({ userId }: ServerAddress) => create(UserContextSchema, { userId, userName: userId });

/** The rows of an SQL text. */
export const sqlPlan = (query: string): Plan =>
  create(PlanSchema, { opType: { case: "root", value: sqlRelation(query) } });

export const sqlRelation = (query: string): Relation => ({
  $typeName: "spark.connect.Relation",
  relType: { case: "sql", value: { $typeName: "spark.connect.SQL", query } },
});

/** A write into a folder; one that is there is an error. */
export const writeOperation = (
  fields: Pick<WriteOperation, "source" | "saveType" | "options" | "partitioningColumns"> & {
    readonly input: Relation;
  },
): WriteOperation => create(WriteOperationSchema, { ...fields, mode: WriteOperation_SaveMode.ERROR_IF_EXISTS });
