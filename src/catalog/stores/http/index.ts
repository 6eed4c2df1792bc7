/** A catalog on another dynaframe server: `http://host:9400`. */
import { request as httpRequest, Agent as HttpAgent } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import { DynaframeError, type ErrorDetails } from "../../../types/error.js";
import type { Catalog } from "../../index.js";
import { remoteError } from "../../wire/remote-error.js";
import { type Credentials, signedHeaders } from "../../../storage/signature-v4.js";
import { type Wire, WireCatalog } from "../../wire/wire-catalog.js";

export type HttpCatalogOptions = {
  /** Default: DYNAFRAME_ACCESS_KEY_ID and DYNAFRAME_SECRET_ACCESS_KEY; without them requests are not signed. */
  readonly credentials?: Credentials;
  /** How long an answer may take; default 60,000. */
  readonly timeoutMs?: number;
};

type Answer = { readonly status: number; readonly text: string };

/** Connects on first use. @throws BAD_ADDRESS for an address that is no URL, or that carries a password. */
export async function openHttpCatalog(address: string, options: HttpCatalogOptions = {}): Promise<Catalog> {
  const url = parseAddress(address);
  const secure = url.protocol === "https:";
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 16 })
    : new HttpAgent({ keepAlive: true, maxSockets: 16 });
  const credentials = options.credentials ?? environmentCredentials();
  const { timeoutMs = 60_000 } = options;

  const send = (body: string, headers: { readonly [name: string]: string }): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        { method: "POST", agent, headers, timeout: timeoutMs },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => {
            chunks.push(chunk);
          });
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
          });
          response.on("error", reject);
        },
      );
      request.on("timeout", () => {
        request.destroy(new Error(`no answer within ${timeoutMs} ms`));
      });
      request.on("error", reject);
      request.end(body);
    });

  const post = async (target: string, input: object): Promise<unknown> => {
    const body = JSON.stringify(input);
    const plain = {
      "content-type": "application/x-amz-json-1.1",
      "content-length": String(Buffer.byteLength(body)),
      "x-amz-target": target,
      "x-dynaframe-client": "1",
    };
    const headers =
      credentials === undefined
        ? plain
        : signedHeaders(credentials, { host: url.host, headers: plain, body }, "us-east-1", Date.now());
    let answer: Answer;
    try {
      answer = await send(body, headers);
    } catch (cause) {
      throw new DynaframeError("CATALOG_UNREACHABLE", `the catalog's server ${url.origin} cannot be reached`, {
        cause,
        hint: "check that it runs: dynaframe serve",
      });
    }
    return read(answer, url.origin);
  };

  const wire: Wire = {
    call: async <Output>(operation: string, input: object) => (await post(`AWSGlue.${operation}`, input)) as Output,
    callOwn: async (operation, input) => (await post(`Dynaframe.${operation}`, input)) as never,
    close: async () => {
      agent.destroy();
    },
  };
  return new WireCatalog(address, wire);
}

function parseAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && url.username === "" && url.password === "" && url.pathname === "/" && url.search === "")
    return url;
  throw new DynaframeError(
    "BAD_ADDRESS",
    "the address of a catalog server is http://host:port, without credentials, path or query",
    {
      expected: "http://host:9400",
      hint: "give credentials in DYNAFRAME_ACCESS_KEY_ID and DYNAFRAME_SECRET_ACCESS_KEY",
    },
  );
}

function environmentCredentials(): Credentials | undefined {
  const { DYNAFRAME_ACCESS_KEY_ID: accessKeyId = "", DYNAFRAME_SECRET_ACCESS_KEY: secretAccessKey = "" } = process.env;
  return accessKeyId === "" || secretAccessKey === "" ? undefined : { accessKeyId, secretAccessKey };
}

function read({ status, text }: Answer, origin: string): unknown {
  let body: {
    readonly __type?: string;
    readonly Message?: string;
    readonly Details?: ErrorDetails & { readonly code?: string; readonly message?: string };
  };
  try {
    body = JSON.parse(text) as typeof body;
  } catch (cause) {
    throw new DynaframeError("CATALOG_UNREACHABLE", `${origin} is no dynaframe server`, {
      cause,
      found: `status ${status}`,
      hint: "check the address",
    });
  }
  if (status === 200) return body;
  const { message, ...details } = body.Details ?? {};
  throw remoteError(body.__type ?? "InternalServiceException", message ?? body.Message ?? `status ${status}`, details);
}
