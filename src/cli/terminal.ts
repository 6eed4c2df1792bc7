import { fileError } from "../storage/file-error.js";

/** Where a command prints and what it is printing to. Injected, so that tests need no terminal. */
export type Terminal = {
  /**
   * Results. Resolves when the reader has taken them; does nothing once the reader is gone.
   * @throws NO_SPACE and the like of a file that takes them
   */
  out(text: string): Promise<void>;
  /** Everything that is not a result: progress, notes, errors. */
  err(text: string): void;
  /** True once the reader of the results closed its end (`| head`): stop producing. */
  readonly closed: () => boolean;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Columns of the terminal results go to; undefined when they go elsewhere. */
  readonly columns: number | undefined;
  /** False with NO_COLOR set or TERM=dumb; then nothing is coloured anywhere. */
  readonly mayColor: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly now: () => number;
};

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  const state: { closed: boolean; failed: unknown } = { closed: false, failed: undefined };
  const gone = (error: NodeJS.ErrnoException): void => {
    if (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED") state.closed = true;
    else state.failed ??= fileError(error, "standard output");
  };
  stdout.on("error", gone);
  stderr.on("error", () => undefined); // nobody left to tell
  return {
    out: async (text) => {
      if (state.failed === undefined && !state.closed)
        await new Promise<void>((resolve) => {
          stdout.write(text, (error) => {
            if (error) gone(error);
            resolve();
          });
        });
      if (state.failed !== undefined) throw state.failed;
    },
    err: (text) => {
      stderr.write(text);
    },
    closed: () => state.closed,
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    columns: stdout.isTTY === true ? stdout.columns : undefined,
    mayColor: (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
    env,
    signal,
    now: () => performance.now(),
  };
}
