/** Spark, DuckDB and the reference interpreter on random drifting records: same schema, same values, same counts. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";
import { driftingLines, seen } from "../../dynamicframe/drifting-lines.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("Spark, DuckDB and the reference agree", () => {
  let folder: string;
  let engines: readonly GlueContext[];
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-agree-"));
    const open = (engine: string): Promise<GlueContext> =>
      GlueContext.open({ catalog: join(folder, engine.replaceAll(/\W/g, "")), engine, threads: 2, strictPaths: false });
    engines = [await open("reference"), await open("duckdb"), await open(sparkAddress)];
  });
  afterAll(async () => {
    for (const glue of engines) await glue.close();
    await rm(folder, { recursive: true, force: true });
  });

  type Steps = (frame: DynamicFrame) => Promise<readonly DynamicFrame[]> | readonly DynamicFrame[];
  const check = (steps: Steps, numRuns: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(driftingLines, async (lines) => {
        const path = join(folder, `f${files++}.json`);
        await writeFile(path, `${lines.join("\n")}\n`);
        const outcomes: unknown[] = [];
        for (const glue of engines) {
          const frame = glue.createDynamicFrame.fromOptions({
            connectionType: "file",
            connectionOptions: { path },
            format: "json",
          });
          const found: unknown[] = [];
          for (const result of await steps(frame)) found.push(await seen(result));
          outcomes.push(found);
        }
        const [reference, duckdb, spark] = outcomes;
        expect(duckdb).toEqual(reference);
        expect(spark).toEqual(reference);
      }),
      { numRuns },
    );

  test(
    "on casts of every choice",
    () =>
      check(
        (frame) =>
          ["string", "double", "int", "date", "decimal(10,2)"].map((type) =>
            frame.resolveChoice({ choice: `cast:${type}` }),
          ),
        3,
      ),
    600_000,
  );
  test(
    "on make_struct and make_cols",
    () =>
      check(
        (frame) => [frame.resolveChoice({ choice: "make_struct" }), frame.resolveChoice({ choice: "make_cols" })],
        4,
      ),
    600_000,
  );
  test(
    "on dropFields, renameField and applyMapping",
    () =>
      check(
        (frame) => [
          frame.dropFields(["a.b", "`c.d`", "e.a"]),
          frame.renameField("a", "fresh.name"),
          frame.applyMapping([
            ["a", "string", "x.s", "int"],
            ["a", "int", "x.i", "string"],
            ["b", "double", "d", "string"],
            ["e", "array", "e", "array"],
          ]),
        ],
        4,
      ),
    600_000,
  );
  test(
    "on relationalize, each table",
    () => check(async (frame) => await frame.relationalize("t").values(), 4),
    600_000,
  );
  test(
    "on union with a part of itself, and functions",
    () =>
      check(
        (frame) => [
          frame.union(frame.selectFields(["a", "b"])),
          frame.map((r) => ({ ...r, added: 1 })),
          frame.filter((r) => "a" in r && r["a"] !== null),
        ],
        4,
      ),
    600_000,
  );
});
