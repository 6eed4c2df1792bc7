/** What a client does in a session: a shell is a REPL, a command is a line of JavaScript or a script to run. */
import type { ServerChannel, Session } from "ssh2";
import type { EndpointInside, InsideRequest, InsideSession, TerminalSize } from "./endpoint-inside.js";

/**
 * `ssh …` is a shell; `ssh … 'run job.mjs --day 2024-03-01'`, `ssh … 'run -' < job.mjs` and `ssh … 'await …'` are
 * commands, see `InsideRequest`.
 */
export function serveSession(session: Session, inside: EndpointInside): void {
  const terminal: { size?: TerminalSize; shell?: InsideSession } = {};
  const open = (channel: ServerChannel, request: InsideRequest): InsideSession => {
    const opened = inside.open(request, { input: channel, output: channel, errors: channel.stderr });
    channel.once("close", () => {
      opened.close();
    });
    opened.ended.then(
      (status) => {
        leave(channel, status);
      },
      (error: unknown) => {
        channel.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        leave(channel, 1);
      },
    );
    return opened;
  };
  session.on("pty", (accept, _reject, { cols, rows }) => {
    terminal.size = { columns: cols, rows };
    accept();
  });
  session.on("window-change", (accept, _reject, { cols, rows }) => {
    terminal.shell?.resize({ columns: cols, rows });
    (accept as (() => void) | undefined)?.();
  });
  session.on("shell", (accept) => {
    terminal.shell = open(accept(), { kind: "shell", ...(terminal.size === undefined ? {} : { size: terminal.size }) });
  });
  session.on("exec", (accept, _reject, { command }) => {
    open(accept(), { kind: "exec", command });
  });
}

function leave(channel: ServerChannel, status: number): void {
  channel.exit(status);
  channel.end();
}
