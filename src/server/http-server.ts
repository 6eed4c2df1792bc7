/** The endpoint: AWS JSON 1.1 over node's HTTP server, with its limits, its side routes and an orderly end. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Catalog } from "../catalog/index.js";
import { DynaframeError } from "../types/error.js";
import { requestVerifier } from "./auth/verify-request.js";
import { dispatcher, GLUE_TARGET, OWN_TARGET } from "./dispatch.js";
import { Metrics } from "./metrics.js";
import { NestedCatalogs } from "./nested-catalogs.js";
import type { OperationContext } from "./operation.js";
import { readBody } from "./read-body.js";
import type { GlueServer, LogEntry, ServerOptions } from "./server-options.js";
import { wireError, wireErrorBody } from "./wire-error.js";

const DEFAULT_BODY_LIMIT = 16 * 2 ** 20;
/** Ledgers of many files travel in one request. */
const OWN_BODY_LIMIT = 256 * 2 ** 20;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

type Answer = {
  readonly status: number;
  readonly body: string;
  readonly headers?: { readonly [name: string]: string };
  readonly log?: Partial<LogEntry>;
};

/**
 * Listens and answers until `close`. The catalog that `open` gives belongs to the server.
 * @throws BAD_OPTION without keys on other than loopback, or without keys and `insecureNoAuth`; PORT_IN_USE.
 */
export async function startGlueServer(options: ServerOptions): Promise<GlueServer> {
  checkAccess(options);
  const endpoint = new Endpoint(options, await options.open());
  try {
    return await endpoint.listen();
  } catch (error) {
    await endpoint.close();
    throw error;
  }
}

class Endpoint {
  private readonly metrics = new Metrics();
  private readonly dispatch = dispatcher();
  private readonly surroundings: Omit<OperationContext, "catalog" | "requestId" | "isGuest">;
  private readonly verify: ReturnType<typeof requestVerifier> | undefined;
  private readonly server: Server;
  private readonly abort = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private readonly background = new BackgroundWork();
  private readonly nested: NestedCatalogs | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: ServerOptions,
    private catalog: Catalog,
  ) {
    const { keys, clock = Date.now, checkSignatureAge = true } = options;
    this.nested = options.nested === undefined ? undefined : new NestedCatalogs(options.nested);
    this.surroundings = {
      ...options.parts,
      ...(this.nested === undefined ? {} : { nested: this.nested }),
      accountId: options.accountId,
      region: options.region ?? "us-east-1",
      now: () => clock() / 1000,
      newId: () => randomUUID().replaceAll("-", ""),
      signal: this.abort.signal,
      background: this.background,
    };
    this.verify =
      keys === undefined || keys.size === 0 ? undefined : requestVerifier({ keys, clock, checkAge: checkSignatureAge });
    this.server = createServer(
      {
        headersTimeout: options.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
        requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
        connectionsCheckingInterval: Math.min(1000, options.requestTimeoutMs ?? 1000),
        keepAliveTimeout: 65_000,
        maxHeaderSize: 32 * 1024,
      },
      (request, response) => {
        this.track(this.handle(request, response));
      },
    );
  }

  async listen(): Promise<GlueServer> {
    const { host = "127.0.0.1", port = 9400 } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", (cause: NodeJS.ErrnoException) => {
        reject(
          cause.code === "EADDRINUSE"
            ? new DynaframeError("PORT_IN_USE", `port ${port} of ${host} is in use`, {
                cause,
                hint: "choose another --port, 0 for a free one",
              })
            : cause,
        );
      });
      this.server.listen(port, host, resolve);
    });
    const { port: bound } = this.server.address() as AddressInfo;
    return {
      endpoint: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
      port: bound,
      close: () => this.close(),
    };
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      const closed = new Promise<void>((resolve) => {
        this.server.close(() => {
          resolve();
        });
      });
      this.server.closeIdleConnections();
      await Promise.allSettled([...this.running]); // what has begun is finished and answered
      this.server.closeAllConnections();
      if (this.server.listening) await closed;
      this.abort.abort();
      await this.background.settled();
      await this.nested?.close();
      await this.catalog.close();
    })();
    return this.closing;
  }

  private track(work: Promise<unknown>): void {
    this.running.add(work);
    void work.finally(() => this.running.delete(work));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const requestId = randomUUID();
    this.metrics.inFlight += 1;
    let answer: Answer;
    try {
      answer = await this.answer(request, requestId);
    } catch (error) {
      const wire = wireError(error);
      answer = {
        status: wire.status,
        body: wireErrorBody(wire, request.headers["x-dynaframe-client"] === undefined ? undefined : error),
        headers: { "x-amzn-errortype": wire.type },
        log: {
          error: wire.type,
          message: wire.message,
          ...(wire.isFault ? { level: "error", fault: faultText(error) } : {}),
        },
      };
    }
    this.metrics.inFlight -= 1;
    const isLast = this.closing !== undefined || answer.status === 413 || answer.status === 408;
    if (!response.destroyed) {
      response.writeHead(answer.status, {
        "content-type": "application/x-amz-json-1.1",
        "content-length": Buffer.byteLength(answer.body),
        "x-amzn-requestid": requestId,
        ...answer.headers,
        ...(isLast ? { connection: "close" } : {}),
      });
      response.end(answer.body);
    }
    this.record(request, requestId, answer, performance.now() - started);
  }

  private async answer(request: IncomingMessage, requestId: string): Promise<Answer> {
    const { method = "", url = "/" } = request;
    if (method === "GET" && url === "/healthz")
      return { status: 200, body: JSON.stringify({ status: "ok" }), headers: { "content-type": "application/json" } };
    if (method === "GET" && url === "/metrics")
      return {
        status: 200,
        body: this.metrics.text(),
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      };
    if (method === "POST" && url === "/reset" && this.options.reset !== undefined) return this.reset();
    if (method !== "POST" || url !== "/") {
      throw new DynaframeError("UNKNOWN_OPERATION", `There is nothing at ${method} ${url.slice(0, 100)}`, {
        name: "UnknownOperationException",
        hint: "Glue requests are POST /",
      });
    }
    const target = String(request.headers["x-amz-target"] ?? "");
    const body = await readBody(
      request,
      target.startsWith(OWN_TARGET) ? OWN_BODY_LIMIT : (this.options.bodyLimit ?? DEFAULT_BODY_LIMIT),
    );
    const accessKey = this.verify?.({ method, url, headers: request.headers, body });
    const output = await this.dispatch(
      target,
      body.toString("utf8"),
      this.context(requestId, accessKey !== undefined && this.options.guests?.has(accessKey) === true),
    );
    return { status: 200, body: JSON.stringify(output), ...(accessKey === undefined ? {} : { log: { accessKey } }) };
  }

  private async reset(): Promise<Answer> {
    const { reset } = this.options;
    if (reset !== undefined) {
      const before = this.catalog;
      await this.nested?.close();
      this.catalog = await reset();
      await before.close();
    }
    return { status: 200, body: "{}" };
  }

  private context(requestId: string, isGuest: boolean): OperationContext {
    return { ...this.surroundings, catalog: this.catalog, requestId, isGuest };
  }

  private record(request: IncomingMessage, requestId: string, { status, log }: Answer, ms: number): void {
    const target = String(request.headers["x-amz-target"] ?? "");
    const named = target.startsWith(GLUE_TARGET) || target.startsWith(OWN_TARGET);
    // a name that is none must not make a series of its own
    const isKnown = named && log?.error !== "UnknownOperationException";
    const operation = isKnown
      ? target.replace(GLUE_TARGET, "")
      : request.method === "GET"
        ? (request.url?.slice(0, 20) ?? "")
        : "unknown";
    if (request.method === "POST") this.metrics.record(isKnown ? operation : "unknown", log?.error ?? "ok", ms / 1000);
    this.options.log?.({
      level: "info",
      time: new Date().toISOString(),
      requestId,
      operation,
      status,
      ms: Math.round(ms * 100) / 100,
      ...log,
    });
  }
}

/** Work that goes on after its request was answered, such as a crawl. */
class BackgroundWork {
  private readonly all = new Set<Promise<void>>();

  /** `work` handles its own errors. */
  add(work: Promise<void>): void {
    this.all.add(work);
    void work.finally(() => this.all.delete(work));
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.all]);
  }
}

function checkAccess({ keys, insecureNoAuth = false, host = "127.0.0.1" }: ServerOptions): void {
  if (keys !== undefined && keys.size > 0) return;
  if (!insecureNoAuth)
    throw new DynaframeError("BAD_OPTION", "the server has no access keys", {
      hint: "give credentials, or insecureNoAuth on a loopback address",
    });
  if (!["127.0.0.1", "::1", "localhost"].includes(host)) {
    throw new DynaframeError(
      "BAD_OPTION",
      `a server without authentication may listen on loopback only, not on ${host}`,
      { path: "insecureNoAuth", hint: "give credentials" },
    );
  }
}

// the stack says where; a cause's message may hold data, and stays out
const faultText = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
