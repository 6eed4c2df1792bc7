/**
 * Where the code of an endpoint's clients runs: in this process, or in one that has less to find (docs/decisions/0161).
 */
import { readFile } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { createEvaluator, type SessionNames } from "./evaluator.js";
import { openRepl } from "./terminal-repl.js";
import { loadStripper } from "./to-javascript.js";

export type TerminalSize = { readonly columns: number; readonly rows: number };

export type InsideRequest =
  /** A REPL; with a size on a terminal, else one that reads lines. */
  | { readonly kind: "shell"; readonly size?: TerminalSize }
  /**
   * `run FILE …` runs a file of the endpoint's machine, with the words behind it in `args`; `run -` the script on the
   * input; any other command is evaluated.
   */
  | { readonly kind: "exec"; readonly command: string };

export type InsideStreams = { readonly input: Readable; readonly output: Writable; readonly errors: Writable };

export type InsideSession = {
  resize(size: TerminalSize): void;
  /** The exit status, once the user has left or the command has ended: 1 says that it threw. */
  readonly ended: Promise<number>;
  /** The client is gone. */
  close(): void;
};

export type EndpointInside = {
  open(request: InsideRequest, streams: InsideStreams): InsideSession;
  close(): Promise<void>;
};

export type InsideHere = {
  /** What scripts find ready: `glue`, `catalog`. */
  readonly names: SessionNames;
  /** File of the REPL's history. */
  readonly history?: string;
};

/** A script that is sent whole, on the input, may be this large. */
const MAX_SCRIPT = 16 << 20;

/** In this process. */
export const insideHere = ({ names, history }: InsideHere): EndpointInside => ({
  open: (request, streams) =>
    request.kind === "shell" ? shell(request.size, streams, names, history) : command(request.command, streams, names),
  close: () => Promise.resolve(),
});

function shell(
  size: TerminalSize | undefined,
  { input, output }: InsideStreams,
  names: SessionNames,
  history: string | undefined,
): InsideSession {
  Object.assign(output, size ?? {});
  let close = (): void => undefined;
  const ended = new Promise<number>((resolve, reject) => {
    loadStripper().then((strip) => {
      const repl = openRepl(
        { input, output },
        {
          names,
          terminal: size !== undefined,
          strip,
          ...(history === undefined ? {} : { history }),
          onExit: () => {
            resolve(0);
          },
        },
      );
      close = () => {
        repl.close();
      };
    }, reject);
  });
  return {
    ended,
    close: () => {
      close();
    },
    resize: (to) => {
      Object.assign(output, to).emit("resize");
    },
  };
}

function command(text: string, { input, output, errors }: InsideStreams, names: SessionNames): InsideSession {
  const ended = execute(text, input, output, names).catch((error: unknown) => {
    errors.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
  return { ended, close: () => undefined, resize: () => undefined };
}

async function execute(text: string, input: Readable, output: Writable, names: SessionNames): Promise<number> {
  const [verb, file = "", ...args] = text.trim().split(/\s+/);
  const isScript = verb === "run" && file !== "";
  const code = !isScript ? text : file === "-" ? await allOf(input) : await readFile(file, "utf8");
  const evaluator = createEvaluator({ ...names, ...(isScript ? { args } : {}) });
  try {
    const { error } = await evaluator.evaluate(
      code,
      (part) => {
        output.write(part);
      },
      /\.[mc]?ts$/i.test(file) && isScript,
    );
    return error === undefined ? 0 : 1;
  } finally {
    evaluator.close();
  }
}

/** Events, not an async iterator, which would close the channel with its input. */
const allOf = (input: Readable): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    input.on("data", (part: Buffer) => {
      length += part.length;
      if (length > MAX_SCRIPT) reject(new Error(`the script is larger than ${MAX_SCRIPT >> 20} MB`));
      else parts.push(part);
    });
    input.once("end", () => {
      resolve(Buffer.concat(parts).toString("utf8"));
    });
    input.once("close", () => {
      reject(new Error("the client left before its script was whole"));
    });
  });
