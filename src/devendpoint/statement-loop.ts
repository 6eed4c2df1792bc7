/**
 * The inside of an interactive session's process: statements come as lines of JSON, their results go back the same way.
 */
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { createEvaluator, type Evaluation, type SessionNames } from "./evaluator.js";

export type StatementLine = { readonly id: number; readonly code: string };
export type ResultLine = { readonly ready: true } | ({ readonly id: number } & Evaluation);

/** Undefined for a line that holds no result: what code wrote to the pipe itself. */
export function resultOf(line: string): ResultLine | undefined {
  try {
    const result = JSON.parse(line) as Partial<{
      readonly ready: unknown;
      readonly id: unknown;
      readonly output: unknown;
    }> | null;
    return result?.ready === true || (typeof result?.id === "number" && typeof result.output === "string")
      ? (result as ResultLine)
      : undefined;
  } catch {
    return undefined;
  }
}

function statementOf(line: string): StatementLine | undefined {
  try {
    const statement = JSON.parse(line) as Partial<StatementLine> | null;
    return typeof statement?.id === "number" && typeof statement.code === "string"
      ? { id: statement.id, code: statement.code }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Until the input ends. One statement after the other; SIGINT ends the one that runs, where it runs code and does not
 * wait. It takes SIGINT over from the process.
 */
export async function serveStatements(input: Readable, output: Writable, names: SessionNames): Promise<void> {
  // a listener beside the REPL's own way of hearing SIGINT ends the process (seen with Node 20), so there is one only
  // while no code runs
  const ignore = (): void => undefined;
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", ignore);
  const evaluator = createEvaluator(names, (isBegin) => {
    if (isBegin) process.off("SIGINT", ignore);
    else process.on("SIGINT", ignore);
  });
  const send = (line: ResultLine): void => {
    output.write(`\n${JSON.stringify(line)}\n`);
  }; // on a line of its own, whatever code left on the last one
  try {
    send({ ready: true });
    for await (const line of createInterface({ input })) {
      const statement = statementOf(line);
      if (statement === undefined)
        send({
          id: -1,
          output: "",
          error: { name: "BadStatement", message: 'a statement is a line such as {"id":1,"code":"1 + 1"}', stack: [] },
        });
      else send({ id: statement.id, ...(await evaluator.evaluate(statement.code)) });
    }
  } finally {
    evaluator.close();
  }
}
