/** DuckDB's errors are texts; this gives them our codes. */
import { DynaframeError, type ErrorDetails } from "../../types/error.js";
import { needsQuotes, noFields } from "../csv-marks.js";
import { interrupted } from "../interrupted.js";

/** What was being done: decides the code of an error that says nothing more precise. */
export type Purpose = "query" | "sql" | "write";

const CODES = Object.freeze({ query: "ENGINE_FAILED", sql: "SQL_FAILED", write: "WRITE_FAILED" });

/** The error as a DynaframeError, the original as its cause. A DynaframeError is returned as it is. */
export function failure(error: unknown, purpose: Purpose, file?: string): DynaframeError {
  if (error instanceof DynaframeError) return error;
  const message = messageOf(error);
  const known = castFailure(message, error) ?? quotesFailure(message) ?? resourceFailure(message, error);
  if (known) return known;
  const details = file === undefined ? { cause: error } : { cause: error, file };
  if (/^IO Error/.test(message)) return ioFailure(message, purpose, details);
  return new DynaframeError(
    CODES[purpose],
    firstParagraph(message),
    purpose === "sql" ? details : { ...details, hint: HINTS[purpose] },
  );
}

/**
 * Not by `instanceof`: errors made in native code are of another realm where modules run in one of their own, as in
 * jest.
 */
const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);

const HINTS = Object.freeze({
  query: "See explain() for the SQL that failed.",
  write: "Nothing was written. Check the target folder and the free space.",
});

/**
 * `error()` of what has no line in CSV: a cell that cannot be written without quotes (CSV_NEEDS_QUOTES, column and
 * text, joined by U+001F), or a record of no field.
 */
function quotesFailure(message: string): DynaframeError | undefined {
  const [head, path, ...found] = message.split("\u001f");
  if (path === undefined) return undefined;
  if (head?.endsWith("CSV_NO_FIELDS") === true) return noFields();
  return head?.endsWith("CSV_NEEDS_QUOTES") === true ? needsQuotes(path, found.join("\u001f")) : undefined;
}

/** `error()` of a cast with onError "fail": CAST_FAILED, path, type and value, joined by U+001F. */
function castFailure(message: string, cause: unknown): DynaframeError | undefined {
  const [head, path, expected, ...found] = message.split("\u001f");
  if (head === undefined || !head.endsWith("CAST_FAILED") || expected === undefined) return undefined;
  const details: ErrorDetails = {
    expected,
    found: found.join("\u001f"),
    cause,
    hint: "Use a cast that gives null, or filter such rows first.",
    ...(path ? { path } : {}),
  };
  return new DynaframeError(
    "CAST_FAILED",
    `A value${path ? ` at ${path}` : ""} does not fit ${expected}: ${details.found}`,
    details,
  );
}

function resourceFailure(message: string, cause: unknown): DynaframeError | undefined {
  if (/^INTERRUPT/i.test(message)) return interrupted(cause);
  if (/^Out of Memory Error|could not allocate block|failed to pin block/i.test(message)) {
    return new DynaframeError("OUT_OF_MEMORY", firstParagraph(message), {
      cause,
      hint: "Raise memoryLimit, or use fewer threads.",
    });
  }
  return undefined;
}

function ioFailure(message: string, purpose: Purpose, details: ErrorDetails): DynaframeError {
  const full = /no space left|disk quota|max_temp_directory_size/i.test(message);
  const named = details.file ?? /"([^"]+)"/.exec(message)?.[1];
  const readOnly = /read-only file system/i.test(message);
  const hint = full
    ? "The disk is full: free space, or choose another target or staging folder."
    : readOnly
      ? "Nothing was written. Choose another target, or mount the disk writable."
      : purpose === "write"
        ? "Nothing was written. Check that the folder exists and may be written."
        : "Check that the file exists and may be read.";
  const code = full ? "NO_SPACE" : readOnly ? "READ_ONLY" : purpose === "query" ? "READ_FAILED" : CODES[purpose];
  return new DynaframeError(code, firstParagraph(message), {
    ...details,
    hint,
    ...(named === undefined ? {} : { file: named }),
  });
}

const firstParagraph = (message: string): string => message.split("\n\n")[0] ?? message;
