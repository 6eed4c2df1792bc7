/**
 * 329 deeply nested events of real webhooks, through everything: crawl, choices, resolveChoice, applyMapping,
 * relationalize, Parquet, and back.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { DynamicFrame, DynamicFrameCollection } from "../../src/index.js";
import { duckdbValues, lean, openWorld, type Row, type World } from "../bad-input/world.js";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

const catalogue = JSON.parse(
  readFileSync(resolve("node_modules/@octokit/webhooks-examples/api.github.com/index.json"), "utf8"),
) as { examples: JsonObject[] }[];
const events = catalogue.flatMap(({ examples }) => examples);

let world: World;
let frame: DynamicFrame;
beforeAll(async () => {
  world = await openWorld();
  for (let file = 0; file < 4; file++) {
    world.write(
      `events/part-${file}.json`,
      events
        .filter((_, i) => i % 4 === file)
        .map((e) => `${JSON.stringify(e)}\n`)
        .join(""),
    );
  }
  const report = await world.glue.crawl({
    database: "hooks",
    includes: [world.at("events")],
    configuration: { Version: 1, Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" } },
  });
  expect(report.totals).toMatchObject({ files: 4, records: events.length, malformed: 0, created: 1 });
  frame = world.glue.createDynamicFrame.fromCatalog({ database: "hooks", tableName: "events" });
}, 60_000);
afterAll(() => world.close());

// ---- an independent account of the same records: types by path, and what relationalize makes of a record, by recursion over parsed JSON

const typeOf = (value: Json): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number")
    return !Number.isInteger(value) ? "double" : Math.abs(value) < 2 ** 31 ? "int" : "long";
  return typeof value === "object" ? "struct" : typeof value;
};

/** How often each type occurs at each path; paths as the library writes them are only needed where they are plain. */
function countTypes(values: readonly Json[]): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  const walk = (path: string, value: Json): void => {
    const at = counts.get(path) ?? new Map<string, number>();
    counts.set(path, at.set(typeOf(value), (at.get(typeOf(value)) ?? 0) + 1));
    if (Array.isArray(value)) for (const element of value as Json[]) walk(`${path}[]`, element);
    else if (typeof value === "object" && value !== null)
      for (const [key, member] of Object.entries(value)) walk(path === "" ? key : `${path}.${key}`, member);
  };
  for (const value of values) walk("", value);
  return counts;
}

const counts = countTypes(events);
const choices = new Map(
  [...counts]
    .map(([path, types]) => [path, [...types].filter(([t]) => t !== "null")] as const)
    .filter(([, types]) => types.length > 1),
);

type Cast = ReadonlyMap<string, (value: Json) => Json>;
/** A record as its root row, with the rows of each child table in the place of the key. */
function flattened(record: JsonObject, casts: Cast): JsonObject {
  const row: Record<string, Json> = {};
  const put = (name: string, path: string, given: Json): void => {
    const cast = casts.get(path);
    const value = cast && given !== null ? cast(given) : given;
    const column = !cast && choices.has(path) && value !== null ? `${name}_${typeOf(value)}` : name;
    if (value === null) return;
    if (Array.isArray(value))
      row[column] = (value as Json[]).map((element, index) => elementRow(column, `${path}[]`, element, index, casts));
    else if (typeof value === "object")
      for (const [key, member] of Object.entries(value as JsonObject))
        put(`${column}.${key}`, path === "" ? key : `${path}.${key}`, member);
    else row[column] = value;
  };
  for (const [key, member] of Object.entries(record)) put(key, key, member);
  return row;
}

function elementRow(column: string, path: string, element: Json, index: number, casts: Cast): JsonObject {
  // the element is a field of a record of its own; its names carry the list's
  const inner = flattenedAt(`${column}.val`, path, element, casts);
  return { index, ...inner };
}

function flattenedAt(name: string, path: string, value: Json, casts: Cast): JsonObject {
  if (value === null) return {};
  const column = choices.has(path) ? `${name}_${typeOf(value)}` : name;
  if (Array.isArray(value))
    return {
      [column]: (value as Json[]).map((element, index) => elementRow(column, `${path}[]`, element, index, casts)),
    };
  if (typeof value !== "object") return { [column]: value };
  return Object.assign(
    {},
    ...Object.entries(value as JsonObject).map(([key, member]) =>
      flattenedAt(`${column}.${key}`, `${path}.${key}`, member, casts),
    ),
  ) as JsonObject;
}

/**
 * The tables as written, read by DuckDB alone, put together again over their keys; every child row must have a parent.
 */
async function assembled(folder: string, root: string, tables: readonly string[]): Promise<readonly string[]> {
  const rows = new Map<string, readonly Row[]>();
  for (const name of tables)
    rows.set(name, await duckdbValues(`from read_parquet('${folder}/${name.replaceAll("'", "''")}/*.parquet')`));
  const byParent = new Map([...rows].map(([name, all]) => [name, group(all)] as const));
  let used = 0;
  const build = (row: Row): JsonObject =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([column, v]) => v !== null && column !== "id_")
        .map(([column, v]) => {
          const children = byParent.get(`${root}_${column}`);
          if (!children) return [column, v as Json];
          const mine = children.get(String(v)) ?? [];
          used += mine.length;
          return [column, mine.map(({ id: _id, ...child }) => build(child))];
        }),
    );
  const roots = (rows.get(root) ?? []).map((row) => lean(build(row))).sort();
  expect(used).toBe([...rows].filter(([name]) => name !== root).reduce((sum, [, all]) => sum + all.length, 0));
  return roots;
}

function group(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of [...rows].sort((a, b) => Number(a["index"]) - Number(b["index"])))
    groups.set(String(row["id"]), [...(groups.get(String(row["id"])) ?? []), row]);
  return groups;
}

const write = (tables: DynamicFrameCollection, path: string) =>
  world.glue.writeDynamicFrame.fromOptions({
    frame: tables,
    connectionType: "file",
    connectionOptions: { path },
    format: "parquet",
  });

/** Same lines, in any order; says which are not. */
function expectSame(found: readonly string[], expected: readonly string[]): void {
  const left = new Map<string, number>();
  for (const line of expected) left.set(line, (left.get(line) ?? 0) + 1);
  const unexpected = found.filter((line) => {
    const n = left.get(line) ?? 0;
    left.set(line, n - 1);
    return n <= 0;
  });
  expect({
    unexpected: unexpected.slice(0, 2),
    missing: [...left]
      .filter(([, n]) => n > 0)
      .map(([line]) => line)
      .slice(0, 2),
  }).toEqual({ unexpected: [], missing: [] });
  expect(found).toHaveLength(expected.length);
}

// ---- the tests

test("the examples are the ones counted on", () => {
  expect(events).toHaveLength(329);
  expect(choices.size).toBe(11);
  // keys with dots or backticks would need quoting in paths
  expect([...counts.keys()].every((path) => !path.includes("`"))).toBe(true);
});

test("drift shows exactly the choices that the records have, with exact counts", async () => {
  const drift = await frame.drift();
  expect(drift.map(({ path }) => path).sort()).toEqual([...choices.keys()].sort());
  for (const { path, arms, nulls } of drift) {
    expect([path, Object.fromEntries(arms.map(({ tag, count }) => [tag, count]))]).toEqual([
      path,
      Object.fromEntries(choices.get(path) ?? []),
    ]);
    expect(nulls).toBe(counts.get(path)?.get("null") ?? 0);
    expect(arms[0]?.first.file).toMatch(/part-[0-3]\.json$/);
  }
  expect(world.glue.counters.bytesScanned).toBeGreaterThan(0);
});

test("records() gives the events as JSON.parse gives them", async () => {
  expectSame((await frame.records()).map(lean), events.map(lean));
  expect([await frame.count(), await frame.errorsCount()]).toEqual([329, 0]);
}, 60_000);

test("relationalize to Parquet and back: the same values, choices as a column per type", async () => {
  const tables = frame.relationalize("events");
  const report = await write(tables, world.at("tables"));
  const names = await tables.keys();
  expect([report.read, report.written, report.errors, report.balanced]).toEqual([329, 329, 0, true]);
  expect(Object.keys(report.tables).sort()).toEqual([...names].sort());
  expectSame(
    await assembled(world.at("tables"), "events", names),
    events.map((e) => lean(flattened(e, new Map()))),
  );
}, 60_000);

test("resolved choices: casts by path and inside lists, then relationalized", async () => {
  const scalar = [...choices]
    .filter(([path, types]) => !path.includes("[]") && types.every(([t]) => t !== "struct" && t !== "array"))
    .map(([path]) => path);
  const inside = [...choices]
    .filter(
      ([path, types]) =>
        path.includes("[]") && !path.endsWith("[]") && types.every(([t]) => t === "int" || t === "long"),
    )
    .map(([path]) => path);
  expect(scalar.length).toBeGreaterThan(0);
  const asText = scalar.filter((path) => choices.get(path)?.every(([t]) => t !== "double"));
  const specs = [
    ...asText.map((path) => [path, "cast:string"] as const),
    ...inside.map((path) => [path, "cast:long"] as const),
  ];
  const casts: Cast = new Map([
    ...asText.map((path) => [path, (v: Json): Json => String(v)] as const),
    ...inside.map((path) => [path, (v: Json): Json => v] as const),
  ]);
  const tables = frame.resolveChoice({ specs }).relationalize("events");
  const report = await write(tables, world.at("resolved"));
  expect([report.read, report.written, report.balanced, report.nulled]).toEqual([329, 329, true, {}]);
  const found = await assembled(world.at("resolved"), "events", await tables.keys());
  expectSame(
    found,
    events.map((e) => lean(flattened(e, casts))),
  );
}, 60_000);

test("applyMapping keeps what it names, nested, with lists whole", async () => {
  const mapped = frame.applyMapping([
    ["action", "string", "what.action", "string"],
    ["repository.full_name", "string", "what.repo", "string"],
    ["sender.id", "int", "who", "long"],
    ["commits", "array", "commits", "array"],
  ]);
  const tables = mapped.relationalize("m");
  const report = await write(tables, world.at("mapped"));
  expect([report.read, report.written, report.balanced]).toEqual([329, 329, true]);
  const member = (value: Json | undefined, key: string): Json =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? ((value as JsonObject)[key] ?? null) : null;
  const ifType = (value: Json, type: string): Json => (typeOf(value) === type ? value : null);
  const expected = events
    .map((e) =>
      flattened(
        {
          "what.action": ifType(member(e, "action"), "string"),
          "what.repo": ifType(member(e["repository"], "full_name"), "string"),
          who: ifType(member(e["sender"], "id"), "int"),
          commits: ifType(member(e, "commits"), "array"),
        },
        new Map(),
      ),
    )
    .map(lean)
    .sort();
  expectSame(await assembled(world.at("mapped"), "m", await tables.keys()), expected);
}, 60_000);
