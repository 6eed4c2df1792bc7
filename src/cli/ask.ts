/**
 * Questions on a terminal, or answered by lines of a pipe. Answers come from standard input; questions go to standard
 * error.
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { UsageError } from "./usage-error.js";

export type Asker = {
  /**
   * Asks until the answer will do; an empty line is `fallback`, where there is one.
   * @throws UsageError when the input ends first
   */
  ask<T>(question: string, read: (text: string) => T, fallback?: string): Promise<T>;
  close(): void;
};

export function asker(input: Readable, print: (text: string) => void): Asker {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask(question, read, fallback) {
      for (;;) {
        print(`${question}${fallback === undefined || fallback === "" ? "" : ` [${fallback}]`}: `);
        const { value, done } = (await lines.next()) as { readonly value?: string; readonly done?: boolean };
        if (done === true || value === undefined)
          throw new UsageError(`the input ended before "${question}" was answered`);
        const text = value.trim() === "" ? fallback : value.trim();
        if (text === undefined) continue;
        try {
          return read(text);
        } catch (error) {
          print(`  ${error instanceof Error ? error.message : String(error)}\n`);
        }
      }
    },
    close: () => {
      reader.close();
    },
  };
}
