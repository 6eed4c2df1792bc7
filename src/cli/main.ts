#!/usr/bin/env node
import { EXIT } from "./exit-codes.js";
import { printError } from "./print/error.js";
import { plainStyle } from "./print/style.js";
import { runCommandLine } from "./run.js";
import { processTerminal } from "./terminal.js";

const abort = new AbortController();
const interrupt = (): void => {
  if (abort.signal.aborted) process.exit(EXIT.interrupted); // the second Ctrl-C does not wait
  abort.abort();
};
process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);

const terminal = processTerminal(abort.signal);
void runCommandLine(process.argv.slice(2), terminal).then(async (status) => {
  const lost = await terminal.out("").then(
    () => undefined,
    (error: unknown) => error,
  ); // everything before it has been taken, or some of it was not
  if (lost !== undefined && status === EXIT.ok) terminal.err(printError(lost, plainStyle, false));
  process.exit(lost !== undefined && status === EXIT.ok ? EXIT.failed : status);
});
