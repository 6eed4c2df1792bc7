import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { compareRecords } from "../../../conformance/compare/values.js";
import { plainRecord } from "../../../conformance/plain.js";
import type { DynamicFrame } from "../../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../../src/testing/index.js";

/**
 * Random drifting records through both engines, which share neither reader nor evaluator: their answers must be the
 * same.
 */
let duckdb: TemporaryContext;
let reference: TemporaryContext;
beforeAll(async () => {
  duckdb = await temporaryContext({ engine: "duckdb" });
  reference = await temporaryContext({ engine: "reference" });
});
afterAll(async () => {
  await duckdb.close();
  await reference.close();
});

const leaf = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(3_000_000_000, 1.5, -0.25, 1e21, true, null, "x", "12", " 7.9 ", "", "2024-02-29", "true"),
  fc.string({ maxLength: 4, unit: "binary" }),
);
const key = fc.constantFrom("a", "b", "A", "a.b", "", "x y", "é", "`");
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("node"), { maxLength: 3 }),
    fc.dictionary(key, tie("node"), { maxKeys: 3 }),
  ),
})).node;
const records = fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { minLength: 1, maxLength: 6 });

type Step = (frame: DynamicFrame) => DynamicFrame;
const STEPS: Readonly<Record<string, Step>> = {
  "the records themselves": (frame) => frame,
  make_cols: (frame) => frame.resolveChoice({ choice: "make_cols" }),
  make_struct: (frame) => frame.resolveChoice({ choice: "make_struct" }),
  "cast:string": (frame) => frame.resolveChoice({ choice: "cast:string" }),
  "cast:double": (frame) => frame.resolveChoice({ choice: "cast:double" }),
  "cast:long": (frame) => frame.resolveChoice({ choice: "cast:long" }),
  "project:int": (frame) => frame.resolveChoice({ choice: "project:int" }),
  unnest: (frame) => frame.unnest(),
  dropFields: (frame) => frame.dropFields(["a"], { strictPaths: false }),
  union: (frame) => frame.union(frame.dropFields(["a"], { strictPaths: false })),
  "relationalize, the root": (frame) => frame.relationalize("r").select("r"),
};

let files = 0;
it.each(Object.keys(STEPS))(
  "%s",
  async (name) => {
    const step = STEPS[name] ?? ((frame: DynamicFrame) => frame);
    await fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const path = join(duckdb.directory, `${++files}.json`);
        await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
        const run = async ({ glue }: TemporaryContext) => {
          const frame = step(
            glue.createDynamicFrame.fromOptions({
              connectionType: "file",
              connectionOptions: { path },
              format: "json",
            }),
          );
          return {
            schema: await frame.schemaTree(),
            count: await frame.count(),
            records: (await frame.records()).map(plainRecord),
            errors: await frame.errorsCount(),
          };
        };
        const settled = async (context: TemporaryContext) =>
          run(context).then(
            (result) => ({ result, code: "" }),
            (error: Error & { code?: string }) => ({ result: undefined, code: error.code ?? String(error) }),
          );
        const a = await settled(duckdb);
        const b = await settled(reference);
        // flattened names of different fields may be the same name: both engines must then refuse
        const expected = [a.code, b.code].includes("NAME_CLASH") ? "NAME_CLASH" : "";
        expect({ a: a.code, b: b.code }).toEqual({ a: expected, b: expected });
        if (!a.result || !b.result) return;
        expect(a.result.schema).toBe(b.result.schema);
        expect([a.result.count, a.result.errors]).toEqual([b.result.count, b.result.errors]);
        expect(compareRecords(a.result.records, b.result.records, "ignore")).toBeUndefined();
      }),
      { numRuns: 8 },
    );
  },
  120_000,
);

describe("CSV", () => {
  const cell = fc.oneof(
    fc.constantFrom(
      "1",
      "-7",
      "3000000000",
      "12345678901234567890",
      "1.50",
      "1e3",
      "true",
      "FALSE",
      "2024-02-29",
      "2023-02-29",
      "2024-01-01 10:00:00",
      "007",
      "",
      " 5",
      '"q,""x"""',
      '""',
      "a\\nb",
      "é",
    ),
    fc.string({ maxLength: 4, unit: fc.constantFrom("a", '"', ",", "\\", " ", "1") }),
  );
  const text = fc
    .array(
      fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join()),
      { minLength: 1, maxLength: 6 },
    )
    .map((rows) => rows.join("\n"));
  const options = fc.record({
    withHeader: fc.boolean(),
    multiLine: fc.boolean(),
    escaper: fc.constantFrom(-1, "\\"),
    quoteChar: fc.constantFrom(-1, '"'),
    inferTypes: fc.boolean(),
    skipFirst: fc.boolean(),
  });

  it("reads the same cells with every option", async () => {
    await fc.assert(
      fc.asyncProperty(text, options, async (content, formatOptions) => {
        const path = join(duckdb.directory, `${++files}.csv`);
        await writeFile(path, content);
        const run = async ({ glue }: TemporaryContext) => {
          const frame = glue.createDynamicFrame.fromOptions({
            connectionType: "file",
            connectionOptions: { path },
            format: "csv",
            formatOptions,
          });
          return {
            schema: await frame.schemaTree(),
            count: await frame.count(),
            records: (await frame.records()).map(plainRecord),
          };
        };
        const a = await run(duckdb);
        const b = await run(reference);
        expect({ ...a, records: compareRecords(a.records, b.records, "ignore") }).toEqual({ ...b, records: undefined });
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
