import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { withFileErrors } from "../../storage/file-error.js";
import type { EventQueue, QueueMessage } from "./event-queue.js";

/**
 * A file of events as a queue: one message a line. Lines that were dealt with are taken out; lines appended meanwhile
 * stay. Only one crawl of a database runs at a time; a writer that appends while a crawl ends should append again what
 * it does not find.
 */
export function fileQueue(path: string): EventQueue {
  const read = async (): Promise<readonly QueueMessage[]> => {
    const lines = (await withFileErrors(path, () => readFile(path, "utf8"))).split("\n");
    return lines
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .map((body) => ({ body, receipt: createHash("sha256").update(body).digest("hex") }));
  };
  return {
    receive: read,
    async delete(receipts) {
      const gone = new Set(receipts);
      const left = (await read()).filter(({ receipt }) => !gone.has(receipt));
      const aside = `${path}.${process.pid}.tmp`;
      await withFileErrors(path, async () => {
        await writeFile(aside, left.map(({ body }) => `${body}\n`).join(""));
        await rename(aside, path);
      });
    },
  };
}
