/** Files that change or go while they are used: never read stale in silence, never half. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { duckdb, openWorld, refused, text, written, type World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `{"i":${from + i}}\n`).join("");
const direct = () =>
  world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("data")] },
    format: "json",
  });
const table = (additionalOptions = {}) =>
  world.glue.createDynamicFrame.fromCatalog({ database: "bad", tableName: "data", additionalOptions });
const numbers = async (frame: ReturnType<typeof direct>): Promise<number[]> =>
  (await frame.records()).map((r) => r["i"] as number).sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test.each<[string, (file: string) => void, RegExp]>([
  ["grows", (file) => appendFileSync(file, lines(10, 12)), /^(SOURCE_CHANGED|FILE_CHANGED)$/],
  [
    "is replaced by one of the same size",
    (file) => {
      writeFileSync(`${file}.new`, lines(0, 10).replaceAll("9", "8"));
      renameSync(`${file}.new`, file);
    },
    /^(SOURCE_CHANGED|FILE_CHANGED)$/,
  ],
  ["disappears", (file) => rmSync(file), /^(SOURCE_VANISHED|PATH_NOT_FOUND)$/],
])(
  "a file that %s between the scan and the read is an error that names it, not a wrong result",
  async (_what, change, code) => {
    const file = world.write("data/a.json", lines(0, 10));
    world.write("data/b.json", lines(10, 20));
    const frame = direct();
    await frame.schema();
    change(file);
    const error = await refused(() => frame.records());
    expect([error.file, error.code]).toEqual([file, expect.stringMatching(code)]);
    const again = await refused(() =>
      world.glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: world.at("out") },
        format: "parquet",
      }),
    );
    expect(again.file).toBe(file);
  },
);

test("a frame made anew sees the file as it is now", async () => {
  const file = world.write("data/a.json", lines(0, 10));
  await direct().schema();
  appendFileSync(file, lines(10, 12));
  expect(await numbers(direct())).toEqual(upTo(12));
});

test("a Parquet file replaced within a second by one of the same size is read as it is now", async () => {
  const contents: Buffer[] = [];
  for (const first of [1000, 2000]) {
    await duckdb(
      `COPY (SELECT ${first} + range AS a FROM range(100)) TO '${world.at("made.parquet")}' (FORMAT parquet, COMPRESSION uncompressed)`,
    );
    contents.push(readFileSync(world.at("made.parquet")));
  }
  expect(contents[0]?.length).toBe(contents[1]?.length);
  mkdirSync(world.at("data"));
  const file = world.at("data", "a.parquet");
  const second = Math.floor(Date.now() / 1000) - 60;
  const least: unknown[] = [];
  for (const [i, content] of [...contents, ...contents].entries()) {
    writeFileSync(file, content);
    utimesSync(file, second + i / 10, second + i / 10);
    const frame = world.glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: world.at("data") },
      format: "parquet",
    });
    least.push(...(await frame.toDF().sql("SELECT CAST(min(a) AS int) AS a FROM self").rows()));
  }
  expect(least).toEqual([{ a: 1000 }, { a: 2000 }, { a: 1000 }, { a: 2000 }]);
});

test("a crawled file that changed is scanned when it is read, and explain says so", async () => {
  const file = world.write("data/a.json", lines(0, 10));
  world.write("data/b.json", lines(10, 20));
  await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  writeFileSync(file, '{"i":0}\n{"i":"text","new":true}\n');
  const frame = table();
  const { report, rows } = await written(world, frame);
  expect(report.read).toBe(12);
  expect(rows).toHaveLength(12);
  expect(text(rows.map((r) => r["i"]))).toContain('"text"');
  expect((await frame.schema()).fields.map(({ name }) => name)).toEqual(["i", "new"]);
  expect(await frame.explain()).toMatch(/1 files are new or changed since the catalog saw them and were scanned now/);
});

test("a crawled file that is gone is SOURCE_VANISHED, unless the caller allows it", async () => {
  const file = world.write("data/a.json", lines(10, 20));
  world.write("data/b.json", lines(0, 10));
  await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  rmSync(file);
  expect(await refused(() => table().records())).toMatchObject({ code: "SOURCE_VANISHED", file, path: "bad.data" });
  const frame = table({ allowMissingFiles: true });
  expect(await numbers(frame)).toEqual(upTo(10));
  expect(await frame.explain()).toContain(file);
  await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  expect(await numbers(table())).toEqual(upTo(10));
});

test("files that come, change and go while a crawl reads them: it ends, and what it stored is what a file held", async () => {
  for (let i = 0; i < 40; i++) world.write(`data/f${String(i).padStart(2, "0")}.json`, lines(0, 2000));
  let stop = false;
  const churn = (async () => {
    for (let k = 0; !stop; k++) {
      writeFileSync(world.at(`data/f${String(k % 40).padStart(2, "0")}.json`), lines(0, 1000 + (k % 7)));
      if (k % 5 === 0) rmSync(world.at(`data/f${String((k * 3) % 40).padStart(2, "0")}.json`), { force: true });
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const crawl = await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  stop = true;
  await churn;
  expect(crawl.problems.every(({ code }) => ["SOURCE_CHANGED", "SOURCE_VANISHED"].includes(code))).toBe(true);
  expect(crawl.tables.length).toBeLessThanOrEqual(1);
  // a half written file would show as a record cut in two: those are counted, never dropped
  const [contents] = crawl.tables.map((t) => t.contents);
  if (contents) expect(contents.records + contents.malformed).toBeGreaterThan(0);
  await world.glue.crawl({ database: "bad", includes: [world.at("data")] });
  const { report } = await written(world, table());
  expect(report.errors).toBe(0);
});
