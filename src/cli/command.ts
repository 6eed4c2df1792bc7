import type { Command } from "commander";
import type { Style } from "./print/style.js";
import type { Terminal } from "./terminal.js";

/** Options every command takes. */
export type GlobalOptions = {
  readonly catalog?: string;
  readonly engine: string;
  readonly memoryLimit?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
};

/** What a command gets beside its arguments. */
export type Invocation = {
  readonly terminal: Terminal;
  readonly global: GlobalOptions;
  /** Colours for results and for the error stream. */
  readonly style: Style;
  readonly errorStyle: Style;
  /** Marks the operation as failed though its result was printed: exit status 1. */
  readonly fail: () => void;
  /** Says that the drift found is what --fail-on names: exit status 4. */
  readonly drifted: () => void;
  /** No colours, for files. */
  readonly plain: Style;
};

/** Wraps a command's action: gives it its `Invocation` and lets errors reach the one place that reports them. */
export type ActionRunner = <Args extends readonly unknown[]>(
  action: (invocation: Invocation, ...args: Args) => Promise<void>,
) => (...args: Args) => Promise<void>;

/** Adds one command to the program. */
export type CommandDefinition = (program: Command, run: ActionRunner) => void;
