/** The gRPC transport to a server, with its credentials on every call. */
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { DynaframeError } from "../../../types/error.js";
import type { ServerAddress } from "./address.js";
import { causeKind, ServerError } from "./server-error.js";
import type { Timing } from "./timing.js";

export function openTransport(
  address: ServerAddress,
  { pingEvery, pingTimeout }: Timing,
): { readonly transport: Transport; readonly close: () => void } {
  const baseUrl = urlOf(address);
  const sessionManager = new Http2SessionManager(
    baseUrl,
    { pingIntervalMs: pingEvery, pingTimeoutMs: pingTimeout },
    { ...tlsOptions(address), settings: { initialWindowSize: WINDOW } },
  );
  widen(sessionManager);
  const transport = createGrpcTransport({ baseUrl, sessionManager, interceptors: [credentials(address)] });
  return {
    transport,
    close: () => {
      sessionManager.abort();
    },
  };
}

/**
 * Bytes that the server may send before it is told that some were read: HTTP/2's own 64 KB make it wait for every one
 * of its batches.
 */
const WINDOW = 16 << 20;

/** The same for the connection as a whole, which has no setting of its own. */
function widen(manager: Http2SessionManager): void {
  const widened = new WeakSet<object>();
  const request = manager.request.bind(manager);
  manager.request = async (...args) => {
    const stream = await request(...args);
    const { session } = stream;
    if (session !== undefined && !widened.has(session)) {
      widened.add(session);
      session.setLocalWindowSize(WINDOW);
    }
    return stream;
  };
}

/** Certificates of an authority of one's own: the file that `DYNAFRAME_SPARK_CA` names. Verification is never off. */
function tlsOptions({ secure }: ServerAddress): { readonly ca?: Buffer } {
  const file = process.env["DYNAFRAME_SPARK_CA"];
  if (file === undefined || !secure) return {};
  try {
    return { ca: readFileSync(file) };
  } catch (cause) {
    throw new DynaframeError("BAD_OPTION", `The file that DYNAFRAME_SPARK_CA names cannot be read: ${file}`, {
      file,
      cause,
      hint: "Name a file of certificates (PEM).",
    });
  }
}

const urlOf = ({ host, port, secure }: ServerAddress): string =>
  `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/**
 * Makes sure, on a connection of its own, that what listens there speaks HTTP/2: the transport does not listen to
 * errors of a connection that failed, and a second one would end the process.
 * @throws ServerError
 */
export async function requireHttp2(address: ServerAddress, { call }: Timing): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const session = connect(urlOf(address), tlsOptions(address));
    const end = (error?: ServerError): void => {
      clearTimeout(timer);
      session.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const timer = setTimeout(() => {
      end(new ServerError("The server accepts the connection and says nothing.", { kind: "connection" }));
    }, call);
    session.on("error", (cause: NodeJS.ErrnoException) => {
      end(
        new ServerError(
          cause.message,
          { kind: cause.code === "ERR_HTTP2_ERROR" ? "protocol" : (causeKind(cause) ?? "connection") },
          { cause },
        ),
      );
    });
    session.once("remoteSettings", () => {
      end();
    });
  });
}

const credentials =
  ({ token, headers }: ServerAddress): Interceptor =>
  (next) =>
  (request) => {
    if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
    for (const [name, value] of headers) request.header.set(name, value);
    return next(request);
  };
