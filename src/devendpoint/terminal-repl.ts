/** Node's REPL on a terminal or a pipe, this process' own or one that came through SSH. */
import { start, type REPLServer } from "node:repl";
import type { Readable, Writable } from "node:stream";
import type { SessionNames } from "./evaluator.js";

export type ReplOptions = {
  readonly names: SessionNames;
  /** A terminal: it edits lines and completes names. Else lines are read as they come. */
  readonly terminal: boolean;
  /** File that keeps what was typed, with mode 0600. */
  readonly history?: string;
  /** Once the user has left, or the stream has ended. */
  readonly onExit: () => void;
};

export function openRepl(streams: { readonly input: Readable; readonly output: Writable }, { names, terminal, history, onExit }: ReplOptions): REPLServer {
  const repl = start({ ...streams, prompt: terminal ? "dynaframe> " : "", terminal, useGlobal: false, ignoreUndefined: true, useColors: terminal, preview: false });
  Object.assign(repl.context, names);
  repl.on("reset", () => { Object.assign(repl.context, names); });
  repl.once("exit", onExit);
  if (terminal && history !== undefined) repl.setupHistory(history, () => undefined); // without its history a session is still a session
  return repl;
}
