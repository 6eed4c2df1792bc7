/**
 * The main job on real data: crawl → choices → resolve, relationalize → Parquet → read back, against JSON.parse and a
 * relationalize written another way.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, copyFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Row = { [column: string]: unknown };

const packages = join(process.cwd(), "node_modules");
let folder: string;
let glue: GlueContext;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-e2e-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 2 });
});
afterEach(async () => {
  await glue.close();
  rmSync(folder, { recursive: true, force: true });
});

const parquet = (path: string) =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" });
const tagOf = (value: Json): string => {
  if (value === null) return "null";
  if (typeof value === "number")
    return !Number.isInteger(value) ? "double" : Math.abs(value) <= 2147483647 ? "int" : "long";
  return Array.isArray(value) ? "array" : typeof value === "object" ? "struct" : typeof value;
};
/** Nulls left out, columns sorted: one text per row. */
const text = (row: Row): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([, v]) => v !== null && v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe("movies.json of vega-datasets", () => {
  test("choices with counts, resolved, registered and read back", async () => {
    const films = JSON.parse(readFileSync(join(packages, "vega-datasets/data/movies.json"), "utf8")) as Record<
      string,
      Json
    >[];
    const count = (field: string, tag: string): number => films.filter((f) => tagOf(f[field] ?? null) === tag).length;
    expect([count("Title", "string"), count("Title", "int")]).toEqual([3191, 9]);

    mkdirSync(join(folder, "movies"));
    copyFileSync(join(packages, "vega-datasets/data/movies.json"), join(folder, "movies/movies.json"));
    const { tables } = await glue.crawl({ database: "real", includes: [join(folder, "movies")] });
    const choices = new Map(
      tables[0]?.contents.choices.map((c) => [c.path, new Map(c.arms.map((a) => [a.tag as string, a.count]))]),
    );
    for (const field of ["Title", "IMDB Rating", "Worldwide Gross"]) {
      for (const [tag, n] of choices.get(field) ?? []) expect([field, tag, n]).toEqual([field, tag, count(field, tag)]);
      expect(choices.get(field)?.size).toBeGreaterThan(1);
    }
    expect(choices.size).toBe(3);

    const scanned = glue.counters.bytesScanned;
    const frame = glue.createDynamicFrame.fromCatalog({ database: "real", tableName: "movies" }).resolveChoice({
      specs: [
        ["Title", "cast:string"],
        ["IMDB Rating", "cast:double"],
        ["Worldwide Gross", "cast:long"],
      ],
    });
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      format: "parquet",
      connectionOptions: {
        path: join(folder, "clean"),
        partitionKeys: ["MPAA Rating"],
        enableUpdateCatalog: true,
        catalogDatabase: "real",
        catalogTableName: "clean",
      },
    });
    expect(report).toMatchObject({ read: films.length, written: films.length, errors: 0, nulled: {}, balanced: true });
    // the footers of what was written, not the 1.4 MB that the catalog knew
    expect(glue.counters.bytesScanned - scanned).toBeLessThan(2_000_000);

    const expected = films.map((f) => text({ ...f, Title: f["Title"] === null ? null : String(f["Title"]) })).sort();
    expect((await parquet(join(folder, "clean")).records()).map(text).sort()).toEqual(expected);
    const before = glue.counters.bytesScanned;
    const registered = glue.createDynamicFrame.fromCatalog({
      database: "real",
      tableName: "clean",
      pushDownPredicate: "`mpaa rating` == 'PG-13'",
    });
    expect(await registered.count()).toBe(films.filter((f) => f["MPAA Rating"] === "PG-13").length);
    expect(glue.counters.bytesScanned).toBe(before);
    const sql = await glue
      .sql("select (select count(*) from real.clean) as a, (select count(*) from real.movies) as b")
      .rows();
    expect(sql).toEqual([{ a: films.length, b: films.length }]);
  });
});

describe("webhook events of @octokit/webhooks-examples", () => {
  test("relationalized into Parquet, table by table as written another way", async () => {
    const kinds = JSON.parse(
      readFileSync(join(packages, "@octokit/webhooks-examples/api.github.com/index.json"), "utf8"),
    ) as { name: string; examples: Json[] }[];
    const events = kinds.flatMap(({ name, examples }) =>
      examples.map((payload): { [key: string]: Json } => ({ event: name, payload })),
    );
    expect(events.length).toBe(329);
    mkdirSync(join(folder, "events"));
    for (const { name } of kinds) {
      writeFileSync(
        join(folder, "events", `${name}.json`),
        events
          .filter((e) => e["event"] === name)
          .map((e) => `${JSON.stringify(e)}\n`)
          .join(""),
      );
    }
    await glue.crawl({ database: "real", includes: [join(folder, "events")] });
    const tables = glue.createDynamicFrame.fromCatalog({ database: "real", tableName: "events" }).relationalize("e");
    const report = await glue.writeDynamicFrame.fromOptions({
      frame: tables,
      connectionType: "file",
      connectionOptions: { path: join(folder, "out") },
      format: "parquet",
    });
    expect(report).toMatchObject({ read: 329, written: 329, errors: 0, balanced: true });

    const expected = relationalizeByHand(events);
    expect([...(await tables.keys())].sort()).toEqual([...expected.keys()].sort());
    for (const [name, rows] of expected) {
      const got = await parquet(join(folder, "out", name)).records();
      expect([name, got.map((r) => text(keyless(r, expected, name))).sort()]).toEqual([
        name,
        rows.map((r) => text(keyless(r, expected, name))).sort(),
      ]);
    }
  }, 120_000);
});

/** A row without the generated keys: `id`, and the columns that lead to child tables. */
function keyless(row: Row, tables: ReadonlyMap<string, readonly Row[]>, name: string): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      const isKey = (name !== "e" && column === "id") || tables.has(`e_${column}`);
      return [column, isKey && value !== null && value !== undefined ? "key" : value];
    }),
  );
}

/** By recursion over plain values; which paths are choices is found by a first walk. */
function relationalizeByHand(records: readonly { [key: string]: Json }[]): Map<string, Row[]> {
  const tags = new Map<string, Set<string>>();
  const survey = (value: Json, path: string): void => {
    const tag = tagOf(value);
    if (tag !== "null") tags.set(path, (tags.get(path) ?? new Set()).add(tag));
    if (Array.isArray(value)) for (const item of value) survey(item, `${path}\u0000[]`);
    else if (typeof value === "object" && value !== null)
      for (const [k, v] of Object.entries(value)) survey(v, `${path}\u0000${k}`);
  };
  for (const record of records) survey(record, "");

  const tables = new Map<string, Row[]>([["e", []]]);
  let keys = 0;
  const put = (row: Row, value: Json, name: string, path: string): void => {
    if (value === null) return;
    const column = (tags.get(path)?.size ?? 0) > 1 ? `${name}_${tagOf(value)}` : name;
    if (Array.isArray(value)) {
      const id = (row[column] = ++keys);
      const rows = tables.get(`e_${column}`) ?? [];
      tables.set(`e_${column}`, rows);
      value.forEach((item, index) => {
        const child: Row = { id, index };
        rows.push(child);
        put(child, item, `${column}.val`, `${path}\u0000[]`);
      });
    } else if (typeof value === "object") {
      for (const [k, v] of Object.entries(value))
        put(row, v, column === "" ? k : `${column}.${k}`, `${path}\u0000${k}`);
    } else row[column] = value;
  };
  for (const record of records) {
    const row: Row = {};
    for (const [k, v] of Object.entries(record)) put(row, v, k, `\u0000${k}`);
    tables.get("e")?.push(row);
  }
  return tables;
}
