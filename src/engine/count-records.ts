/** Records in a text file just written: an engine reports one total for all files of a write of text, or none. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import type { CsvWriteOptions } from "../formats/csv-options.js";

/** Lines of JSON, or records of CSV without the header: there a line break inside quotes ends nothing. */
export async function countRecords(file: string, csv: CsvWriteOptions | undefined): Promise<number> {
  const quote = typeof csv?.quoteChar === "string" ? csv.quoteChar.charCodeAt(0) : -1;
  let lines = 0;
  let quoted = false;
  for await (const block of blocksOf(file)) {
    for (const byte of block) {
      if (byte === quote) quoted = !quoted;
      else if (byte === 10 && !quoted) lines++;
    }
  }
  return csv?.writeHeader === true ? lines - 1 : lines;
}

async function* blocksOf(file: string): AsyncGenerator<Uint8Array> {
  const stored = createReadStream(file);
  if (file.endsWith(".gz")) {
    yield* stored.pipe(createGunzip());
    return;
  }
  if (!file.endsWith(".zst")) {
    yield* stored;
    return;
  }
  const blocks: Uint8Array[] = [];
  const decoder = new Decompress((block) => {
    blocks.push(block);
  });
  for await (const block of stored) {
    decoder.push(block as Uint8Array);
    yield* blocks.splice(0);
  }
}
