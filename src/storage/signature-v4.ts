/** AWS Signature Version 4 (AWS General Reference, "Signing AWS API requests"), for both ends of the wire. */
import { createHash, createHmac } from "node:crypto";

export type SigningScope = { readonly date: string; readonly region: string; readonly service: string };

export type CanonicalRequest = {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Names in lower case, in the order of `signedHeaders`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly bodyHash: string;
};

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const hmac = (key: string | Uint8Array, data: string): Buffer =>
  createHmac("sha256", key).update(data, "utf8").digest();

/** The key that signs one day's requests in one region. */
export function signingKey(secret: string, { date, region, service }: SigningScope): Uint8Array {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
}

/** The signature, in hex. `time` is X-Amz-Date: `20240131T235959Z`. */
export function signature(key: Uint8Array, request: CanonicalRequest, time: string, scope: SigningScope): string {
  const text = [
    "AWS4-HMAC-SHA256",
    time,
    `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
    sha256(canonicalText(request)),
  ].join("\n");
  return hmac(key, text).toString("hex");
}

function canonicalText({ method, url, headers, bodyHash }: CanonicalRequest): string {
  const [path = "/", query = ""] = url.split("?", 2);
  const lines = headers.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, " ")}\n`).join("");
  const sorted = query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => (part.includes("=") ? part : `${part}=`))
    .sort()
    .join("&");
  return [method, path === "" ? "/" : path, sorted, lines, headers.map(([name]) => name).join(";"), bodyHash].join(
    "\n",
  );
}

/** X-Amz-Date of a time in milliseconds. */
export const amzDate = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

/** The headers of a signed POST to `/`. */
export function signedHeaders(
  credentials: Credentials,
  request: {
    readonly host: string;
    readonly headers: { readonly [name: string]: string };
    readonly body: string | Uint8Array;
  },
  region: string,
  now: number,
  service = "glue",
): { readonly [name: string]: string } {
  const time = amzDate(now);
  const scope = { date: time.slice(0, 8), region, service };
  const all: { readonly [name: string]: string } = {
    ...request.headers,
    host: request.host,
    "x-amz-date": time,
    ...(credentials.sessionToken === undefined ? {} : { "x-amz-security-token": credentials.sessionToken }),
  };
  const headers = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  const signed = signature(
    signingKey(credentials.secretAccessKey, scope),
    { method: "POST", url: "/", headers, bodyHash: sha256(request.body) },
    time,
    scope,
  );
  return {
    ...all,
    authorization: authorizationOf(
      credentials.accessKeyId,
      scope,
      headers.map(([name]) => name),
      signed,
    ),
  };
}

/** The header of a signed request; `names` are those of its signed headers, in order. */
export const authorizationOf = (
  accessKeyId: string,
  { date, region, service }: SigningScope,
  names: readonly string[],
  signed: string,
): string =>
  `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${date}/${region}/${service}/aws4_request, SignedHeaders=${names.join(";")}, Signature=${signed}`;
