/**
 * Frames equal up to a one-to-one renaming of generated keys (FORMAT §3, `keyBijection`).
 *
 * Both sides are coloured together: a row by its other values and the colours of its keys, a key by the rows that hold
 * it, until nothing splits any more. Keys of one colour are then tried one by one, and each complete renaming is
 * checked by comparing the renamed records exactly, so colours only prune: they never decide.
 */
import { member, type CompareOptions, type Json, type JsonObject } from "../case.js";
import { brief, compareRecords, valueText, type Mismatch } from "./values.js";

export type KeyedFrames = ReadonlyMap<string, readonly JsonObject[]>;
type Groups = NonNullable<CompareOptions["keyBijection"]>;
/** Colour by group and key: `0:5` is key 5 of the first group. */
type Colours = ReadonlyMap<string, number>;
type KeyCell = { readonly column: string; readonly key: string | undefined };
type Row = { readonly plain: string; readonly cells: readonly KeyCell[] };
type Side = { readonly rows: readonly Row[]; readonly keys: ReadonlySet<string> };

const BUDGET = 20_000;

/** `actual` and `expected` have the same frame names; only columns named in a group are renamed. */
export function compareKeyedFrames(
  actual: KeyedFrames,
  expected: KeyedFrames,
  groups: Groups,
  recordOrder: "ignore" | "exact",
): Mismatch {
  const number = numberClasses([...actual.values(), ...expected.values()]);
  const a = sideOf(actual, groups, recordOrder, number);
  const e = sideOf(expected, groups, recordOrder, number);
  const search = new Search(
    a,
    e,
    (renaming) => firstDifference(actual, expected, groups, recordOrder, renaming) === undefined,
  );
  if (search.run()) return undefined;
  if (search.gaveUp) return `no renaming of keys found in ${BUDGET} steps`;
  return `no renaming of keys makes the frames equal: ${differenceApartFromKeys(actual, expected, groups, recordOrder)}`;
}

class Search {
  private steps = 0;
  constructor(
    private readonly actual: Side,
    private readonly expected: Side,
    private readonly accepts: (renaming: ReadonlyMap<string, string>) => boolean,
  ) {}

  get gaveUp(): boolean {
    return this.steps > BUDGET;
  }

  run(): boolean {
    const start = (side: Side): Colours =>
      new Map([...side.keys].map((key) => [key, Number(key.slice(0, key.indexOf(":")))]));
    return this.descend(start(this.actual), start(this.expected));
  }

  private descend(actualStart: Colours, expectedStart: Colours): boolean {
    if (++this.steps > BUDGET) return false;
    const refined = refine(this.actual, this.expected, actualStart, expectedStart);
    if (!refined) return false;
    const [a, e] = refined;
    const byColour = groupByColour(e);
    const open = [...groupByColour(a)]
      .filter(([, keys]) => keys.length > 1)
      .sort(([, x], [, y]) => x.length - y.length)[0];
    if (!open) return this.accepts(new Map([...a].map(([key, colour]) => [key, byColour.get(colour)?.[0] ?? ""])));
    const [colour, keys] = open;
    const fresh = 1 + Math.max(...a.values(), ...e.values());
    return (byColour.get(colour) ?? []).some((candidate) =>
      this.descend(new Map(a).set(keys[0] ?? "", fresh), new Map(e).set(candidate, fresh)),
    );
  }
}

/** Splits colours until stable; undefined when the sides differ. */
function refine(
  actual: Side,
  expected: Side,
  actualStart: Colours,
  expectedStart: Colours,
): readonly [Colours, Colours] | undefined {
  let a = actualStart;
  let e = expectedStart;
  let count = 0;
  for (;;) {
    if (!sameHistogram(a, e)) return undefined;
    const names = new Map<string, number>();
    const step = (side: Side, colours: Colours): { keys: Colours; rows: string } => recolour(side, colours, names);
    const x = step(actual, a);
    const y = step(expected, e);
    if (x.rows !== y.rows) return undefined;
    const distinct = new Set(x.keys.values()).size;
    [a, e] = [x.keys, y.keys];
    if (distinct === count) return sameHistogram(a, e) ? [a, e] : undefined;
    count = distinct;
  }
}

/** New colour of a key = its old one and the sorted rows it occurs in; `names` numbers them, shared by both sides. */
function recolour(side: Side, colours: Colours, names: Map<string, number>): { keys: Colours; rows: string } {
  const occurrences = new Map<string, string[]>([...side.keys].map((key) => [key, []]));
  const texts: string[] = [];
  for (const row of side.rows) {
    const cells = row.cells
      .map(({ column, key }) => `${column}=${key === undefined ? "null" : colours.get(key)}`)
      .join();
    const text = `${row.plain}|${cells}`;
    texts.push(text);
    for (const { column, key } of row.cells) if (key !== undefined) occurrences.get(key)?.push(`${column}@${text}`);
  }
  const keys = new Map(
    [...occurrences].map(([key, rows]) => {
      const name = `${colours.get(key)}#${rows.sort().join("\n")}`;
      const colour = names.get(name) ?? names.size;
      names.set(name, colour);
      return [key, colour] as const;
    }),
  );
  return { keys, rows: texts.sort().join("\n") };
}

function sideOf(frames: KeyedFrames, groups: Groups, order: "ignore" | "exact", number: (n: number) => string): Side {
  const keys = new Set<string>();
  const rows: Row[] = [];
  for (const [frame, records] of frames) {
    const columns = keyColumns(frame, groups);
    for (const [i, record] of records.entries()) {
      const cells = [...columns].map(([column, group]) => ({
        column: `${group}:${column}`,
        key: keyOf(record, column, group),
      }));
      for (const { key } of cells) if (key !== undefined) keys.add(key);
      const plain = Object.fromEntries(Object.entries(record).filter(([name]) => !columns.has(name)));
      rows.push({ plain: `${JSON.stringify(frame)}${order === "exact" ? i : ""}${valueText(plain, number)}`, cells });
    }
  }
  return { rows, keys };
}

function keyColumns(frame: string, groups: Groups): ReadonlyMap<string, number> {
  return new Map(
    groups.flatMap((group, i) => group.filter(([name]) => name === frame).map(([, column]) => [column, i] as const)),
  );
}

function keyOf(record: JsonObject, column: string, group: number): string | undefined {
  const value = member(record, column) ?? null;
  return value === null ? undefined : `${group}:${valueText(value, String)}`;
}

function groupByColour(colours: Colours): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const [key, colour] of colours) groups.set(colour, [...(groups.get(colour) ?? []), key]);
  return groups;
}

function sameHistogram(a: Colours, e: Colours): boolean {
  if (a.size !== e.size) return false;
  const x = groupByColour(a);
  const y = groupByColour(e);
  return x.size === y.size && [...x].every(([colour, keys]) => y.get(colour)?.length === keys.length);
}

/** Numbers that may be equal within the tolerance get one text: coarser than equality, never finer. */
function numberClasses(tables: readonly (readonly Json[])[]): (n: number) => string {
  const all: number[] = [];
  const collect = (value: Json): void => {
    if (typeof value === "number") all.push(value);
    else if (typeof value === "object" && value !== null)
      for (const item of Object.values(value)) collect(item as Json);
  };
  for (const table of tables) for (const record of table) collect(record);
  const runs: number[][] = [];
  for (const n of [...new Set(all)].sort((x, y) => x - y)) {
    const run = runs.at(-1);
    const previous = run?.at(-1);
    const near = previous !== undefined && n - previous <= 1.1e-9 * Math.max(Math.abs(n), Math.abs(previous));
    if (run && near) run.push(n);
    else runs.push([n]);
  }
  // integers among themselves are only equal when they are the same
  const classes = new Map(
    runs.flatMap((run) => run.map((n) => [n, String(run.every(Number.isSafeInteger) ? n : run[0])] as const)),
  );
  return (n) => classes.get(n) ?? String(n);
}

function firstDifference(
  actual: KeyedFrames,
  expected: KeyedFrames,
  groups: Groups,
  order: "ignore" | "exact",
  renaming: ReadonlyMap<string, string>,
): Mismatch {
  for (const [frame, records] of expected) {
    const columns = keyColumns(frame, groups);
    const renamed = (table: readonly JsonObject[], rename: (key: string) => string): readonly JsonObject[] =>
      table.map((record) => ({
        ...record,
        ...Object.fromEntries(
          [...columns].map(([column, group]) => {
            const key = keyOf(record, column, group);
            return [column, key === undefined ? null : rename(key)];
          }),
        ),
      }));
    const mismatch = compareRecords(
      renamed(actual.get(frame) ?? [], (key) => renaming.get(key) ?? `unmapped ${key}`),
      renamed(records, (key) => key),
      order,
    );
    if (mismatch !== undefined) return `frame ${frame}: ${mismatch}`;
  }
  return undefined;
}

/** What differs apart from keys, or at least the records themselves. */
function differenceApartFromKeys(
  actual: KeyedFrames,
  expected: KeyedFrames,
  groups: Groups,
  order: "ignore" | "exact",
): string {
  for (const [frame, records] of expected) {
    const columns = keyColumns(frame, groups);
    const masked = (table: readonly JsonObject[]): readonly JsonObject[] =>
      table.map((record) => ({
        ...record,
        ...Object.fromEntries(
          [...columns.keys()].map((c) => [c, (member(record, c) ?? null) === null ? null : "a key"]),
        ),
      }));
    const mismatch = compareRecords(masked(actual.get(frame) ?? []), masked(records), order);
    if (mismatch !== undefined) return `frame ${frame}: ${mismatch}`;
  }
  return `the frames differ in how their keys meet; found ${brief(Object.fromEntries(actual) as Json)}`;
}
