/** Lakes as they should not be; each is crawled all the same, and nothing of it is lost in silence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions } from "../../src/crawler/crawl-options.js";
import { tellDrift } from "../../src/crawler/drift/tell-drift.js";
import { fileStorage } from "../../src/storage/file.js";

let root = "";
let catalog: Catalog;
let now = Date.UTC(2024, 0, 1);
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-lakes-"));
  catalog = await openSqliteCatalog(join(root, "catalog"), { clock: () => now });
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, "data", path);
const put = (path: string, content: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
};
const run = (more: Partial<CrawlOptions> = {}) =>
  crawl({ database: "lake", includes: [join(root, "data")], ...more }, { catalog, storage: fileStorage() });
const columnsOf = async (table: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    ((await catalog.getTable("lake", table)).StorageDescriptor?.Columns ?? []).map(({ Name, Type = "" }) => [
      Name,
      Type,
    ]),
  );
const combine = {
  configuration: { Version: 1, Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" } },
} as const;

test("the content counts, not the extension", async () => {
  put("a/f.csv", '{"x":1}\n{"x":2}\n');
  put("b/f.json", "p,q\n1,u\n2,v\n");
  put("c/f.parquet", '{"y":true}\n');
  const report = await run();
  expect(
    Object.fromEntries(
      report.tables.map(({ name, classification, contents }) => [name, [classification, contents.records]]),
    ),
  ).toEqual({ a: ["json", 2], b: ["csv", 2], c: ["json", 1] });
});

test("formats mixed in one folder are a table each file, with the reason", async () => {
  put("m/a.json", '{"x":1}\n');
  put("m/b.csv", "p,q\n1,u\n2,v\n");
  put("m/c.json", '{"x":2}\n');
  const report = await run();
  expect(report.tables.map(({ name, classification }) => `${name} ${classification}`)).toEqual([
    "a_json json",
    "b_csv csv",
    "c_json json",
  ]);
  expect(report.tables.every(({ reasons }) => reasons.some(({ code }) => code === "DIFFERENT_FORMATS"))).toBe(true);
});

test("10,000 columns, and one more in the next crawl", async () => {
  const record = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`c${i}`, i % 2 === 0 ? i : `v${i}`]));
  put("wide/f.json", `${JSON.stringify(record)}\n`);
  await run();
  const columns = await columnsOf("data");
  expect(Object.keys(columns)).toHaveLength(10_000);
  expect([columns["c0"], columns["c1"], columns["c9999"]]).toEqual(["int", "string", "string"]);
  put("wide/g.json", `${JSON.stringify({ ...record, extra: true })}\n`);
  const [table] = (await run()).tables;
  expect(table?.typeChanges.map(({ rule, path }) => `${rule} ${path}`)).toEqual(["FIELD_ADDED extra"]);
});

test("1,000 distinct schemas: apart when nothing is said, one table when combined, every column in it", async () => {
  for (let i = 0; i < 1000; i++)
    put(`f${String(i).padStart(4, "0")}.json`, `{"id":${i},"own_${i}":${i % 2 === 0 ? i : '"t"'},"also_${i}":1.5}\n`);
  const report = await run(combine);
  expect(report.totals).toMatchObject({ files: 1000, records: 1000, created: 1 });
  expect(Object.keys(await columnsOf("data"))).toHaveLength(2001);
  await catalog.deleteDatabase("lake");
  const apart = await run();
  expect(apart.totals).toMatchObject({ files: 1000, created: 1000 });
  expect(apart.tables[0]?.reasons[0]).toMatchObject({
    code: "TOO_MANY_SCHEMAS",
    evidence: { siblings: 1000, distinctSchemas: 1000, clusters: 1000 },
  });
});

test("names with blanks, plus, percent, quotes and unicode: partitions and files are found again as they are", async () => {
  const places = [
    "city=São Paulo",
    "city=a+b",
    "city=100%25",
    "city=it's",
    'city="q"',
    "city=日本",
    "city=x%2Fy",
    "city=e\u0301",
    "city=\u00e9",
  ];
  for (const [i, place] of places.entries()) put(`${place}/f +${i}.json`, `{"id":${i}}\n`);
  await run();
  const values = (await catalog.getPartitions("lake", "data")).items.map(({ Values }) => Values[0]).sort();
  expect(values).toEqual(["São Paulo", "a+b", "100%", "it's", '"q"', "日本", "x/y", "e\u0301", "\u00e9"].sort());
  expect((await run()).totals).toMatchObject({ scanned: 0, kept: 1 });
});

test("a clock that jumps back: versions keep their order, and drift is told by version", async () => {
  put("f.json", '{"id":1}\n');
  await run();
  now = Date.UTC(2023, 5, 1);
  put("g.json", '{"id":2,"late":true}\n');
  await run();
  const { steps } = await tellDrift(catalog, { database: "lake", tableName: "data", against: 0 });
  expect(steps.map(({ versionId, at: time, changes }) => [versionId, time, changes.map(({ path }) => path)])).toEqual([
    ["1", now / 1000, ["late"]],
  ]);
  now = Date.UTC(2024, 0, 1);
  expect((await run()).totals.kept).toBe(1);
});

/** A generator whose numbers are the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

/** Another way to the same schemas: JSON.parse, and the documented Hive types of what was seen. */
function independentColumns(texts: readonly string[]): Record<string, string> {
  const seen = new Map<string, Set<string>>();
  for (const text of texts)
    for (const line of text.trim().split("\n")) {
      for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
        const raw = new RegExp(`"${name}":(-?[0-9.eE+-]+)`).exec(line)?.[1] ?? "";
        const type =
          value === null
            ? undefined
            : typeof value === "number"
              ? /[.eE]/.test(raw)
                ? "double"
                : Math.abs(value) < 2 ** 31
                  ? "int"
                  : "bigint"
              : typeof value;
        seen.set(name, (seen.get(name) ?? new Set()).add(type ?? "null"));
      }
    }
  return Object.fromEntries(
    [...seen].map(([name, types]) => {
      const found = [...types].filter((type) => type !== "null");
      if (found.length <= 1) return [name, found[0] ?? "string"];
      if (found.every((type) => type === "int" || type === "bigint")) return [name, "bigint"];
      return [name, found.every((type) => ["int", "bigint", "double"].includes(type)) ? "double" : "string"];
    }),
  );
}

test("a generated lake of 24 drifting tables: the schemas that an independent scan gives", async () => {
  const random = randomOf(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const values: readonly (() => string)[] = [
    () => String(Math.floor(random() * 1000)),
    () => String(5_000_000_000 + Math.floor(random() * 1000)),
    () => (random() * 10 + 0.123).toFixed(3),
    () => '"text"',
    () => "true",
    () => "null",
  ];
  const tables = new Map<string, string[]>();
  for (let t = 0; t < 24; t++) {
    const name = `table_${String(t).padStart(2, "0")}`;
    const columns = Array.from({ length: 4 + (t % 5) }, (_, c) => ({
      name: `t${t}_c${c}`,
      main: pick(values),
      drift: pick(values),
    }));
    for (let day = 1; day <= 5; day++) {
      const lines = Array.from(
        { length: 6 },
        () =>
          `{${columns
            .filter(() => random() > 0.1)
            .map((column) => `"${column.name}":${(random() < 0.08 * day ? column.drift : column.main)()}`)
            .join(",")}}`,
      );
      const text = `${lines.join("\n")}\n`;
      put(`${name}/day=${day}/f.json`, text);
      tables.set(name, [...(tables.get(name) ?? []), text]);
    }
  }
  const report = await run();
  expect(report.tables.map(({ name }) => name)).toEqual([...tables.keys()]);
  for (const [name, texts] of tables) {
    expect([name, await columnsOf(name)]).toEqual([name, independentColumns(texts)]);
    expect(report.tables.find((table) => table.name === name)?.contents.records).toBe(
      texts.join("").split("\n").length - 1,
    );
  }
});
