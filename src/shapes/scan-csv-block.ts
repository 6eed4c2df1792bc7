/** CSV in the scanner: settings, the header's names, and blocks of rows. */
import { address } from "./instantiate-wasm.js";
import type { ScanExports } from "./scanner.js";

/** What it takes of a wasm instance, be it the scanner's or the shredder's. */
export type CsvExports = Pick<
  ScanExports,
  "memory" | "alloc" | "beginCsv" | "addColumn" | "readHeader" | "headerNames" | "headerLength" | "scanCsv"
>;

/** How the rows of a CSV file are read. Bytes are ASCII codes; plain data, so that it can be sent to a worker. */
export type CsvLayout = {
  readonly kind: "csv";
  readonly separator: number;
  /** −1: no quoting. */
  readonly quote: number;
  /** −1: none; a doubled quote always stands for one. */
  readonly escaper: number;
  /** Newlines inside quotes belong to the cell. */
  readonly multiLine: boolean;
  /** The first row names the columns, unless `names` does; then it is skipped. */
  readonly header: boolean;
  /** The first row of data is left out. */
  readonly skipFirst: boolean;
  readonly names?: readonly string[];
  /** Count each cell by the type that its text has (an empty one as null); else every cell is a string. */
  readonly inferTypes: boolean;
};

/** What of the file's head is still to be read. */
export type CsvHead = { readonly layout: CsvLayout; header: boolean; skip: boolean };

const byteOrNone = (code: number): number => (code < 0 ? 256 : code);
const flag = (on: boolean): number => (on ? 1 : 0);

export function beginCsv(wasm: CsvExports, layout: CsvLayout): CsvHead {
  const fixed = layout.header || layout.names !== undefined;
  wasm.beginCsv(
    layout.separator,
    byteOrNone(layout.quote),
    byteOrNone(layout.escaper),
    flag(layout.multiLine),
    flag(layout.inferTypes),
    flag(fixed),
  );
  if (layout.names) addColumns(wasm, layout.names);
  return { layout, header: layout.header, skip: layout.skipFirst };
}

/** Scans a block, the head of the file first; the bytes consumed. */
export function scanCsv(wasm: CsvExports, head: CsvHead, block: number, length: number, last: boolean): number {
  let at = 0;
  while ((head.header || head.skip) && at < length) {
    const consumed = wasm.readHeader(block + at, length - at, flag(last));
    if (consumed === 0) return at;
    at += consumed;
    if (!head.header) head.skip = false;
    else if (!head.layout.names) addColumns(wasm, columnNames(readNames(wasm)));
    head.header = false;
  }
  return at < length || last ? at + wasm.scanCsv(block + at, length - at, flag(last)) : at;
}

function readNames(wasm: CsvExports): string[] {
  const bytes = Buffer.from(wasm.memory.buffer, address(wasm.headerNames()), wasm.headerLength());
  const names: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    names.push(bytes.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return names;
}

/** A name that is empty becomes `col` and its place; one that came before gets the next free number: `a`, `a_2`. */
export function columnNames(header: readonly string[]): string[] {
  const used = new Set<string>();
  return header.map((given, i) => {
    const name = given === "" ? `col${i}` : given;
    let unique = name;
    for (let n = 2; used.has(unique) || (unique !== name && header.includes(unique)); n++) unique = `${name}_${n}`;
    used.add(unique);
    return unique;
  });
}

function addColumns(wasm: CsvExports, names: readonly string[]): void {
  for (const name of names) {
    const bytes = Buffer.from(name);
    const at = address(wasm.alloc(bytes.length + 1));
    new Uint8Array(wasm.memory.buffer, at, bytes.length).set(bytes);
    wasm.addColumn(at, bytes.length);
  }
}
