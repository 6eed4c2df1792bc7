/** The shredder's wasm instance: built from a plan, fed with bytes, emptied page by page. */
import { shredWasm } from "../generated/shred-wasm.js";
import { instantiateWasm } from "../instantiate-wasm.js";
import type { CsvExports } from "../scan-csv-block.js";
import { POWERS_OF_FIVE } from "./powers-of-five.js";
import type { PageData } from "../../types/stored-rows.js";
import { COLUMN_KINDS, SLOTS, type PlanNode, type ShredPlan } from "./plan.js";

type Global = { readonly value: number };

/**
 * What builds columns and reads them back, of every instance that shreds; addresses and counts are numbers, 64-bit row
 * numbers bigints.
 */
export type ColumnExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  alloc(size: number): number;
  takeChunk(size: number): number;
  giveChunk(chunk: number, size: number): void;
  newDomain(base: bigint): number;
  newColumn(domain: number, kind: number): number;
  newNode(): number;
  newField(parent: number, name: number, length: number): number;
  setRoot(node: number, domain: number): void;
  setStruct(node: number): void;
  setSlot(node: number, slot: number, column: number): void;
  setElements(node: number, list: number, elements: number): number;
  setLevels(domain: number, level: number, repetition: number): void;
  setNumbering(domain: number, row: number, id: number, index: number): void;
  setLimits(column: number, low: bigint, high: bigint): void;
  setChain(column: number, chain: number, length: number): void;
  setBase(domain: number, next: bigint): void;
  startColumns(): void;
  domainRows(domain: number): number;
  domainEntries(domain: number): number;
  domainNext(domain: number): bigint;
  domainBytes(domain: number): number;
  expandDomain(domain: number): void;
  encodeLevels(column: number): number;
  validRows(column: number): number;
  settleColumn(column: number): void;
  columnStart(column: number): number;
  columnBits(column: number): number;
  columnLength(column: number): number;
  emptyDomain(domain: number): void;
  misfitsOf(node: number): number;
  resetFixes(count: number): void;
  nearestDouble(digits: bigint, exponent: bigint): number;
  readonly powersOfFive: Global;
  readonly levelsStart: Global;
  readonly fixTable: Global;
  readonly fixCount: Global;
};

/** What wasm/shred.ts exports. */
type ShredExports = ColumnExports
  & CsvExports & {
    setNewlineIsSpace(on: number): void;
    setSound(on: number): void;
    readLines(block: number, length: number, last: number): number;
    readValues(block: number, length: number, last: number, lookahead: number): number;
    beginValues(): void;
    isLost(): number;
    resetLost(): void;
    skipValue(p: number, depth: number): number;
    readonly faultAt: Global;
    readonly recordCount: Global;
    readonly malformedCount: Global;
  };

/** A live shredder. Addresses of domains and columns are by their index in the plan. */
export type WasmShredder<W extends ColumnExports = ShredExports> = {
  readonly plan: ShredPlan;
  readonly wasm: W;
  readonly domains: readonly number[];
  readonly columns: readonly number[];
  readonly nodes: readonly { readonly path: string; readonly address: number }[];
};

/** Builds an instance; takes a few milliseconds and a megabyte. */
export function createShredder(plan: ShredPlan): WasmShredder {
  const wasm = instantiateWasm<ShredExports>(shredWasm);
  wasm.setSound(plan.sound === true ? 1 : 0);
  return shredderOver(wasm, plan);
}

/** Builds what the plan says in a new instance. */
export function shredderOver<W extends ColumnExports>(wasm: W, plan: ShredPlan): WasmShredder<W> {
  new BigUint64Array(wasm.memory.buffer, wasm.powersOfFive.value, 2 * POWERS_OF_FIVE.length).set(POWERS_OF_FIVE.flat());
  const domains = plan.domains.map((domain) => {
    const address = wasm.newDomain(1n);
    wasm.setLevels(address, domain.level, domain.repetition);
    return address;
  });
  const columns = plan.columns.map((column) => {
    const address = wasm.newColumn(at(domains, column.domain), COLUMN_KINDS.indexOf(column.kind));
    if (column.limits !== undefined) wasm.setLimits(address, BigInt(column.limits[0]), BigInt(column.limits[1]));
    return address;
  });
  plan.columns.forEach((column, i) => {
    if (column.chain.length === 0) return;
    const chain = wasm.alloc(column.chain.length * 4);
    new Uint32Array(wasm.memory.buffer, chain, column.chain.length).set(
      column.chain.map((outer) => at(columns, outer)),
    );
    wasm.setChain(at(columns, i), chain, column.chain.length);
  });
  plan.domains.forEach(({ numbering }, i) => {
    if (numbering === undefined) return;
    const optional = (column: number | undefined): number => (column === undefined ? 0 : at(columns, column));
    wasm.setNumbering(at(domains, i), at(columns, numbering.row), optional(numbering.id), optional(numbering.index));
  });
  const nodes: { path: string; address: number }[] = [];
  const root = wasm.newNode();
  wasm.setRoot(root, at(domains, 0));
  buildNode(wasm, plan.root, root, domains, columns, nodes);
  wasm.startColumns();
  return { plan, wasm, domains, columns, nodes };
}

function buildNode(
  wasm: ColumnExports,
  node: PlanNode,
  address: number,
  domains: readonly number[],
  columns: readonly number[],
  nodes: { path: string; address: number }[],
): void {
  nodes.push({ path: node.path, address });
  SLOTS.forEach((slot, i) => {
    const column = node.slots[slot];
    if (column !== undefined) wasm.setSlot(address, i, at(columns, column));
  });
  if (node.isStruct) wasm.setStruct(address);
  for (const { name, node: child } of node.fields) {
    const bytes = Buffer.from(name, "utf8");
    const chunk = wasm.takeChunk(bytes.length + 8);
    new Uint8Array(wasm.memory.buffer, chunk, bytes.length).set(bytes);
    buildNode(wasm, child, wasm.newField(address, chunk, bytes.length), domains, columns, nodes);
    wasm.giveChunk(chunk, bytes.length + 8);
  }
  if (node.list !== undefined) {
    const { column, domain, element } = node.list;
    buildNode(
      wasm,
      element,
      wasm.setElements(address, at(columns, column), at(domains, domain)),
      domains,
      columns,
      nodes,
    );
  }
}

/** An index of the plan; the plan is made by us, so a miss is our mistake. */
function at(addresses: readonly number[], index: number): number {
  const address = addresses[index];
  if (address === undefined) throw new Error(`no address ${index} in the plan`);
  return address;
}

/** Writes the doubles that the last block left to the host. The block must still be in place. */
export function applyFixes({ wasm, plan, columns }: WasmShredder<ColumnExports>): void {
  const count = wasm.fixCount.value;
  if (count === 0) return;
  const floats = new Set(plan.columns.flatMap((column, i) => (column.kind === "float" ? [at(columns, i)] : [])));
  const memory = Buffer.from(wasm.memory.buffer);
  for (let i = 0, entry = wasm.fixTable.value; i < count; i++, entry += 16) {
    const column = memory.readUInt32LE(entry);
    const target = wasm.columnStart(column) + memory.readUInt32LE(entry + 4);
    const start = memory.readUInt32LE(entry + 8);
    const value = Number(memory.toString("latin1", start, start + memory.readUInt32LE(entry + 12)));
    if (floats.has(column)) memory.writeFloatLE(value, target);
    else memory.writeDoubleLE(value, target);
  }
  wasm.resetFixes(0);
}

/**
 * The pages of columns as they stand. Values are views of wasm memory: write them before anything else runs in the
 * instance. `expandDomain` must have run for the domains concerned.
 */
export function pagesOf(
  { wasm, plan, columns, domains }: WasmShredder<ColumnExports>,
  indexes: readonly number[],
): PageData[] {
  // levels first: making them may grow the memory, which detaches views
  const prepared = indexes.map((index) => {
    const address = at(columns, index);
    const column = plan.columns[index];
    const domain = at(domains, column?.domain ?? 0);
    const entries = wasm.domainEntries(domain);
    if (isNumbering(plan, index)) return { address, entries, nulls: 0, levels: NO_LEVELS, hasValues: true };
    const length = wasm.encodeLevels(address);
    const start = wasm.levelsStart.value;
    const levels = Buffer.from(new Uint8Array(wasm.memory.buffer, start, length));
    return {
      address,
      entries,
      nulls: entries - wasm.validRows(address),
      levels,
      hasValues: column?.kind !== "presence",
    };
  });
  return prepared.map(({ address, hasValues, ...page }) => ({
    ...page,
    values: hasValues
      ? new Uint8Array(wasm.memory.buffer, wasm.columnStart(address), wasm.columnLength(address))
      : NO_LEVELS,
  }));
}

const NO_LEVELS = new Uint8Array(0);

function isNumbering(plan: ShredPlan, index: number): boolean {
  const numbering = plan.domains[plan.columns[index]?.domain ?? 0]?.numbering;
  return numbering !== undefined && (numbering.row === index || numbering.id === index || numbering.index === index);
}

/** Values that no arm of the type holds, by path. */
export function misfitsByPath({ wasm, nodes }: WasmShredder<ColumnExports>): ReadonlyMap<string, number> {
  return new Map(
    nodes.flatMap(({ path, address }) => {
      const count = wasm.misfitsOf(address);
      return count === 0 ? [] : [[path, count] as const];
    }),
  );
}
