/**
 * One execution, reattachable: the server ends streams after two minutes, and connections break. The client names the
 * operation, remembers the last answer it had and asks for what follows it; the server keeps answers until they are
 * released.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { SparkClient } from "./client.js";
import type {
  ExecutePlanResponse,
  ExecutePlanResponse_ExecutionProgress as ServerProgress,
  Plan,
} from "./generated/base.js";
import { ServerError } from "./server-error.js";

export type ExecutionOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ServerProgress) => void;
};

/** Broken connections in a row, none with an answer in between, that are borne. */
const MAX_BREAKS = 5;
/** Answers taken before the server is told to forget them. */
const RELEASE_EVERY = 16;

export class Execution {
  readonly operationId = randomUUID();
  private lastResponseId: string | undefined;
  private unreleased = 0;
  private started = false;
  private complete = false;
  /** When the server was last heard. */
  private heard = Date.now();

  constructor(
    private readonly client: SparkClient,
    private readonly plan: Plan,
    private readonly options: ExecutionOptions,
  ) {}

  async *responses(): AsyncGenerator<ExecutePlanResponse> {
    const { signal } = this.options;
    let breaks = 0;
    try {
      while (!this.complete) {
        const connection = new AbortController();
        const stop = (): void => {
          connection.abort(signal?.reason);
        };
        signal?.addEventListener("abort", stop);
        try {
          signal?.throwIfAborted();
          for await (const response of this.guarded(this.connect(connection.signal), connection)) {
            breaks = 0;
            this.note(response);
            if (response.responseType.case === "executionProgress")
              this.options.onProgress?.(response.responseType.value);
            else yield response;
          }
        } catch (error) {
          if (signal?.aborted === true) throw new ServerError("Interrupted.", { kind: "canceled" }, { cause: error });
          const failure = connection.signal.aborted ? silent(error) : await this.client.detailed(error);
          if (
            !this.mayContinue(failure)
            || ++breaks > MAX_BREAKS
            || Date.now() - this.heard > this.client.timing.giveUp
          )
            throw failure;
          await sleep(50 * 2 ** breaks);
        } finally {
          signal?.removeEventListener("abort", stop);
          connection.abort();
        }
      }
    } finally {
      await this.end();
    }
  }

  private connect(signal: AbortSignal): AsyncIterable<ExecutePlanResponse> {
    const { service, identity } = this.client;
    if (!this.started) {
      this.started = true;
      return service.executePlan(
        {
          ...identity,
          operationId: this.operationId,
          plan: this.plan,
          tags: [],
          requestOptions: [
            { requestOption: { case: "reattachOptions", value: { reattachable: true } } },
            { requestOption: { case: "resultChunkingOptions", value: { allowArrowBatchChunking: true } } },
          ],
        },
        { signal },
      );
    }
    return service.reattachExecute(
      {
        ...identity,
        operationId: this.operationId,
        ...(this.lastResponseId === undefined ? {} : { lastResponseId: this.lastResponseId }),
      },
      { signal },
    );
  }

  /** The stream, given up when it is silent and the server does not answer a question beside it. */
  private async *guarded(
    stream: AsyncIterable<ExecutePlanResponse>,
    connection: AbortController,
  ): AsyncGenerator<ExecutePlanResponse> {
    const answers = stream[Symbol.asyncIterator]();
    const { silence, probe } = this.client.timing;
    for (;;) {
      const next = answers.next();
      const watch = setInterval(() => {
        this.client.getConfig("spark.sql.session.timeZone", probe).then(
          () => {
            this.heard = Date.now();
          },
          () => {
            connection.abort();
          },
        );
      }, silence);
      watch.unref();
      try {
        const result = await next;
        this.heard = Date.now();
        if (result.done === true) return;
        yield result.value;
      } finally {
        clearInterval(watch);
      }
    }
  }

  private note(response: ExecutePlanResponse): void {
    this.client.checkSession(response.serverSideSessionId);
    this.lastResponseId = response.responseId;
    if (response.responseType.case === "resultComplete") this.complete = true;
    else if (++this.unreleased >= RELEASE_EVERY) this.releaseUntil(response.responseId);
  }

  /** Whether asking again for the same answers makes sense; an execution that never began is begun again. */
  private mayContinue({ details: { kind, errorClass = "" } }: ServerError): boolean {
    if (errorClass.startsWith("INVALID_CURSOR.DISCONNECTED")) return true;
    if (errorClass === "INVALID_HANDLE.OPERATION_NOT_FOUND" && this.lastResponseId === undefined) {
      this.started = false;
      return true;
    }
    return kind === "connection" || (kind === "canceled" && errorClass === "");
  }

  private releaseUntil(responseId: string): void {
    this.unreleased = 0;
    const { service, identity } = this.client;
    // what is not released now is at the end
    service
      .releaseExecute(
        { ...identity, operationId: this.operationId, release: { case: "releaseUntil", value: { responseId } } },
        { timeoutMs: this.client.timing.probe },
      )
      .catch(() => undefined);
  }

  private async end(): Promise<void> {
    if (!this.started) return;
    const { service, identity } = this.client;
    if (!this.complete) await this.client.interrupt(this.operationId).catch(() => undefined);
    service
      .releaseExecute(
        { ...identity, operationId: this.operationId, release: { case: "releaseAll", value: {} } },
        { timeoutMs: this.client.timing.probe },
      )
      .catch(() => undefined);
  }
}

const silent = (cause: unknown): ServerError =>
  new ServerError("The server answers no more.", { kind: "connection" }, { cause });
