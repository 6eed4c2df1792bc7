/**
 * The reference interpreter with its own JSON reader against scanner, shredder and DuckDB: same schema, same values, on
 * random drifting records.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { GlueContext, type DynamicFrame } from "../../src/index.js";
import { driftingLines, seen } from "./drifting-lines.js";

let folder: string;
let duckdb: GlueContext;
let reference: GlueContext;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-agree-"));
  duckdb = await GlueContext.open({ catalog: join(folder, "d"), engine: "duckdb", threads: 2, strictPaths: false });
  reference = await GlueContext.open({ catalog: join(folder, "r"), engine: "reference", strictPaths: false });
});
afterAll(async () => {
  await duckdb.close();
  await reference.close();
  await rm(folder, { recursive: true, force: true });
});

async function agree(
  text: string,
  steps: (frame: DynamicFrame) => Promise<readonly DynamicFrame[]> | readonly DynamicFrame[],
): Promise<void> {
  const path = join(folder, `f${files++}.json`);
  await writeFile(path, text);
  const read = async (glue: GlueContext): Promise<unknown> => {
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: "json",
    });
    const outcomes: unknown[] = [];
    for (const result of await steps(frame)) outcomes.push(await seen(result));
    return outcomes;
  };
  expect(await read(duckdb)).toEqual(await read(reference));
}

const check = (steps: Parameters<typeof agree>[1], numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(driftingLines, (all) => agree(`${all.join("\n")}\n`, steps)),
    { numRuns },
  );

describe("DuckDB and the reference agree", () => {
  test("on records as read", () => check((frame) => [frame], 60), 60_000);
  test.each(["string", "double", "int", "long", "boolean", "date", "decimal(10,2)"])(
    "on casts of every choice to %s",
    (type) => check((frame) => [frame.resolveChoice({ choice: `cast:${type}` })], 12),
    60_000,
  );
  test("on make_struct", () => check((frame) => [frame.resolveChoice({ choice: "make_struct" })], 25), 60_000);
  test(
    "on dropFields, selectFields and renameField",
    () =>
      check(
        (frame) => [
          frame.dropFields(["a.b", "`c.d`", "e.a"]),
          frame.selectFields(["a", "id"]),
          frame.renameField("a", "fresh.name"),
        ],
        25,
      ),
    60_000,
  );
  test(
    "on applyMapping with casts",
    () =>
      check(
        (frame) => [
          frame.applyMapping([
            ["a", "string", "x.s", "int"],
            ["a", "int", "x.i", "string"],
            ["b", "double", "d", "string"],
            ["e", "array", "e", "array"],
          ]),
        ],
        25,
      ),
    60_000,
  );
  test(
    "on relationalize, each table",
    () => check(async (frame) => await frame.relationalize("t").values(), 40),
    90_000,
  );
  test(
    "on union with itself resolved",
    () => check((frame) => [frame.union(frame.selectFields(["a", "b"]))], 20),
    60_000,
  );
  test(
    "on map and filter",
    () =>
      check((frame) => [frame.map((r) => ({ ...r, added: 1 })), frame.filter((r) => "a" in r && r["a"] !== null)], 20),
    60_000,
  );
});
