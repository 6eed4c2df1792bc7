/**
 * Evaluates JavaScript or TypeScript as Node's REPL does: `await` at the top, names that stay, the value of the last
 * expression.
 */
import { create, type Domain } from "node:domain";
import { type ReplOptions, start } from "node:repl";
import { PassThrough, Writable } from "node:stream";
import { inspect } from "node:util";
import { loadStripper, type Stripped, toJavaScript } from "./to-javascript.js";

/** Names that scripts find ready, such as `glue`. */
export type SessionNames = { readonly [name: string]: unknown };

export type Evaluation = {
  /**
   * What the code printed, then the value of its last expression unless that is undefined, or `Uncaught` and what was
   * thrown.
   */
  readonly output: string;
  /** What was thrown, with the frames of its stack that lie in the session's code. */
  readonly error?: { readonly name: string; readonly message: string; readonly stack: readonly string[] };
};

export type Evaluator = {
  /**
   * One after the other; `onOutput` hears what is printed as it comes. `isTypeScript`: as the file's name says; else it
   * is seen by the code.
   */
  evaluate(code: string, onOutput?: (text: string) => void, isTypeScript?: boolean): Promise<Evaluation>;
  close(): void;
};

/** Printed text past this is dropped, and said to be: a loop that prints cannot fill the memory. */
const MAX_OUTPUT = 16 << 20;

/**
 * `onStretch` hears when a stretch of code begins and ends; between them the process does nothing else. Then SIGINT
 * ends the code, where nobody else listens to it.
 */
export function createEvaluator(
  names: SessionNames,
  onStretch: (isBegin: boolean) => void = () => undefined,
): Evaluator {
  const sink: { hear: (text: string) => void } = { hear: () => undefined };
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sink.hear(chunk.toString("utf8"));
      done();
    },
  });
  // the REPL runs code in a domain: what is thrown late, by a timer or a promise nobody waits for, is printed and ends
  // nothing
  const domain = create();
  const thrown: { hear: (error: unknown) => void } = { hear: () => undefined };
  domain.on("error", (error) => {
    thrown.hear(error);
  });
  const options: ReplOptions & { readonly domain: Domain } = {
    input: new PassThrough(),
    output,
    prompt: "",
    terminal: false,
    useGlobal: false,
    ignoreUndefined: true,
    breakEvalOnSigint: true,
    domain,
  };
  const server = start(options);
  Object.assign(server.context, names);
  const stripper = loadStripper();
  let queue: Promise<unknown> = Promise.resolve();

  const run = async (source: string, onOutput: (text: string) => void, isTypeScript: boolean): Promise<Evaluation> => {
    const { code, hint } = plain(source, toJavaScript(source, await stripper, isTypeScript));
    const parts: string[] = [];
    let length = 0;
    sink.hear = (text) => {
      if (length > MAX_OUTPUT) return;
      length += text.length;
      const kept = length > MAX_OUTPUT ? `\n… more was printed than the ${MAX_OUTPUT >> 20} MB that are kept\n` : text;
      parts.push(kept);
      onOutput(kept);
    };
    try {
      const { error, value } = await new Promise<{ readonly error?: unknown; readonly value?: unknown }>((resolve) => {
        thrown.hear = (late) => {
          resolve({ error: late });
        }; // printed by the REPL
        onStretch(true);
        server.eval(`${code}\n`, server.context, "session", (wrong, result: unknown) => {
          if (wrong !== null) sink.hear(uncaught(describe(wrong), hint));
          resolve(wrong === null ? { value: result } : { error: wrong });
        });
        onStretch(false);
      });
      if (value !== undefined) sink.hear(`${inspect(value)}\n`);
      return { output: parts.join(""), ...(error === undefined ? {} : { error: describe(error) }) };
    } finally {
      thrown.hear = () => undefined;
      sink.hear = () => undefined;
    }
  };

  return {
    evaluate(code, onOutput = () => undefined, isTypeScript = false) {
      const result = queue.then(() => run(code, onOutput, isTypeScript));
      queue = result;
      return result;
    },
    close: () => {
      server.close();
    },
  };
}

/** A statement comes whole: what is cut off stays as it is, and Node says so. */
const plain = (source: string, stripped: Stripped): { readonly code: string; readonly hint?: string } =>
  stripped.kind === "javascript" ? stripped : { code: source };

const uncaught = ({ name, message }: NonNullable<Evaluation["error"]>, hint: string | undefined): string =>
  `Uncaught ${name}: ${message}\n${name === "SyntaxError" && hint !== undefined ? `(${hint})\n` : ""}`;

// what is thrown in the session's context is an Error of that context, not of this one; and incomplete code is wrapped
// by the REPL
function describe(thrown: unknown): NonNullable<Evaluation["error"]> {
  const inner = typeof thrown === "object" && thrown !== null && "err" in thrown ? thrown.err : thrown;
  const { name, message, stack } = (
    typeof inner === "object" && inner !== null ? inner : { message: String(inner) }
  ) as { readonly name?: unknown; readonly message?: unknown; readonly stack?: unknown };
  const frames =
    typeof stack === "string"
      ? stack
          .split("\n")
          .filter((line) => line.trimStart().startsWith("at ") && line.includes("session"))
          .map((line) => line.trim())
      : [];
  return {
    name: typeof name === "string" ? name : "Error",
    message: typeof message === "string" ? message : inspect(inner),
    stack: frames,
  };
}
