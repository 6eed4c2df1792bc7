/** Errors of the server with what it knows of them: class, SQLSTATE, the fragment of SQL. */
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import type { FetchErrorDetailsResponse } from "./generated/base.js";

/**
 * What failed on the server, or on the way to it. Not yet a DynaframeError: what it means depends on what was being
 * done.
 */
export class ServerError extends Error {
  override readonly name = "ServerError";
  constructor(
    message: string,
    readonly details: ServerErrorDetails,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type ServerErrorDetails = {
  /**
   * `connection`: no answer; `refused`: credentials or certificate; `protocol`: no Spark Connect server of a version we
   * speak.
   */
  readonly kind: "server" | "connection" | "refused" | "protocol" | "canceled";
  /** Spark's error class, such as `TABLE_OR_VIEW_NOT_FOUND` or `INVALID_HANDLE.SESSION_NOT_FOUND`. */
  readonly errorClass?: string;
  readonly sqlState?: string;
  /** The part of the SQL text that is meant. */
  readonly fragment?: string;
  readonly parameters?: { readonly [name: string]: string };
  /** Names of the exception's Java classes, its own first. */
  readonly classes?: readonly string[];
  /** By this the server tells more. */
  readonly errorId?: string;
};

/** What the status of a call says; `errorId` asks FetchErrorDetails for the rest. */
export function serverError(error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const status = ConnectError.from(error);
  const info = status.details
    .map((detail) => ("type" in detail && detail.type === "google.rpc.ErrorInfo" ? errorInfo(detail.value) : undefined))
    .find((found) => found !== undefined);
  const cause = { cause: error };
  if (info !== undefined) {
    return new ServerError(
      status.rawMessage,
      {
        kind: "server",
        ...optional("errorClass", info.metadata.get("errorClass")),
        ...optional("sqlState", info.metadata.get("sqlState")),
        ...optional("errorId", info.metadata.get("errorId")),
        classes: classNames(info),
      },
      cause,
    );
  }
  return new ServerError(
    status.rawMessage,
    { kind: kindOf(status), ...optional("errorClass", /^\[([A-Z0-9_.]+)\]/.exec(status.rawMessage)?.[1]) },
    cause,
  );
}

function kindOf({ code, rawMessage, cause }: ConnectError): ServerErrorDetails["kind"] {
  const own = causeKind(cause);
  if (own !== undefined) return own;
  switch (code) {
    case Code.Unauthenticated:
    case Code.PermissionDenied:
      return "refused";
    case Code.Unavailable:
    case Code.DeadlineExceeded:
      return "connection";
    case Code.Canceled:
    case Code.Aborted:
      return "canceled";
    case Code.Unimplemented:
      return "protocol";
    case Code.Unknown:
      return /HTTP|content-type|protocol/i.test(rawMessage) ? "protocol" : "server";
    case Code.Internal:
      return /http2|stream closed|closed with error code/i.test(rawMessage) ? "connection" : "server";
    default:
      return "server";
  }
}

/** What Node says of the connection; undefined where the server has spoken. */
export function causeKind(cause: unknown): ServerErrorDetails["kind"] | undefined {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code)) return "refused";
  if (/^(EPROTO|ERR_SSL|ERR_TLS|HPE_)/.test(code)) return "protocol";
  return /^(E[A-Z]+|ERR_HTTP2_[A-Z_]+|ERR_STREAM_[A-Z_]+)$/.test(code) ? "connection" : undefined;
}

/** The same error with what FetchErrorDetails told. */
export function withDetails(error: ServerError, { errors, rootErrorIdx }: FetchErrorDetailsResponse): ServerError {
  const root = errors[rootErrorIdx ?? 0];
  if (root === undefined) return error;
  const thrown = root.sparkThrowable;
  const fragment = thrown?.queryContexts.map((context) => context.fragment).find((text) => text !== "");
  return new ServerError(
    root.message || error.message,
    {
      ...error.details,
      classes: root.errorTypeHierarchy,
      ...optional("errorClass", thrown?.errorClass ?? error.details.errorClass),
      ...optional("sqlState", thrown?.sqlState ?? error.details.sqlState),
      ...optional("fragment", fragment),
      ...(thrown === undefined ? {} : { parameters: thrown.messageParameters }),
    },
    { cause: error.cause },
  );
}

type ErrorInfo = { readonly reason: string; readonly metadata: ReadonlyMap<string, string> };

/** google.rpc.ErrorInfo: reason = 1, domain = 2, metadata = 3. */
function errorInfo(bytes: Uint8Array): ErrorInfo {
  const metadata = new Map<string, string>();
  let reason = "";
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1) reason = reader.string();
    else if (number === 3 && wireType === WireType.LengthDelimited) {
      const [key, value] = entry(reader.bytes());
      metadata.set(key, value);
    } else reader.skip(wireType);
  }
  return { reason, metadata };
}

function entry(bytes: Uint8Array): readonly [string, string] {
  const reader = new BinaryReader(bytes);
  const parts = ["", "", ""];
  while (reader.pos < reader.len) {
    const [number] = reader.tag();
    parts[number] = reader.string();
  }
  return [parts[1] ?? "", parts[2] ?? ""];
}

function classNames({ reason, metadata }: ErrorInfo): readonly string[] {
  const names = metadata.get("classes");
  try {
    return names === undefined ? [reason] : (JSON.parse(names) as unknown[]).map(String);
  } catch {
    return [reason];
  }
}

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  value === undefined || value === "" ? {} : ({ [key]: value } as { readonly [P in K]: V });
