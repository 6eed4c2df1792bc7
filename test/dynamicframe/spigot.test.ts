/**
 * The options of spigot (docs/sources.md#methods): topk 100 and prob 1 by default, prob for each record, at most topk.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SpigotOptions } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

const RECORDS = Array.from({ length: 250 }, (_, i) => ({ i }));

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  let outs = 0;
  beforeAll(async () => {
    context = await temporaryContext({ engine, threads: 1 });
  });
  afterAll(() => context.close());
  /** The sample, after all records went on. */
  async function sampled(options?: SpigotOptions): Promise<number[]> {
    const path = join(context.directory, `sample-${++outs}`);
    const frame = context.glue.createDynamicFrame.fromRows(RECORDS).spigot(path, options);
    expect(await frame.count()).toBe(250);
    // a second action writes no second sample
    expect((await frame.records()).map((r) => r["i"])).toEqual(RECORDS.map(({ i }) => i));
    const texts = await Promise.all(
      (await readdir(path).catch(() => [])).map((name) => readFile(join(path, name), "utf8")),
    );
    return texts
      .flatMap((text) => text.split("\n"))
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { i: number }).i);
  }

  test("the first 100 records, unless topk says otherwise", async () => {
    expect(await sampled()).toEqual(RECORDS.slice(0, 100).map(({ i }) => i));
    expect(await sampled({ topk: 3 })).toEqual([0, 1, 2]);
    expect(await sampled({ topk: 1000 })).toHaveLength(250);
    expect(await sampled({ topk: 0 })).toEqual([]);
  });

  test("prob is each record's own; the sample ends at topk all the same", async () => {
    expect(await sampled({ prob: 0 })).toEqual([]);
    expect(await sampled({ prob: 1, topk: 250 })).toHaveLength(250);
    const some = await sampled({ prob: 0.5, topk: 250, seed: 7 });
    // 250 throws of a fair coin: seven standard deviations on either side
    expect(some.length).toBeGreaterThan(69);
    expect(some.length).toBeLessThan(181);
    expect(some).toEqual([...some].sort((a, b) => a - b));
    expect(await sampled({ prob: 0.5, topk: 250, seed: 7 })).toEqual(some);
    expect(await sampled({ prob: 0.5, topk: 5, seed: 7 })).toEqual(some.slice(0, 5));
  });

  test.each([
    [{ topk: -1 }, "topk"],
    [{ topk: 1.5 }, "topk"],
    [{ prob: 1.1 }, "prob"],
    [{ prob: "half" }, "prob"],
    [{ seed: "x" }, "seed"],
    [{ topK: 1 }, "topK"],
  ])("%j is refused", (options, path) => {
    expect(() => context.glue.createDynamicFrame.fromRows(RECORDS).spigot(context.directory, options as never)).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", path }),
    );
  });
});
