/**
 * Takes down what a client sends to a server, and what it is answered, as fixtures that are played again without the
 * client.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Exchange, type Json, Normaliser } from "./exchange.js";

export const RECORDINGS = join(__dirname, "..", "..", "..", "fixtures", "clients");
const GLUE = "AWSGlue.";
/** Of the headers what a server could look at; the rest is signed anew, or of the machine. */
const HEADERS = ["content-type", "accept", "x-amz-target", "x-amz-api-version"];

export type Recording = {
  /** What the client is to be told. */
  readonly endpoint: string;
  /** Writes what was taken down till now; what comes after it is passed on only. */
  end(): void;
  close(): void;
};

type Taken = { readonly operation: string; readonly exchange: Exchange };

/** The server itself, unless DYNAFRAME_RECORD_CLIENTS is set: `npm run record:clients`. */
export async function record(client: string, endpoint: string): Promise<Recording> {
  if (process.env["DYNAFRAME_RECORD_CLIENTS"] === undefined)
    return { endpoint, end: () => undefined, close: () => undefined };
  const taken: Taken[] = [];
  const proxy = createServer((incoming, outgoing) => {
    void pass(endpoint, incoming, outgoing).then((one) => {
      if (one !== undefined) taken.push(one);
    });
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    end: () => {
      write(client, taken);
    },
    close: () => {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

/** Passes a request on as it stands, signature and all. */
async function pass(endpoint: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<Taken | undefined> {
  const body = await bodyOf(incoming);
  const { hostname, port } = new URL(endpoint);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, resolve)
      .on("error", reject)
      .end(body);
  });
  const text = await bodyOf(answer);
  outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(text);
  const target = String(incoming.headers["x-amz-target"] ?? "");
  if (!target.startsWith(GLUE)) return undefined;
  const headers = Object.fromEntries(
    HEADERS.flatMap((name) => {
      const value = incoming.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
  const error = answer.headers["x-amzn-errortype"];
  return {
    operation: target.slice(GLUE.length),
    exchange: {
      client: productOf(String(incoming.headers["user-agent"] ?? "")),
      request: { headers, body: JSON.parse(body.toString("utf8")) as Json },
      answer: {
        status: answer.statusCode ?? 0,
        ...(typeof error === "string" ? { error } : {}),
        body: JSON.parse(text.toString("utf8")) as Json,
      },
    },
  };
}

async function bodyOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** The first product of a User-Agent: what comes after it tells of the machine. */
const productOf = (agent: string): string => /^[\w.-]+\/[\w.+-]+/.exec(agent)?.[0] ?? "";

function write(client: string, taken: readonly Taken[]): void {
  const folder = join(RECORDINGS, client);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const normaliser = new Normaliser();
  const seen = new Set<string>();
  let written = 0;
  for (const {
    operation,
    exchange: { client: product, request: sent, answer },
  } of taken) {
    const exchange: Exchange = {
      client: product,
      request: { headers: sent.headers, body: normaliser.normal(sent.body, { cut: false }) },
      answer: { ...answer, body: normaliser.normal(answer.body, { cut: true }) },
    };
    const text = `${JSON.stringify(exchange, undefined, 1)}\n`;
    // what is asked again with the same answer, and nothing was changed meanwhile, proves nothing more
    const reads = /^(Get|BatchGet|Search|List)/.test(operation);
    if (reads && seen.has(text)) continue;
    if (reads) seen.add(text);
    else seen.clear();
    written += 1;
    writeFileSync(join(folder, `${String(written).padStart(3, "0")}-${operation}.json`), text);
  }
}
