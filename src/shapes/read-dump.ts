/** The tree that the scanner left in its memory (`dump` of wasm/tree-dump.ts), as numbers on a skeleton. */
import { ELEMENT, FLAGS, LENGTHS } from "./flat-tree.js";
import type { FlatTree } from "./flat-tree.js";
import { TAGS, TEXT_HAZARDS } from "./ledger.js";
import type { Hazard, HazardStats } from "./ledger.js";
import { elementPath, fieldPath } from "./path-text.js";
import type { TreeBuilder } from "./skeletons.js";

export type Dumped = { readonly tree: FlatTree; readonly hazards: { readonly [H in Hazard]?: HazardStats } };
/** Names by their address in memory. */
export type DumpNames = { readonly id: (at: number, length: number) => number; readonly text: (at: number, length: number) => string };

const ARRAY_BIT = FLAGS << TAGS.indexOf("array");

/** Reads one dump after the other; what it works with is made once, since small files take less time than making it. */
export type DumpReader = (values: Float64Array, file: string) => Dumped;

export function createDumpReader(names: DumpNames, builder: TreeBuilder): DumpReader {
  const readTree = treeReader(names, builder);
  return (values, file) => {
    readTree(values);
    return { tree: builder.finish(file), hazards: readHazards(values, file, names) };
  };
}

const TREE_AT = 4 * TEXT_HAZARDS.length;

function readHazards(values: Float64Array, file: string, names: DumpNames): Dumped["hazards"] {
  const hazards: { [H in Hazard]?: HazardStats } = {};
  let paths: ReadonlyMap<number, string> | undefined;
  for (let h = 0; h < TEXT_HAZARDS.length; h++) {
    const [count = 0, record = 0, offset = 0, node = 0] = values.subarray(4 * h, 4 * h + 4);
    const hazard = TEXT_HAZARDS[h];
    if (count === 0 || hazard === undefined) continue;
    if (node !== 0) paths ??= readPaths(values, TREE_AT, names);
    const path = node === 0 ? undefined : paths?.get(node);
    hazards[hazard] = Object.freeze({ count, first: Object.freeze({ file, record, offset }), ...(path !== undefined && { path }) });
  }
  return Object.freeze(hazards);
}

/** Numbers that the fields of a struct leave on the stack: where their codes and numbers begin, record and offset of their first places. */
const FIELD = 4;

/** Puts the tree into the builder, the fields of each struct in the order of their first places. */
function treeReader(names: DumpNames, { codes, numbers, begin }: TreeBuilder): (values: Float64Array) => void {
  const stack: number[] = [];
  let values: Float64Array = new Float64Array(0);
  let at = 0;
  let [firstRecord, firstOffset] = [0, 0]; // of the node read last
  const node = (): void => {
    const min = values[at + 3] ?? 0;
    const max = values[at + 4] ?? 0;
    let tags = values[at + 5] ?? 0;
    at += 6; // id and name are its parent's affair
    const place = codes.push(0) - 1;
    let mark = 0;
    let record = Infinity;
    let offset = Infinity;
    for (; tags > 0; tags--) {
      const [r, o] = [values[at + 2] ?? 0, values[at + 3] ?? 0];
      mark |= FLAGS << (values[at] ?? 0);
      numbers.push(values[at + 1] ?? 0, r, o);
      if (r < record || (r === record && o < offset)) [record, offset] = [r, o];
      at += 4;
    }
    if (mark & ARRAY_BIT) {
      mark |= LENGTHS;
      numbers.push(min, max);
    }
    const fields = values[at++] ?? 0;
    codes.push(fields);
    const base = stack.length;
    let sorted = true;
    let [lastRecord, lastOffset] = [-1, -1];
    for (let n = 0; n < fields; n++) {
      const [code, number] = [codes.length, numbers.length];
      codes.push(names.id(values[at + 1] ?? 0, values[at + 2] ?? 0));
      node();
      stack.push(code, number, firstRecord, firstOffset);
      if (firstRecord < lastRecord || (firstRecord === lastRecord && firstOffset < lastOffset)) sorted = false;
      [lastRecord, lastOffset] = [firstRecord, firstOffset];
    }
    if (!sorted) sortFields(stack.slice(base), codes, numbers);
    stack.length = base;
    if (values[at++]) {
      mark |= ELEMENT;
      node();
    }
    codes[place] = mark;
    [firstRecord, firstOffset] = [record, offset];
  };
  return (dump) => {
    values = dump;
    at = TREE_AT;
    begin();
    node();
  };
}

/** Sorts the fields at the end of both arrays by their first places. */
function sortFields(fields: readonly number[], codes: number[], numbers: number[]): void {
  const parts: { readonly codes: readonly number[]; readonly numbers: readonly number[]; readonly record: number; readonly offset: number }[] = [];
  for (let i = 0; i < fields.length; i += FIELD) {
    const [code = 0, number = 0, record = 0, offset = 0] = fields.slice(i, i + FIELD);
    parts.push({ codes: codes.slice(code, fields[i + FIELD]), numbers: numbers.slice(number, fields[i + FIELD + 1]), record, offset });
  }
  codes.length = fields[0] ?? 0;
  numbers.length = fields[1] ?? 0;
  for (const part of parts.sort((a, b) => a.record - b.record || a.offset - b.offset)) {
    for (const code of part.codes) codes.push(code);
    for (const number of part.numbers) numbers.push(number);
  }
}

/** The paths of the nodes by their ids. */
function readPaths(values: Float64Array, start: number, names: DumpNames): ReadonlyMap<number, string> {
  const paths = new Map<number, string>();
  let at = start;
  const next = (): number => values[at++] ?? 0;
  const node = (path: (own: string) => string): void => {
    const id = next();
    const here = path(names.text(next(), next()));
    paths.set(id, here);
    at += 2; // lengths
    const tags = next();
    at += 4 * tags;
    for (let n = next(); n > 0; n--) node((key) => fieldPath(here, key));
    if (next()) node(() => elementPath(here));
  };
  node(() => "");
  return paths;
}
