/** The wasm scanner behind a typed face: one instance, its block of bytes, and the ledger of the file in hand. */
import { DynaframeError } from "../types/error.js";
import { scanWasm } from "./generated/scan-wasm.js";
import { address, instantiateWasm } from "./instantiate-wasm.js";
import { withNumbers } from "./flat-ledger.js";
import { HAZARDS, MAX_KEPT_MALFORMED } from "./ledger.js";
import type { Hazard, HazardStats, LedgerNode, MalformedRecord, ShapeStats } from "./ledger.js";
import { createTreeReader } from "./read-tree.js";
import { beginCsv, scanCsv } from "./scan-csv-block.js";
import type { CsvHead, CsvLayout } from "./scan-csv-block.js";
import { readShapes } from "./read-shapes.js";
import { FAULT_TOO_LARGE, malformedRecord } from "./scan-reasons.js";
import { createSkeletons } from "./skeletons.js";

/** Exports of scan.wasm. Addresses, which are read by `address`, and counts are numbers. */
export type ScanExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly faultAt: { readonly value: number };
  alloc(size: number): number;
  probe(p: number): number;
  setNewlineIsSpace(on: number): void;
  setTextTypes(on: number): void;
  beginFile(): void;
  beginValues(): void;
  placeBlock(p: number, offset: number): void;
  fileHazard(hazard: number): void;
  scanLines(block: number, length: number, last: number): number;
  scanValues(block: number, length: number, last: number, lookahead: number): number;
  isLost(): number;
  resetLost(): void;
  reject(start: number, end: number, fault: number): void;
  beginCsv(separator: number, quote: number, escaper: number, multiLine: number, infer: number, fixed: number): void;
  addColumn(name: number, length: number): void;
  readHeader(block: number, length: number, last: number): number;
  headerNames(): number;
  headerLength(): number;
  scanCsv(block: number, length: number, last: number): number;
  recordCount(): number;
  malformedCount(): number;
  keptCount(): number;
  keptPointer(): number;
  shapesCount(): number;
  otherShapesCount(): number;
  dumpShapes(limit: number): number;
  dumpTree(): void;
  treeCodes(): number;
  treeCodesLength(): number;
  treeCodesHash(): number;
  treeNumbers(): number;
  treeNumbersLength(): number;
  treeGreatest(): number;
  nodeName(node: number): number;
  nodeNameLength(node: number): number;
  nodeParent(node: number): number;
  nodeIsElement(node: number): number;
  hazardCount(hazard: number): number;
  hazardRecord(hazard: number): number;
  hazardOffset(hazard: number): number;
  hazardNode(hazard: number): number;
};

/**
 * The counts of one file, or of a range of its lines (`record` numbers then count from the range's first). Plain data.
 */
export type PartLedger = {
  readonly records: number;
  readonly malformed: number;
  readonly malformedRecords: readonly MalformedRecord[];
  /** Bytes after decompression. */
  readonly bytes: number;
  readonly root: LedgerNode;
  readonly hazards: { readonly [H in Hazard]?: HazardStats };
  /** Of a range all shapes counted one by one, of a whole file the most frequent ones. */
  readonly shapes: readonly ShapeStats[];
  readonly otherShapes: number;
};

/** How JSON records lie in the bytes. */
export type Layout = "lines" | "values";

/** A face shared with the shredder; `Result` is what one file, or a range of it, comes to. */
export type Scanner<Result = PartLedger> = {
  /** The block: bytes may be put anywhere in it. The view is good until the next call. */
  block(): Uint8Array;
  /** Makes the block at least that large, keeping its bytes. */
  grow(size: number): void;
  /** Bytes of memory in use; a scanner that grew large is better dropped. */
  memoryUsed(): number;
  /** True if the block's first `length` bytes start with a whole JSON value; also how far it reached. */
  probe(from: number, length: number, layout: Layout): { readonly ok: boolean; readonly end: number };
  begin(file: string, layout: Layout | CsvLayout): void;
  hazard(name: Hazard): void;
  /** Waited for before more bytes are read, so that what comes out can be taken at its taker's pace. */
  ready?(): Promise<void> | undefined;
  /**
   * Scans the first `length` bytes, which lie at `offset` of the file; returns the bytes consumed. With `last`, all
   * are.
   */
  scan(offset: number, length: number, last: boolean): number;
  /** Notes the block's first `length` bytes as the start of a record too large to hold, ending at `end`. */
  tooLarge(offset: number, length: number): void;
  /** True when the next record can be found at the next newline. */
  skipsByLine(): boolean;
  /** True when the rest of the file cannot be brought into step again. */
  isLost(): boolean;
  /** Adds a malformed record found by the host, after all others; it is always kept. */
  add(record: MalformedRecord): void;
  /** Moves the end of the last malformed record. */
  extendLast(end: number): void;
  /**
   * What was scanned since `begin`: `bytes` of a whole file, or a range of one that is still to be joined with others.
   */
  finish(bytes: number, scope: "file" | "range"): Result;
};

const SLACK = 64;
// a block, its tree and its columns stay in the second-level cache: 256 KB scans 5 % faster than 1 MB, and 128 KB
// slower again
const START_BLOCK = 1 << 18;
/** How far to look for the end of a malformed record when records are not lines. */
const LOOKAHEAD = 16 << 20;
const TEXT_BYTES = 4000;

/** `textTypes`: texts are counted by what they spell, numbers in them by their digits (wasm/text-types.ts). */
export function createScanner(textTypes = false): Scanner {
  const wasm = instantiate();
  wasm.setTextTypes(textTypes ? 1 : 0);
  return scannerOver(wasm);
}

/** The scanner of this instance. */
export function scannerOver(wasm: ScanExports): Scanner {
  let room = START_BLOCK;
  let pointer = address(wasm.alloc(room + SLACK));
  let bytes = new Uint8Array(wasm.memory.buffer, pointer, room);
  let file = "";
  let layout: Layout | CsvLayout = "lines";
  let csvHead: CsvHead | undefined;
  let records: MalformedRecord[] = [];
  let taken = 0;
  let added = 0;
  const reader = createTreeReader(wasm, createSkeletons());

  const block = (): Uint8Array => {
    if (bytes.buffer !== wasm.memory.buffer) bytes = new Uint8Array(wasm.memory.buffer, pointer, room);
    return bytes;
  };
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw new DynaframeError("TOO_MANY_PATHS", "the file has more distinct paths than memory can hold", {
        file,
        cause,
        hint: "keys look like data (ids as keys?); read the file as text or reshape it first",
      });
    }
  };
  const takeMalformed = (offset: number, length: number): void => {
    const kept = wasm.keptCount();
    if (taken === kept) return;
    const entries = new Float64Array(wasm.memory.buffer, address(wasm.keptPointer()), kept * 4);
    const data = new Uint8Array(wasm.memory.buffer, pointer, length);
    for (; taken < kept && records.length < MAX_KEPT_MALFORMED; taken++) {
      const [start = 0, end = 0, at = 0, fault = 0] = entries.subarray(taken * 4, taken * 4 + 4);
      const from = start - offset;
      records.push(
        malformedRecord({
          file,
          offset: start,
          end,
          at,
          fault,
          byte: data[from + at],
          lines: layout !== "values",
          head: data.subarray(from, Math.min(end - offset, from + TEXT_BYTES)),
        }),
      );
    }
    taken = kept;
  };

  return {
    block,
    grow(size) {
      if (size <= room) return;
      const old = pointer;
      const used = room;
      room = size;
      pointer = guarded(() => address(wasm.alloc(room + SLACK)));
      bytes = new Uint8Array(wasm.memory.buffer, pointer, room);
      bytes.set(new Uint8Array(wasm.memory.buffer, old, used));
    },
    memoryUsed: () => wasm.memory.buffer.byteLength,
    probe(from, length, how) {
      const behind = new Uint8Array(wasm.memory.buffer, pointer + length, 1);
      const [kept = 0] = behind;
      behind[0] = how === "lines" ? 10 : 0;
      wasm.setNewlineIsSpace(how === "lines" ? 0 : 1);
      const end = address(wasm.probe(pointer + from));
      behind[0] = kept;
      return { ok: end !== 0, end: (end || address(wasm.faultAt.value)) - pointer };
    },
    begin(name, how) {
      file = name;
      layout = how;
      records = [];
      taken = 0;
      added = 0;
      wasm.beginFile();
      wasm.beginValues();
      wasm.resetLost();
      wasm.setNewlineIsSpace(how === "values" ? 1 : 0);
      csvHead = typeof how === "string" ? undefined : beginCsv(wasm, how);
    },
    hazard: (name) => wasm.fileHazard(HAZARDS.indexOf(name)),
    scan(offset, length, last) {
      wasm.placeBlock(pointer, offset);
      const consumed = guarded(() => {
        if (csvHead) return scanCsv(wasm, csvHead, pointer, length, last);
        if (layout === "lines") return wasm.scanLines(pointer, length, last ? 1 : 0);
        return wasm.scanValues(pointer, length, last ? 1 : 0, LOOKAHEAD);
      });
      takeMalformed(offset, length);
      return consumed;
    },
    tooLarge(offset, length) {
      wasm.placeBlock(pointer, offset);
      wasm.reject(pointer, pointer + length, FAULT_TOO_LARGE);
      takeMalformed(offset, length);
    },
    skipsByLine: () => layout !== "values",
    isLost: () => wasm.isLost() !== 0,
    add(record) {
      added++;
      // damage to the whole file is worth more than the last of a thousand bad records
      if (records.length === MAX_KEPT_MALFORMED) records.pop();
      records.push(record);
    },
    extendLast(end) {
      const last = records.pop();
      if (last !== undefined)
        records.push(wasm.malformedCount() <= MAX_KEPT_MALFORMED ? Object.freeze({ ...last, end }) : last);
    },
    finish(total, scope) {
      const [tree, hazards, { shapes, otherShapes }] = guarded(
        () => [reader.tree(file), reader.hazards(file), readShapes(wasm, file, scope === "range")] as const,
      );
      return withNumbers(
        {
          records: wasm.recordCount(),
          malformed: wasm.malformedCount() + added,
          malformedRecords: Object.freeze(records),
          bytes: total,
          hazards,
          otherShapes,
        },
        tree,
        shapes,
      );
    },
  };
}

const instantiate = (): ScanExports => instantiateWasm<ScanExports>(scanWasm);
