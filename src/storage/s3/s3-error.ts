/** Errors of the SDK and of the network as ours: a stable code, the address, and what to do next. */
import { DynaframeError } from "../../types/error.js";
import { SILENCE } from "./silence.js";

export type S3Action = "list" | "read" | "write";

type Known = { readonly code: string; readonly says: string; readonly hint: string };

const NO_BUCKET: Known = {
  code: "PATH_NOT_FOUND",
  says: "does not exist: there is no such bucket",
  hint: "Check the bucket's name, and that region and endpoint are those it lies at.",
};
const NO_KEY: Known = {
  code: "PATH_NOT_FOUND",
  says: "does not exist",
  hint: "Check the spelling; keys distinguish upper and lower case.",
};
const DENIED: Known = {
  code: "ACCESS_DENIED",
  says: "may not be accessed with these credentials",
  hint: "Ask for s3:ListBucket on the bucket and s3:GetObject on its objects; to write s3:PutObject, to replace s3:DeleteObject too; S3 also denies what does not exist to those who may not list.",
};
const BAD_KEYS: Known = {
  code: "ACCESS_DENIED",
  says: "cannot be accessed: the access keys were refused",
  hint: "Check access key, secret and, for temporary keys, the session token.",
};
const EXPIRED: Known = {
  code: "ACCESS_DENIED",
  says: "cannot be accessed: the credentials have expired",
  hint: "Get new credentials, then run again.",
};
const NO_CREDENTIALS: Known = {
  code: "ACCESS_DENIED",
  says: "cannot be accessed: no credentials were found",
  hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, name a connection, or set anonymous: true for a public bucket.",
};
const CHANGED: Known = {
  code: "SOURCE_CHANGED",
  says: "changed while it was read",
  hint: "run again when nothing writes to the file",
};
const TAKEN: Known = {
  code: "TARGET_EXISTS",
  says: "exists already",
  hint: "Choose another name, or a mode that may replace it.",
};
const WRONG_REGION: Known = {
  code: "READ_FAILED",
  says: "cannot be reached: the bucket lies in another region",
  hint: "Set s3.region, or S3_REGION of the connection, to the bucket's region.",
};
const CLOCK: Known = {
  code: "ACCESS_DENIED",
  says: "cannot be accessed: this machine's clock is wrong",
  hint: "Set the clock.",
};

const KNOWN: { readonly [name: string]: Known } = {
  NoSuchBucket: NO_BUCKET,
  InvalidBucketName: NO_BUCKET,
  NoSuchKey: NO_KEY,
  NotFound: NO_KEY,
  AccessDenied: DENIED,
  Forbidden: DENIED,
  AllAccessDisabled: DENIED,
  AccountProblem: DENIED,
  InvalidAccessKeyId: BAD_KEYS,
  SignatureDoesNotMatch: BAD_KEYS,
  InvalidToken: BAD_KEYS,
  ExpiredToken: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  ExpiredTokenException: EXPIRED,
  CredentialsProviderError: NO_CREDENTIALS,
  PreconditionFailed: CHANGED,
  PermanentRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  RequestTimeTooSkewed: CLOCK,
};
const BY_STATUS: { readonly [status: number]: Known } = {
  301: WRONG_REGION,
  401: DENIED,
  403: DENIED,
  404: NO_KEY,
  412: CHANGED,
  416: CHANGED,
};
const NETWORK: { readonly [errno: string]: string } = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the host has no address",
  EAI_AGAIN: "the host's address could not be looked up",
  ECONNRESET: "the server closed the connection",
  ETIMEDOUT: "the server does not answer",
  EPIPE: "the server closed the connection",
  EHOSTUNREACH: "the host cannot be reached",
  EPROTO: "the server does not speak TLS; its endpoint may be http",
};

/** HTTP status of an SDK error, or undefined. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  return typeof metadata === "object"
    && metadata !== null
    && "httpStatusCode" in metadata
    && typeof metadata.httpStatusCode === "number"
    ? metadata.httpStatusCode
    : undefined;
}

const nameOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
const textOf = (error: unknown, property: "code" | "message"): string => {
  const value: unknown =
    typeof error === "object" && error !== null ? Object.getOwnPropertyDescriptor(error, property)?.value : undefined;
  return typeof value === "string" ? value : "";
};

/** Ours pass unchanged; an aborted call gives the reason of its signal. */
export function s3Error(error: unknown, file: string, action: S3Action, signal?: AbortSignal): unknown {
  if (error instanceof DynaframeError) return error;
  if (signal?.aborted) return signal.reason;
  const known = knownOf(error, action);
  const cause = plainCause(error);
  if (known !== undefined)
    return new DynaframeError(known.code, `${file} ${known.says}`, { file, hint: known.hint, cause });
  const network =
    NETWORK[errnoOf(error)]
    ?? ([SILENCE, "TimeoutError"].includes(nameOf(error)) ? "the server does not answer" : undefined);
  const code = action === "write" ? "WRITE_FAILED" : "READ_FAILED";
  const verb = action === "write" ? "written" : action === "list" ? "listed" : "read";
  if (network !== undefined)
    return new DynaframeError(code, `${file} cannot be ${verb}: ${network}`, {
      file,
      hint: "Check the endpoint and the network, then run again.",
      cause,
    });
  const status = statusOf(error);
  const detail =
    status === 503 || nameOf(error) === "SlowDown"
      ? "the server asks for fewer requests"
      : `${nameOf(error) === "Error" ? textOf(error, "message") || "error" : nameOf(error) || "error"}${status === undefined ? "" : ` (HTTP ${status})`}`;
  return new DynaframeError(code, `${file} cannot be ${verb}: ${detail}`, {
    file,
    hint: "Trying again may help; the cause has the server's own words.",
    cause,
  });
}

/** The SDK wraps what was thrown in another realm; the name of the system's error is then in its words only. */
const errnoOf = (error: unknown): string =>
  textOf(error, "code") || (/\bE[A-Z_]{3,}\b/.exec(textOf(error, "message"))?.[0] ?? "");

function knownOf(error: unknown, action: S3Action): Known | undefined {
  const name = nameOf(error);
  const status = statusOf(error);
  if (action === "write" && (name === "PreconditionFailed" || status === 412)) return TAKEN;
  return KNOWN[name] ?? (status === undefined ? undefined : BY_STATUS[status]);
}

/**
 * The SDK's errors carry the request, and some the keys it was signed with: what is kept is their name, words and
 * request id.
 */
function plainCause(error: unknown): Error {
  const metadata: unknown =
    typeof error === "object" && error !== null && "$metadata" in error ? error.$metadata : undefined;
  const id =
    typeof metadata === "object"
    && metadata !== null
    && "requestId" in metadata
    && typeof metadata.requestId === "string"
      ? ` (request ${metadata.requestId})`
      : "";
  const cause = new Error(`${textOf(error, "message") || nameOf(error)}${id}`);
  cause.name = nameOf(error) || "Error";
  return cause;
}

/** Whether trying again may help: the network failed or the server was busy. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429;
  return (
    !(error instanceof DynaframeError) && nameOf(error) !== "CredentialsProviderError" && nameOf(error) !== "AbortError"
  );
}
