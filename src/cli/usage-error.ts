/** The caller's command line makes no sense: exit status 2, and no stack even with `--debug`. */
export class UsageError extends Error {
  readonly code = "USAGE";
  override readonly name = "UsageError";

  constructor(
    message: string,
    /** What to do next; default: the help of the command that was called. */ readonly hint?: string,
  ) {
    super(message);
  }
}
