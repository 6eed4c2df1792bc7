/** Errors of the server with our codes. */
import { DynaframeError, type ErrorDetails } from "../../types/error.js";
import { interrupted } from "../interrupted.js";

/** What was being done: decides the code of an error that says nothing more precise. */
export type Purpose = "query" | "sql" | "write";

const CODES = Object.freeze({ query: "ENGINE_FAILED", sql: "SQL_FAILED", write: "WRITE_FAILED" });

/** Of a `ServerError`, by its name: its class is of a package that is loaded only when needed. */
type Known = Error & {
  readonly details: {
    readonly kind: string;
    readonly errorClass?: string;
    readonly sqlState?: string;
    readonly fragment?: string;
    readonly parameters?: { readonly [name: string]: string };
    readonly classes?: readonly string[];
  };
};
const isKnown = (error: unknown): error is Known =>
  error instanceof Error && error.name === "ServerError" && "details" in error;

/** The error as a DynaframeError, the original as its cause. A DynaframeError is returned as it is. */
export function failure(error: unknown, purpose: Purpose): DynaframeError {
  if (error instanceof DynaframeError) return error;
  if (!isKnown(error))
    return new DynaframeError(CODES[purpose], error instanceof Error ? error.message : String(error), { cause: error });
  const { kind, errorClass = "", parameters } = error.details;
  if (kind === "canceled" || errorClass === "OPERATION_CANCELED" || errorClass === "OPERATION_ABANDONED")
    return interrupted(error);
  return (
    connectionFailure(error)
    ?? castFailure(parameters?.["errorMessage"] ?? error.message, error)
    ?? resourceFailure(error)
    ?? ownFailure(error, purpose)
  );
}

function connectionFailure(error: Known): DynaframeError | undefined {
  const { kind, errorClass = "" } = error.details;
  if (kind === "connection") {
    return new DynaframeError("SPARK_UNREACHABLE", `The Spark server does not answer: ${error.message}`, {
      cause: error,
      hint: "Check that the server runs and that its address (sc://host:port) is right. A server that ran out of memory has ended.",
    });
  }
  if (kind === "refused") {
    return new DynaframeError("SPARK_REFUSED", `The Spark server refuses the connection: ${error.message}`, {
      cause: error,
      hint: "Check the token, and the certificate (DYNAFRAME_SPARK_CA names the file of an authority of your own).",
    });
  }
  if (kind === "protocol") {
    return new DynaframeError(
      "SPARK_PROTOCOL",
      `What answers is no Spark Connect server that this client understands: ${error.message}`,
      {
        cause: error,
        expected: "Spark Connect of Apache Spark 4",
        hint: "Give the port of Spark Connect (15002 by default), and TLS as the server has it (use_ssl=true).",
      },
    );
  }
  if (/^INVALID_HANDLE\.SESSION_|SESSION_CLOSED|SESSION_NOT_FOUND/.test(errorClass)) {
    return new DynaframeError("SPARK_SESSION_LOST", `The server has lost the session: ${error.message}`, {
      cause: error,
      hint: "The server was restarted or has timed the session out. Open a new GlueContext.",
    });
  }
  return undefined;
}

/** `raise_error` of a cast with onError "fail": CAST_FAILED, path, type and value, joined by U+001F. */
function castFailure(message: string, cause: unknown): DynaframeError | undefined {
  const at = message.indexOf("CAST_FAILED\u001f");
  if (at < 0) return undefined;
  const [, path, expected = "", ...rest] = message.slice(at).split("\u001f");
  const found = rest.join("\u001f").replace(/ ?SQLSTATE: \w{5}$/, "");
  const details: ErrorDetails = {
    expected,
    found,
    cause,
    hint: "Use a cast that gives null, or filter such rows first.",
    ...(path ? { path } : {}),
  };
  return new DynaframeError(
    "CAST_FAILED",
    `A value${path ? ` at ${path}` : ""} does not fit ${expected}: ${found}`,
    details,
  );
}

function resourceFailure(error: Known): DynaframeError | undefined {
  const memory =
    error.details.classes?.some((name) => /OutOfMemory/.test(name)) === true
    || /OutOfMemoryError|Java heap space|UNABLE_TO_ACQUIRE_MEMORY/.test(error.message);
  if (memory)
    return new DynaframeError("OUT_OF_MEMORY", firstLines(error.message), {
      cause: error,
      hint: "Give the server more memory, or use more and smaller partitions.",
    });
  if (/No space left on device/.test(error.message)) {
    return new DynaframeError("NO_SPACE", firstLines(error.message), {
      cause: error,
      hint: "The server's disk is full: free space, or choose another staging folder.",
    });
  }
  return undefined;
}

function ownFailure(error: Known, purpose: Purpose): DynaframeError {
  const { errorClass, sqlState, fragment } = error.details;
  if (errorClass === "PATH_NOT_FOUND" || /FileNotFoundException/.test(error.message)) {
    return new DynaframeError(
      "STAGING_NOT_SHARED",
      `The Spark server does not see a file of this process: ${firstLines(error.message)}`,
      { cause: error, hint: "Set stagingPath to a folder that every machine of the cluster sees under the same path." },
    );
  }
  const told = [
    errorClass === undefined ? "" : `[${errorClass}${sqlState === undefined ? "" : `, SQLSTATE ${sqlState}`}] `,
    firstLines(error.message).replace(/^\[[A-Z0-9_.]+\] /, ""),
  ].join("");
  return new DynaframeError(CODES[purpose], told, {
    cause: error,
    ...(fragment === undefined ? {} : { found: fragment }),
    ...(purpose === "query" ? { hint: "See explain() for the SQL that failed." } : {}),
  });
}

/** What Spark and its readers say of a file that they cannot read. They know it by a link of this session. */
const UNREADABLE = /^.*(?:FAILED_READ_FILE|error while reading file|Malformed ORC).*links-\d+\/([\w-]+\.parquet).*$/im;

/**
 * READ_FAILED with the file, when the server says that it could not read one of `linked`: addresses by the names of
 * their links.
 */
export function namingFile(error: DynaframeError, linked: ReadonlyMap<string, string>): DynaframeError {
  const [line = "", link = ""] = UNREADABLE.exec(error.cause instanceof Error ? error.cause.message : "") ?? [];
  const file = linked.get(link);
  if (error.file !== undefined || file === undefined) return error;
  return damagedFile(
    file,
    line.replace(/^.*?\[[A-Z0-9_.]+\] /, "").replace(/(?:file:\/*)?\/\S*links-\d+\/[\w-]+\.parquet/g, file),
    error.cause,
  );
}

export const damagedFile = (file: string, reason: string, cause: unknown): DynaframeError =>
  new DynaframeError("READ_FAILED", `${file} cannot be read: ${reason}`, {
    file,
    cause,
    hint: "The file is damaged: replace it, or leave it out with exclusions.",
  });

const firstLines = (message: string): string => message.split(/\n\s*\n|\nJVM stacktrace/)[0]?.slice(0, 2000) ?? message;
