/** The shredder as the reader of files sees it: a block to fill, and a call that takes the records out of it. */
import { beginCsv, scanCsv, type CsvHead, type CsvLayout } from "../scan-csv-block.js";
import type { Layout, Scanner } from "../scanner.js";
import type { StagedTables } from "./staged-tables.js";
import { applyFixes, type WasmShredder } from "./wasm-shredder.js";

/** What one file, or one range of it, came to. */
export type ShredCounts = { readonly records: number; readonly malformed: number; readonly bytes: number };

const SLACK = 64;
const START_BLOCK = 1 << 20;
/** As the scanner's: how far to look for the end of a malformed record when records are not lines. */
const LOOKAHEAD = 16 << 20;

/** Records read through it end up in `tables`, which are flushed between blocks. */
export function createRecordSink(
  shredder: WasmShredder,
  tables: Pick<StagedTables, "flushFull">,
): Scanner<ShredCounts> {
  const { wasm } = shredder;
  let room = START_BLOCK;
  let pointer = wasm.takeChunk(room + SLACK);
  let layout: Layout | CsvLayout = "lines";
  let csvHead: CsvHead | undefined;
  let before = { records: 0, malformed: 0 };
  let added = 0;

  const setLayout = (how: Layout | CsvLayout): void => wasm.setNewlineIsSpace(how === "values" ? 1 : 0);
  const block = (): Uint8Array => new Uint8Array(wasm.memory.buffer, pointer, room);
  const read = (length: number, last: boolean): number => {
    if (csvHead !== undefined) return scanCsv(wasm, csvHead, pointer, length, last);
    if (layout === "lines") return wasm.readLines(pointer, length, last ? 1 : 0);
    return wasm.readValues(pointer, length, last ? 1 : 0, LOOKAHEAD);
  };
  return {
    block,
    grow(size) {
      if (size <= room) return;
      const grown = wasm.takeChunk(size + SLACK);
      new Uint8Array(wasm.memory.buffer, grown, size).set(block());
      wasm.giveChunk(pointer, room + SLACK);
      pointer = grown;
      room = size;
    },
    memoryUsed: () => wasm.memory.buffer.byteLength,
    probe(from, length, how) {
      const behind = new Uint8Array(wasm.memory.buffer, pointer + length, 1);
      const [kept = 0] = behind;
      behind[0] = how === "lines" ? 10 : 0;
      setLayout(how);
      const end = wasm.skipValue(pointer + from, 0);
      behind[0] = kept;
      return { ok: end !== 0, end: (end || wasm.faultAt.value) - pointer };
    },
    begin(_file, how: Layout) {
      layout = how;
      before = { records: wasm.recordCount.value, malformed: wasm.malformedCount.value };
      added = 0;
      wasm.beginValues();
      wasm.resetLost();
      setLayout(how);
      csvHead = typeof how === "string" ? undefined : beginCsv(wasm, how);
    },
    hazard: () => undefined,
    scan(_offset, length, last) {
      const consumed = read(length, last);
      applyFixes(shredder);
      tables.flushFull();
      return consumed;
    },
    tooLarge: () => void added++,
    skipsByLine: () => layout !== "values",
    isLost: () => wasm.isLost() !== 0,
    add: () => void added++,
    extendLast: () => undefined,
    finish: (bytes) => ({
      records: wasm.recordCount.value - before.records,
      malformed: wasm.malformedCount.value - before.malformed + added,
      bytes,
    }),
  };
}
