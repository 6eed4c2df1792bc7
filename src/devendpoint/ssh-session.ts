/** What a client does in a session: a shell is a REPL, a command is a line of JavaScript or a script to run. */
import { readFile } from "node:fs/promises";
import type { REPLServer } from "node:repl";
import type { ServerChannel, Session } from "ssh2";
import { createEvaluator, type SessionNames } from "./evaluator.js";
import { openRepl } from "./terminal-repl.js";
import { loadStripper } from "./to-javascript.js";

export type SessionServices = {
  /** What scripts find ready: `glue`, `catalog`. */
  readonly names: SessionNames;
  /** File of the REPL's history. */
  readonly history?: string;
};

/** A script that is sent whole, on standard input, may be this large. */
const MAX_SCRIPT = 16 << 20;

/**
 * A shell is a REPL. `ssh … 'run job.mjs --day 2024-03-01'` runs a file of the endpoint's machine, with the words behind it in `args`;
 * `ssh … 'run -' < job.mjs` the script on standard input; any other command is evaluated. Exit status 1 says that it threw.
 */
export function serveSession(session: Session, services: SessionServices): void {
  const terminal: { size?: { readonly columns: number; readonly rows: number }; repl?: REPLServer; channel?: ServerChannel } = {};
  session.on("pty", (accept, _reject, { cols, rows }) => {
    terminal.size = { columns: cols, rows };
    accept();
  });
  session.on("window-change", (accept, _reject, { cols, rows }) => {
    if (terminal.channel !== undefined) Object.assign(terminal.channel, { columns: cols, rows }).emit("resize");
    (accept as (() => void) | undefined)?.();
  });
  session.on("shell", (accept) => {
    const channel = accept();
    terminal.channel = Object.assign(channel, terminal.size ?? {});
    const end = (status: number): void => { leave(channel, status); };
    void loadStripper().then((strip) => {
      const repl = openRepl({ input: channel, output: channel }, {
        names: services.names, terminal: terminal.size !== undefined, strip, ...(services.history === undefined ? {} : { history: services.history }), onExit: () => { end(0); },
      });
      channel.once("close", () => { repl.close(); });
    });
  });
  session.on("exec", (accept, _reject, { command }) => {
    const channel = accept();
    execute(command, channel, services.names).then((status) => { leave(channel, status); }, (error: unknown) => {
      channel.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      leave(channel, 1);
    });
  });
}

async function execute(command: string, channel: ServerChannel, names: SessionNames): Promise<number> {
  const [verb, file = "", ...args] = command.trim().split(/\s+/);
  const isScript = verb === "run" && file !== "";
  const code = !isScript ? command : file === "-" ? await allOf(channel) : await readFile(file, "utf8");
  const evaluator = createEvaluator({ ...names, ...(isScript ? { args } : {}) });
  try {
    const { error } = await evaluator.evaluate(code, (text) => { channel.write(text); }, /\.[mc]?ts$/i.test(file) && isScript);
    return error === undefined ? 0 : 1;
  } finally {
    evaluator.close();
  }
}

/** Events, not an async iterator, which would close the channel with its input. */
const allOf = (channel: ServerChannel): Promise<string> => new Promise((resolve, reject) => {
  const parts: Buffer[] = [];
  let length = 0;
  channel.on("data", (part: Buffer) => {
    length += part.length;
    if (length > MAX_SCRIPT) reject(new Error(`the script is larger than ${MAX_SCRIPT >> 20} MB`));
    else parts.push(part);
  });
  channel.once("end", () => { resolve(Buffer.concat(parts).toString("utf8")); });
  channel.once("close", () => { reject(new Error("the client left before its script was whole")); });
});

function leave(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}
