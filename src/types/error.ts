/** What every error of dynaframe carries; see docs/errors.md for the codes. */
export type ErrorDetails = {
  /** Glue's exception name where Glue has one (`EntityNotFoundException`), else the class name. */
  readonly name?: string;
  /** Path inside a record, or name of the catalog object. */
  readonly path?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly file?: string;
  /** Byte offset in `file`. */
  readonly offset?: number;
  /** What to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
};

/**
 * The one error class: a caller's mistake or a broken world. Bad data is not an error but a value in a report.
 * `code` is stable SCREAMING_SNAKE; `message` says what happened, `hint` what to do next.
 */
export class DynaframeError extends Error {
  /** Stable; docs/errors.md says what happened and what to do. */
  readonly code: string;
  /** Path inside a record, or name of the catalog object, option or argument. */
  readonly path?: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What was there instead. */
  readonly found?: string;
  /** The file, as an address or a path. */
  readonly file?: string;
  /** Byte offset in `file`, or in the text that was given. */
  readonly offset?: number;
  /** What to do next. */
  readonly hint?: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = details.name ?? "DynaframeError";
    this.code = code;
    if (details.path !== undefined) this.path = details.path;
    if (details.expected !== undefined) this.expected = details.expected;
    if (details.found !== undefined) this.found = details.found;
    if (details.file !== undefined) this.file = details.file;
    if (details.offset !== undefined) this.offset = details.offset;
    if (details.hint !== undefined) this.hint = details.hint;
  }

  /** Plain data for `--json` output and logs. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, path, expected, found, file, offset, hint } = this;
    return Object.fromEntries(
      Object.entries({ name, code, message, path, expected, found, file, offset, hint }).filter(
        ([, v]) => v !== undefined,
      ),
    );
  }
}
