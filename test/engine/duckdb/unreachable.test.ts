/**
 * Rows that were loaded for frames which nobody holds any more are given up, those of frames that somebody holds are
 * kept.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DynamicFrame, GlueContext } from "../../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects until `done`, and gives up only after so many turns that a machine under load has had time. */
async function collectUntil(done: () => Promise<boolean>): Promise<boolean> {
  for (let turn = 0; turn < 200; turn++) {
    collect();
    if (await done()) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
  return false;
}

describe.each([undefined, "512MB"])("with a memoryLimit of %s", (memoryLimit) => {
  let context: TemporaryContext;
  let glue: GlueContext;
  beforeEach(async () => {
    context = await temporaryContext({
      engine: "duckdb",
      threads: 1,
      ...(memoryLimit === undefined ? {} : { memoryLimit }),
    });
    glue = context.glue;
  });
  afterEach(() => context.close());
  const numbers = (count: number) => glue.createDynamicFrame.fromRows(Array.from({ length: count }, (_, n) => ({ n })));
  const tables = async () => Number((await glue.sql("select count(*) as n from duckdb_tables()").rows())[0]?.["n"]);
  const stagedFiles = () =>
    readdirSync(context.directory, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".parquet")).length;
  const doubled = (frame: DynamicFrame) => frame.map((record) => ({ n: Number(record["n"]) * 2 }));

  test("tables of small results, and files of large ones", async () => {
    const used = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) expect(await doubled(numbers(3)).persist().count()).toBe(3);
      const large = doubled(numbers(2000));
      expect([await large.count(), (await tables()) > 0, stagedFiles() > 0]).toEqual([2000, true, true]);
      // still held after the look
      expect(large.isPersisted).toBe(false);
    };
    await used();
    expect(await collectUntil(async () => (await tables()) === 0 && stagedFiles() === 0)).toBe(true);
  });

  test("a frame that is held, or a view of it, can be read after any number of collections; what stands on it keeps it", async () => {
    const held = doubled(numbers(3));
    expect(await held.count()).toBe(3);
    const above = doubled(doubled(numbers(3))).filter("n > 0");
    expect(await above.count()).toBe(2);
    doubled(numbers(4)).toDF().createTempView("four");
    expect(await glue.sql("select count(*) as n from four").rows()).toEqual([{ n: 4 }]);
    for (let round = 0; round < 4; round++) await doubled(numbers(3)).count();
    expect(await collectUntil(async () => (await tables()) <= 8)).toBe(true);
    expect(await held.records()).toEqual([{ n: 0 }, { n: 2 }, { n: 4 }]);
    expect(await above.records()).toEqual([{ n: 4 }, { n: 8 }]);
    expect(await glue.sql("select max(n) as n from four").rows()).toEqual([{ n: 6 }]);
  });

  test("what was staged of files that were read; not while a frame that reads them is held", async () => {
    const path = `${context.directory}/lines.json`;
    writeFileSync(
      path,
      Array.from({ length: 50 }, (_, n) => JSON.stringify({ n: n % 2 === 0 ? n : `${n}` })).join("\n"),
    );
    const read = (): DynamicFrame =>
      glue.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" })
        .resolveChoice({ choice: "make_cols" });
    const total = async (frame: DynamicFrame): Promise<unknown> =>
      (await frame.toDF().sql("select count(n_int) as ints from self").rows())[0]?.["ints"];
    const used = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) expect(await total(read())).toBe(25);
    };
    const held = read();
    expect(await total(held)).toBe(25);
    await used();
    expect(stagedFiles()).toBeGreaterThan(1);
    expect(await collectUntil(() => Promise.resolve(stagedFiles() === 1))).toBe(true);
    for (let round = 0; round < 5; round++) collect();
    expect([await total(held), stagedFiles()]).toEqual([25, 1]);
  });

  test("closing waits for what is being given up", async () => {
    for (let round = 0; round < 5; round++) expect(await doubled(numbers(3)).count()).toBe(3);
    for (let turn = 0; turn < 3; turn++) {
      collect();
      await new Promise((resolve) => {
        setTimeout(resolve, 0);
      });
    }
    await context.close();
    await expect(numbers(3).count()).rejects.toMatchObject({ code: "CONTEXT_CLOSED" });
  });

  test("closing under actions that have just begun: each gives its result or says that it was closed", async () => {
    const frame = doubled(numbers(3));
    expect(await frame.count()).toBe(3);
    const begun = Array.from({ length: 5 }, () =>
      frame.count().catch((error: unknown) => (error as { readonly code?: string }).code),
    );
    await context.close();
    for (const result of await Promise.all(begun))
      expect([3, "INTERRUPTED", "SESSION_CLOSED", "CONTEXT_CLOSED"]).toContain(result);
  });

  test("queries that run meanwhile keep what they read", async () => {
    const work = async (seed: number): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        const size = [5, 1500, 400][(round + seed) % 3] ?? 5;
        const counted = doubled(numbers(size))
          .union(doubled(numbers(size)))
          .count();
        collect();
        expect(await counted).toBe(2 * size);
        let streamed = 0;
        for await (const _ of doubled(numbers(size)).stream()) if (++streamed === 1) collect();
        expect(streamed).toBe(size);
      }
    };
    await Promise.all([work(0), work(1), work(2)]);
  });
});
