/** The inside of an interactive session's process: statements come as lines of JSON, their results go back the same way. */
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { createEvaluator, type Evaluation, type SessionNames } from "./evaluator.js";

export type StatementLine = { readonly id: number; readonly code: string };
export type ResultLine = { readonly ready: true } | ({ readonly id: number } & Evaluation);

/** Until the input ends. One statement after the other; SIGINT ends the one that runs, where it runs code and does not wait. It takes SIGINT over from the process. */
export async function serveStatements(input: Readable, output: Writable, names: SessionNames): Promise<void> {
  // a listener beside the REPL's own way of hearing SIGINT ends the process (seen with Node 20), so there is one only while no code runs
  const ignore = (): void => undefined;
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", ignore);
  const evaluator = createEvaluator(names, (isBegin) => { if (isBegin) process.off("SIGINT", ignore); else process.on("SIGINT", ignore); });
  const send = (line: ResultLine): void => { output.write(`${JSON.stringify(line)}\n`); };
  try {
    send({ ready: true });
    for await (const line of createInterface({ input })) {
      const { id, code } = JSON.parse(line) as StatementLine;
      send({ id, ...await evaluator.evaluate(code) });
    }
  } finally {
    evaluator.close();
  }
}
