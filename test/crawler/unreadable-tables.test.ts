/** Files of which nothing can be read make no table, and take no table's columns away: decision 0210. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { duckdb } from "../bad-input/world.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

let context: TemporaryContext;
let folder: string;
beforeEach(async () => {
  context = await temporaryContext({ threads: 1 });
  folder = join(context.directory, "t");
  mkdirSync(folder, { recursive: true });
});
afterEach(() => context.close());

const crawl = () => context.glue.crawl({ database: "d", includes: [folder] });
const columns = async (): Promise<readonly string[]> =>
  ((await context.catalog.getTable("d", "t")).StorageDescriptor?.Columns ?? []).map(({ Name }) => Name);
const tables = async (): Promise<number> => (await context.catalog.getTables("d")).items.length;

const whole = {
  "a.parquet": async (path: string) => {
    await duckdb(`copy (select range as i, 'x' || range as s from range(3000)) to '${path}' (format parquet)`);
  },
  "a.json": (path: string) => {
    writeFileSync(path, '{"i":1,"s":"x"}\n');
  },
  "a.avro": (path: string) => {
    writeFileSync(path, readFileSync(join(__dirname, "..", "formats", "avro", "files", "orders-null.avro")));
  },
};
const broken = (name: string, path: string): void => {
  writeFileSync(
    path,
    name === "a.json" ? '{"i":1,"s":\n' : readFileSync(path).subarray(0, name === "a.avro" ? 300 : 5000),
  );
};

test.each(Object.entries(whole))(
  "%s",
  async (name, write) => {
    const path = join(folder, name);
    await write(path);
    broken(name, path);

    // alone, when there is no table yet: a problem, and none is made
    const first = await crawl();
    expect([first.problems.map(({ file }) => file), first.tables, await tables()]).toEqual([[path], [], 0]);
    expect(first.problems[0]).toMatchObject({
      code: expect.stringMatching(/^[A-Z][A-Z_]+$/) as string,
      message: expect.stringContaining("nothing of it can be read: ") as string,
      hint: expect.any(String) as string,
    });

    // whole: a table
    await write(path);
    expect((await crawl()).problems).toEqual([]);
    const before = await columns();
    expect(before.length).toBeGreaterThan(1);

    // broken again: the table stays as it is, in its only version
    broken(name, path);
    const again = await crawl();
    expect([
      again.problems.map(({ file }) => file),
      again.tables.map(({ action, reasons }) => [action, reasons.at(-1)?.code]),
    ]).toEqual([[path], [["keep", "NOT_SEEN"]]]);
    expect([await columns(), (await context.catalog.getTable("d", "t")).VersionId]).toEqual([before, "0"]);

    // beside a whole one it is told once, by the table or as a problem, and makes no table of its own
    const other = join(folder, `b-${name}`);
    await write(other);
    const mixed = await crawl();
    expect([
      mixed.problems.length + mixed.tables.reduce((sum, { contents }) => sum + contents.malformed, 0),
      await tables(),
    ]).toEqual([1, 1]);
    expect(await columns()).toEqual(before);

    // and when that goes, too, the table is still there
    rmSync(other);
    expect((await crawl()).problems.map(({ file }) => dirname(file))).toEqual([folder]);
    expect(await columns()).toEqual(before);
  },
  120_000,
);
