/**
 * Crawls of real data and of a lake that drifts give the columns that an independent scan gives: JSON.parse, and the
 * rules of `hiveType`'s documentation and of Glue's CSV classifier written down once more, in another way.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import type { CrawlOptions } from "../../src/crawler/crawl-options.js";
import { fileStorage } from "../../src/storage/file.js";
import type { DataType } from "../../src/types/data-type.js";
import { parseHiveType } from "../../src/types/hive.js";

const packages = join(process.cwd(), "node_modules");
let root = "";
let catalog: Catalog;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-lakes-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
});
afterAll(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});
const run = (database: string, options: Partial<CrawlOptions>) =>
  crawl({ database, includes: [], ...options }, { catalog, storage: fileStorage() });

/** Columns of a table with the fields of structs by name, since JSON.parse puts keys like "1" first. */
async function columnsOf(database: string, table: string): Promise<Record<string, string>> {
  const columns = (await catalog.getTable(database, table)).StorageDescriptor?.Columns ?? [];
  return Object.fromEntries(columns.map(({ Name, Type = "" }) => [Name, sorted(parseHiveType(Type))]));
}

function sorted(type: DataType): string {
  switch (type.kind) {
    case "struct":
      return `struct<${type.fields
        .map((f) => `${f.name}:${sorted(f.type)}`)
        .sort()
        .join(",")}>`;
    case "array":
      return `array<${sorted(type.element)}>`;
    case "decimal":
      return `decimal(${type.precision},${type.scale})`;
    case "long":
      return "bigint";
    default:
      return type.kind;
  }
}

// The other way ------------------------------------------------------------------------------------------------------

type Seen = { readonly kinds: Set<string>; readonly fields: Map<string, Seen>; element: Seen | undefined };
const nothing = (): Seen => ({ kinds: new Set(), fields: new Map(), element: undefined });

/** A number keeps how it was written: 1.0 becomes the text "\u00001.0". */
const parse = (text: string): unknown =>
  JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => (token.startsWith('"') ? token : `"\\u0000${token}"`)),
  );

function see(value: unknown, seen: Seen): void {
  if (value === null) return;
  if (Array.isArray(value)) {
    seen.kinds.add("array");
    seen.element ??= nothing();
    for (const item of value) see(item, seen.element);
  } else if (typeof value === "object") {
    seen.kinds.add("struct");
    for (const [key, item] of Object.entries(value)) {
      const name = key.toLowerCase();
      const field = seen.fields.get(name) ?? nothing();
      seen.fields.set(name, field);
      see(item, field);
    }
  } else if (typeof value === "string" && value.startsWith("\0")) seen.kinds.add(numberKind(value.slice(1)));
  else seen.kinds.add(typeof value);
}

function numberKind(text: string): string {
  if (/[.eE]/.test(text)) return "double";
  const value = BigInt(text);
  return value >= -2147483648n && value <= 2147483647n ? "int" : "bigint"; // none is longer in this data
}

function hive({ kinds, fields, element }: Seen): string {
  if (kinds.size === 0) return "string"; // null alone
  if ([...kinds].every((kind) => ["int", "bigint", "double"].includes(kind)))
    return ["double", "bigint", "int"].find((kind) => kinds.has(kind)) ?? "";
  if (kinds.size > 1) return "string";
  if (kinds.has("struct"))
    return `struct<${[...fields]
      .map(([name, field]) => `${name}:${hive(field)}`)
      .sort()
      .join(",")}>`;
  if (kinds.has("array")) return `array<${element === undefined ? "string" : hive(element)}>`;
  return [...kinds][0] ?? "";
}

function columnsIn(documents: readonly unknown[]): Record<string, string> {
  const record = nothing();
  for (const document of documents)
    for (const one of Array.isArray(document) ? (document as unknown[]) : [document])
      if (one !== null && typeof one === "object" && !Array.isArray(one)) see(one, record);
  return Object.fromEntries([...record.fields].map(([name, field]) => [name, hive(field)]));
}

/**
 * Columns with their types as Glue's CSV classifier has them, read by a small reader of cells; empty cells say nothing.
 */
function csvOf(text: string): { readonly columns: readonly (readonly [string, string])[]; readonly rows: number } {
  const records: string[][] = [[]];
  for (const [, quoted, plain, end] of text
    .replace(/^\uFEFF/, "")
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy)) {
    records.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end !== ",") records.push([]);
  }
  const [header = [], ...rows] = records.filter((record) => record.some((cell) => cell !== ""));
  const kindOf = (cell: string): string =>
    /^[+-]?(0|[1-9]\d*)$/.test(cell)
      ? "bigint"
      : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) && !/^0\d+$/.test(cell)
        ? "double"
        : /^(true|false)$/i.test(cell)
          ? "boolean"
          : "string";
  return {
    rows: rows.length,
    columns: header.map((name, i) => {
      const kinds = new Set(
        rows
          .map((row) => row[i] ?? "")
          .filter((cell) => cell !== "")
          .map(kindOf),
      );
      const [only = "string"] = kinds;
      return [
        name.toLowerCase(),
        kinds.size === 1 ? only : kinds.size === 2 && kinds.has("bigint") && kinds.has("double") ? "double" : "string",
      ] as const;
    }),
  };
}

test("webhook examples of GitHub: a table for each event, with the columns of all its payloads", async () => {
  const events = JSON.parse(
    readFileSync(join(packages, "@octokit/webhooks-examples/api.github.com/index.json"), "utf8"),
  ) as readonly { readonly name: string; readonly examples: readonly object[] }[];
  const lake = join(root, "hooks");
  for (const { name, examples } of events) {
    mkdirSync(join(lake, name), { recursive: true });
    examples.forEach((example, i) => {
      writeFileSync(join(lake, name, `${i}.json`), JSON.stringify(example, null, i % 2 === 0 ? 2 : 0));
    });
  }
  const report = await run("hooks", {
    includes: [lake],
    configuration: {
      Version: 1,
      Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas", TableLevelConfiguration: 2 },
    },
  });
  expect(events.length).toBeGreaterThan(40);
  expect(report.problems).toEqual([]);
  expect(report.tables.map(({ name }) => name)).toEqual(events.map(({ name }) => name).sort());
  for (const { name, examples } of events)
    expect([name, await columnsOf("hooks", name)]).toEqual([
      name,
      columnsIn(examples.map((example) => parse(JSON.stringify(example)))),
    ]);
}, 120_000);

test("vega's data sets: each JSON file as a table of its own, and CSV files with their header, types and rows", async () => {
  const data = join(packages, "vega-datasets/data");
  const size = (name: string): number => statSync(join(data, name)).size;
  const json = readdirSync(data).filter((name) => name.endsWith(".json") && size(name) < 700_000);
  const csv = readdirSync(data).filter((name) => name.endsWith(".csv") && size(name) < 2_100_000);
  const report = await run("vega", { includes: [...json, ...csv].map((name) => join(data, name)) });
  const table = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
  const made = new Set(report.tables.map(({ name }) => name));
  let compared = 0;
  for (const name of json) {
    const expected = columnsIn([parse(readFileSync(join(data, name), "utf8"))]);
    if (Object.keys(expected).length === 0) continue; // a list of numbers has no records
    expect([name, made.has(table(name)) ? await columnsOf("vega", table(name)) : "no table"]).toEqual([name, expected]);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(25);
  expect(csv.length).toBeGreaterThan(8);
  for (const name of csv) {
    const { columns, rows } = csvOf(readFileSync(join(data, name), "utf8"));
    const made = await catalog.getTable("vega", table(name));
    expect([name, (made.StorageDescriptor?.Columns ?? []).map(({ Name, Type }) => [Name, Type])]).toEqual([
      name,
      columns,
    ]);
    expect([name, made.Parameters?.["recordCount"]]).toEqual([name, String(rows)]);
  }
}, 120_000);

describe("a lake of 24 tables that drift", () => {
  const PARTITIONS = 5;
  /** What record i of partition p of table t holds; drift begins in another partition for each table. */
  const record = (t: number, p: number, i: number): Record<string, unknown> => {
    const late = p >= 1 + (t % (PARTITIONS - 1));
    const drift: readonly [unknown, unknown][] = [
      [i, String(i)],
      [i, i + 0.5],
      [i, 2 ** 40 + i],
      [true, "yes"],
      [{ a: i }, { a: i, b: "x" }],
      [[i], [String(i)]],
      [null, { deep: { er: i } }],
      ["text", ["text"]],
    ];
    const [before, after] = drift[t % drift.length] ?? [i, i];
    return {
      id: t * 1000 + i,
      [`only_${t}`]: `v${i}`,
      value: late ? after : before,
      ...(late && t % 3 === 0 ? { extra: { at: i, list: [] } } : {}),
      ...(t % 2 === 0 && i % 2 === 0 ? { Sometimes: 1.5 } : {}),
    };
  };
  const written = (value: Record<string, unknown>): string => JSON.stringify(value);

  test("one crawl makes the tables, partitions and columns of the independent scan; a second one in another order of arrival the same", async () => {
    const lake = join(root, "lake");
    const files: [string, string][] = [];
    const documents = new Map<number, unknown[]>();
    for (let t = 0; t < 24; t++) {
      for (let p = 0; p < PARTITIONS; p++) {
        const lines = Array.from({ length: 4 }, (_, i) => written(record(t, p, i)));
        files.push([
          join(lake, `table_${t}`, `day=${p}`),
          t % 4 === 0 ? `[${lines.join(",\n")}]` : `${lines.join("\n")}\n`,
        ]);
        documents.set(t, [...(documents.get(t) ?? []), ...lines.map(parse)]);
      }
    }
    const put = ([folder, text]: [string, string]): void => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "part.json"), text);
    };
    const settings: Partial<CrawlOptions> = {
      includes: [lake],
      configuration: {
        Version: 1,
        Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas", TableLevelConfiguration: 2 },
      },
    };
    const later = files.filter((_, i) => i % 3 === 1);
    files.filter((file) => !later.includes(file)).forEach(put);
    await run("slowly", settings);
    later.forEach(put);
    await run("slowly", settings);
    await run("at_once", settings);
    for (let t = 0; t < 24; t++) {
      const name = `table_${t}`;
      const expected = columnsIn(documents.get(t) ?? []);
      expect([name, await columnsOf("at_once", name)]).toEqual([name, expected]);
      expect([name, await columnsOf("slowly", name)]).toEqual([name, expected]);
      const partitions = (await catalog.getPartitions("slowly", name)).items.map(({ Values }) => Values.join());
      expect(partitions).toEqual(Array.from({ length: PARTITIONS }, (_, p) => String(p)));
      expect(await catalog.getLedger("slowly", name)).toEqual(await catalog.getLedger("at_once", name));
    }
  }, 120_000);
});
