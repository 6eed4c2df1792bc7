import { type Command, CommanderError } from "commander";
import { DynaframeError } from "../types/error.js";
import type { ActionRunner, GlobalOptions, Invocation } from "./command.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { parseError, pathOf } from "./parse-error.js";
import { errorJson, printError } from "./print/error.js";
import { jsonLine } from "./print/json.js";
import { colorStyle, plainStyle } from "./print/style.js";
import { createProgram } from "./program.js";
import type { Terminal } from "./terminal.js";
import { UsageError } from "./usage-error.js";

/** Codes of the library that say the caller asked for something that makes no sense. */
const USAGE_CODES: ReadonlySet<string> = new Set([
  "BAD_OPTION",
  "BAD_ARGUMENT",
  "BAD_ADDRESS",
  "BAD_PATH",
  "BAD_ACTION",
  "UNSUPPORTED_ENGINE",
  "UNSUPPORTED_CATALOG",
]);

/** Runs one command line; never throws. Returns the exit status. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const state: { status: ExitCode } = { status: EXIT.ok };
  const runner: ActionRunner =
    (action) =>
    async (...args) => {
      const global = globalOptions(program);
      const style = (isTerminal: boolean) =>
        isTerminal && global.color && terminal.mayColor ? colorStyle : plainStyle;
      const width = terminal.columns === undefined ? {} : { width: terminal.columns };
      const invocation: Invocation = {
        terminal,
        global,
        style: { ...style(terminal.outIsTerminal), ...width },
        errorStyle: style(terminal.errIsTerminal),
        fail: () => {
          state.status = EXIT.failed;
        },
        drifted: () => {
          state.status = EXIT.drifted;
        },
        plain: plainStyle,
      };
      await action(invocation, ...args);
    };
  const program = createProgram(runner, terminal);
  const parsed: { command: Command } = { command: program };
  followInto(program, (command) => {
    parsed.command = command;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    if (state.status !== EXIT.failed || !terminal.signal.aborted) return state.status;
    terminal.err("interrupted\n"); // what was run for it ended with it, as its result says
    return EXIT.interrupted;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help or the version, printed
    return report(wrongUsage(error, parsed.command), globalOptions(program), {
      ...terminal,
      out: (text) => terminal.out(text).catch(() => undefined),
    }); // an error that cannot be written is not told by another
  }
}

/** Tells of each command that the parser comes to. */
function followInto(command: Command, tell: (command: Command) => void): void {
  command.hook("preSubcommand", (_, child) => {
    tell(child);
  });
  for (const child of command.commands) followInto(child, tell);
}

/** An error of the command line itself, with a hint; other errors pass. */
function wrongUsage(error: unknown, command: Command): unknown {
  const usage = error instanceof CommanderError ? parseError(error, command) : error;
  return usage instanceof UsageError && usage.hint === undefined
    ? new UsageError(usage.message, `see ${pathOf(command)} --help`)
    : usage;
}

function globalOptions(program: Command): GlobalOptions {
  const { json = false, quiet = false, debug = false, ...rest } = program.opts<Partial<GlobalOptions>>();
  return { engine: "duckdb", color: true, json, quiet, debug, ...rest };
}

/** In one line, so that behind rows it is one more of their lines. */
const errorLine = (error: Readonly<Record<string, unknown>>): string => jsonLine({ error });

async function report(error: unknown, global: GlobalOptions, terminal: Terminal): Promise<ExitCode> {
  if (terminal.signal.aborted) {
    if (global.json) await terminal.out(errorLine({ code: "INTERRUPTED", message: "interrupted" }));
    terminal.err("interrupted\n");
    return EXIT.interrupted;
  }
  if (global.json) await terminal.out(errorLine(errorJson(error)));
  const color = terminal.errIsTerminal && terminal.mayColor && global.color;
  terminal.err(printError(error, color ? colorStyle : plainStyle, global.debug && !(error instanceof UsageError)));
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof DynaframeError && error.code === "PLAN_STALE") return EXIT.stale;
  if (error instanceof DynaframeError && USAGE_CODES.has(error.code)) return EXIT.usage;
  return EXIT.failed;
}
