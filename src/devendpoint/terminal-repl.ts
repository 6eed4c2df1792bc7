/** Node's REPL on a terminal or a pipe, this process' own or one that came through SSH. */
import { Recoverable, start, type REPLEval, type REPLServer } from "node:repl";
import { PassThrough, type Readable, type Writable } from "node:stream";
import type { SessionNames } from "./evaluator.js";
import { type Stripper, toJavaScript } from "./to-javascript.js";

export type ReplOptions = {
  readonly names: SessionNames;
  /** A terminal: it edits lines and completes names. Else lines are read as they come. */
  readonly terminal: boolean;
  /** Default: what `terminal` says. */
  readonly colors?: boolean;
  /** File that keeps what was typed, with mode 0600. */
  readonly history?: string;
  /** Reads TypeScript, where something does. */
  readonly strip: Stripper | undefined;
  /** Once the user has left, or the stream has ended. */
  readonly onExit: () => void;
};

export function openRepl(
  streams: { readonly input: Readable & { readonly isTTY?: boolean }; readonly output: Writable },
  { names, terminal, colors = terminal, history, strip, onExit }: ReplOptions,
): REPLServer {
  // lines that are there already wait until all is set up; a terminal of this process is asked for its keys, and has
  // none waiting
  const held = streams.input.isTTY === true ? undefined : new PassThrough();
  const repl = start({
    input: held ?? streams.input,
    output: streams.output,
    prompt: terminal ? "dynaframe> " : "",
    terminal,
    useGlobal: false,
    ignoreUndefined: true,
    useColors: colors,
    preview: false,
  });
  readTypeScript(repl, strip);
  Object.assign(repl.context, names);
  repl.on("reset", () => {
    Object.assign(repl.context, names);
  });
  repl.once("exit", onExit);
  // without its history a session is still a session
  if (terminal && history !== undefined) repl.setupHistory(history, () => undefined);
  if (held !== undefined) streams.input.pipe(held);
  return repl;
}

/** Whether code is to go on with the next line is asked at once: so `strip` was loaded before. */
function readTypeScript(repl: REPLServer, strip: Stripper | undefined): void {
  const evaluate: REPLEval = repl.eval.bind(repl);
  const read: REPLEval = (source, context, file, done) => {
    const stripped = toJavaScript(source, strip);
    if (stripped.kind === "incomplete")
      return done(new Recoverable(new SyntaxError("Unexpected end of input")), undefined);
    evaluate.call(repl, stripped.code, context, file, (error, value: unknown) => {
      if (error !== null && stripped.hint !== undefined && error.name === "SyntaxError")
        repl.output.write(`(${stripped.hint})\n`);
      done(error, value);
    });
  };
  Object.assign(repl, { eval: read });
}
