/** Glue's logger: a line for each call. */
export type Logger = { readonly [level in LogLevel]: (message: string) => void };
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export type LogSink = (level: LogLevel, message: string) => void;

const LEVELS: readonly LogLevel[] = ["trace", "debug", "info", "warn", "error"];

/** Lines go to `sink`, or to standard error with time and level; there `trace` and `debug` are left out, as in Glue. */
export function createLogger(sink: LogSink | undefined, now: () => number): Logger {
  const line: LogSink = (level, message) => {
    if (level !== "trace" && level !== "debug")
      process.stderr.write(`${new Date(now()).toISOString()} ${level.toUpperCase()} ${message}\n`);
  };
  const write = sink ?? line;
  return Object.freeze(
    Object.fromEntries(
      LEVELS.map((level) => [
        level,
        (message: string) => {
          write(level, String(message));
        },
      ]),
    ) as Logger,
  );
}
