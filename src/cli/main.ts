#!/usr/bin/env node
import { EXIT } from "./exit-codes.js";
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
  await terminal.out(""); // everything before it has been taken
  process.exit(status);
});
