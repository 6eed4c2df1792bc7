/** The gRPC transport to a server, with its credentials on every call. */
import { readFileSync } from "node:fs";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import type { ServerAddress } from "./address.js";

/** A connection that does not answer a ping is given up: a server that hangs must not hang its clients. */
const PING_EVERY = 20_000;
const PING_TIMEOUT = 15_000;

export function openTransport(address: ServerAddress): { readonly transport: Transport; readonly close: () => void } {
  const { host, port, secure } = address;
  const baseUrl = `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const sessionManager = new Http2SessionManager(baseUrl, { pingIntervalMs: PING_EVERY, pingTimeoutMs: PING_TIMEOUT }, secure ? tlsOptions() : {});
  const transport = createGrpcTransport({ baseUrl, sessionManager, interceptors: [credentials(address)] });
  return { transport, close: () => { sessionManager.abort(); } };
}

/** Certificates of an authority of one's own: the file that `DYNAFRAME_SPARK_CA` names. Verification is never off. */
function tlsOptions(): { readonly ca?: Buffer } {
  const file = process.env["DYNAFRAME_SPARK_CA"];
  return file === undefined ? {} : { ca: readFileSync(file) };
}

const credentials = ({ token, headers }: ServerAddress): Interceptor => (next) => (request) => {
  if (token !== undefined) request.header.set("authorization", `Bearer ${token}`);
  for (const [name, value] of headers) request.header.set(name, value);
  return next(request);
};
