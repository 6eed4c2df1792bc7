/** Checks that a request was signed with a key that the server knows, and not long ago. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { sha256, signature, signingKey } from "../../storage/signature-v4.js";
import { DynaframeError } from "../../types/error.js";

export type VerifyOptions = {
  /** Secret access keys by access key id. */
  readonly keys: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** False takes signatures of any age, for test suites that freeze the clock. */
  readonly checkAge: boolean;
};

export type SignedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
};

/** The access key that signed the request. @throws one of AWS's authentication errors. */
export type RequestVerifier = (request: SignedRequest) => string;

const MAX_AGE_MS = 15 * 60_000;
/** Keys of past days and other regions are forgotten beyond this many. */
const MAX_CACHED_KEYS = 100;

export function requestVerifier({ keys, clock, checkAge }: VerifyOptions): RequestVerifier {
  const cached = new Map<string, Uint8Array>();
  return ({ method, url, headers, body }) => {
    const { accessKey, date, region, service, names, claimed } = parseAuthorization(headers.authorization);
    const secret = keys.get(accessKey);
    if (secret === undefined)
      throw refuse("UnrecognizedClientException", "The security token included in the request is invalid.");
    const time = headerOf(headers, "x-amz-date");
    if (!/^\d{8}T\d{6}Z$/.test(time))
      throw refuse(
        "IncompleteSignatureException",
        "Authorization header requires existence of an 'X-Amz-Date' header.",
      );
    if (!names.includes("host") || service !== "glue" || !time.startsWith(date)) {
      throw refuse(
        "InvalidSignatureException",
        "Credential should be scoped to service 'glue' and the date of X-Amz-Date, and Host must be a signed header.",
      );
    }
    if (checkAge) requireFresh(time, clock());
    const bodyHash = sha256(body);
    const declared = headers["x-amz-content-sha256"];
    if (declared !== undefined && declared !== bodyHash)
      throw refuse("InvalidSignatureException", "The provided X-Amz-Content-Sha256 header does not match the body.");
    const scope = { date, region, service };
    const cacheKey = `${accessKey}/${date}/${region}/${secret}`;
    let key = cached.get(cacheKey);
    if (key === undefined) {
      if (cached.size >= MAX_CACHED_KEYS) cached.clear();
      key = signingKey(secret, scope);
      cached.set(cacheKey, key);
    }
    const expected = signature(
      key,
      { method, url, headers: names.map((name) => [name, headerOf(headers, name)]), bodyHash },
      time,
      scope,
    );
    if (claimed.length !== expected.length || !timingSafeEqual(Buffer.from(claimed), Buffer.from(expected))) {
      throw refuse(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.",
      );
    }
    return accessKey;
  };
}

function parseAuthorization(header: string | undefined) {
  if (header === undefined || header === "")
    throw refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  if (!header.startsWith("AWS4-HMAC-SHA256 "))
    throw refuse("IncompleteSignatureException", "Authorization header requires the algorithm AWS4-HMAC-SHA256.");
  const parts = new Map(
    header
      .slice("AWS4-HMAC-SHA256 ".length)
      .split(",")
      .map((part) => {
        const at = part.indexOf("=");
        return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      }),
  );
  const credential = (parts.get("Credential") ?? "").split("/");
  const [accessKey = "", date = "", region = "", service = "", end = ""] = credential;
  const names = (parts.get("SignedHeaders") ?? "").split(";").filter((name) => name !== "");
  const claimed = parts.get("Signature") ?? "";
  if (credential.length !== 5 || end !== "aws4_request" || names.length === 0 || claimed === "") {
    throw refuse(
      "IncompleteSignatureException",
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
    );
  }
  return { accessKey, date, region, service, names, claimed };
}

function requireFresh(time: string, now: number): void {
  const signed = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (Math.abs(now - signed) <= MAX_AGE_MS) return;
  const what = signed < now ? "Signature expired" : "Signature not yet current";
  throw refuse(
    "InvalidSignatureException",
    `${what}: ${time} is more than 15 minutes from the server's time ${new Date(now).toISOString()}.`,
  );
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : (value ?? "");
}

const refuse = (name: string, message: string): DynaframeError =>
  new DynaframeError("NOT_AUTHENTICATED", message, { name });
