/**
 * What explainChoice predicts is what resolveChoice does: on random drifting records, at every kind of place, on both
 * engines.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import {
  DateValue,
  Decimal,
  type GlueContext,
  TimestampValue,
  parsePath,
  type DynamicFrame,
  type ExplainedAction,
} from "./explained.js";
import { bothEngines } from "../both-engines.js";

const { folder, engines } = bothEngines({ threads: 2 });

/**
 * An integer past 64 bits is decimal(38,0): a path cannot hold one and fractions of decimals too (VALUE_DOES_NOT_FIT),
 * so records have one or the other.
 */
const recordsWith = (wide: unknown): fc.Arbitrary<object[]> => {
  const atom: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      7,
      300,
      2.5,
      1e300,
      9007199254740993n,
      wide,
      "7",
      " 8 ",
      "1.7",
      "x",
      "",
      "0x10",
      "2024-02-30",
      "2024-02-29",
      "true",
      new DateValue(19000),
      new TimestampValue(1_000_001n),
      new Uint8Array([1, 2]),
    ),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.string({ maxLength: 3 }),
  );
  const value = fc.oneof(
    { weight: 8, arbitrary: atom },
    { weight: 1, arbitrary: fc.array(atom, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.record({ x: atom }, { requiredKeys: [] }) },
  );
  const record = fc.record(
    {
      top: value,
      nested: fc.oneof(
        { weight: 4, arbitrary: fc.record({ v: value }, { requiredKeys: [] }) },
        { weight: 1, arbitrary: fc.constantFrom("text", null) },
      ),
      list: fc.oneof(
        { weight: 4, arbitrary: fc.array(fc.record({ x: value }, { requiredKeys: [] }), { maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constant("no list") },
      ),
      plain: fc.array(atom, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  );
  // the first record has every path
  return fc
    .array(record, { maxLength: 6 })
    .map((rest) => [{ top: 1, nested: { v: "a" }, list: [{ x: 1 }], plain: [1] }, ...rest]);
};
const records = fc.oneof(recordsWith(2n ** 70n), recordsWith(new Decimal(150n, 2)));

/** Values that are not null at a path of plain records; an oracle that knows nothing of plans. */
function valuesAt(rows: readonly unknown[], path: string): number {
  let values = rows;
  for (const step of parsePath(path)) {
    values =
      step.kind === "elements"
        ? values.flatMap((v) => (Array.isArray(v) ? (v as unknown[]) : []))
        : values.map((v) =>
            typeof v === "object" && v !== null && !Array.isArray(v) && Object.getPrototypeOf(v) === Object.prototype
              ? (v as Record<string, unknown>)[step.name]
              : undefined,
          );
  }
  return values.filter((v) => v !== null && v !== undefined).length;
}

const resolved = (frame: DynamicFrame, path: string, { action }: ExplainedAction): DynamicFrame =>
  frame.resolveChoice({ specs: [[path, action]] });

async function nulledBy(glue: GlueContext, frame: DynamicFrame): Promise<number> {
  const { relation } = await glue.environment.resolve(frame.node);
  return [...(await (await glue.environment.session.engine()).nulledCasts(relation)).values()].reduce(
    (a, b) => a + b,
    0,
  );
}

async function holds(glue: GlueContext, rows: object[], path: string): Promise<void> {
  const frame = glue.createDynamicFrame.fromRows(rows);
  const explained = await frame.explainChoice(path, {
    casts: ["int", "date", "decimal(10,2)", "boolean", "timestamp"],
  });
  expect(explained.values).toBe(valuesAt(await frame.records(), path));
  expect(explained.arms.reduce((sum, arm) => sum + arm.count, 0)).toBe(explained.values);
  for (const action of explained.actions) {
    const after = resolved(frame, path, action);
    if (action.refused) {
      await expect(after.records()).rejects.toMatchObject({ code: action.refused.code });
      continue;
    }
    expect(action.kept + action.cast + action.nulled).toBe(explained.values);
    const found = await after.records();
    const left = action.becomes.reduce((sum, { path: at }) => sum + valuesAt(found, at), 0);
    expect({ action: action.action, left }).toEqual({ action: action.action, left: action.kept + action.cast });
    expect({ action: action.action, nulled: await nulledBy(glue, after) }).toEqual({
      action: action.action,
      nulled: action.nulled + action.nulledInside,
    });
    expect(action.nulledExamples.length > 0 || action.nulled === 0 || !action.action.startsWith("cast")).toBe(true);
  }
}

describe.each([
  ["duckdb", 0],
  ["reference", 1],
] as const)("predicted equals actual on %s", (_, engine) => {
  test.each(["top", "nested.v", "list[].x", "plain[]"])(
    "at %s",
    (path) =>
      fc.assert(
        fc.asyncProperty(records, async (rows) => {
          const glue = engines[engine];
          if (glue) await holds(glue, rows, path);
        }),
        { numRuns: engine === 0 ? 3 : 40, endOnFailure: true },
      ),
    120_000,
  );
});

test("doubles past 128 bits among the elements of a list do not stop a cast to timestamp", async () => {
  for (const glue of engines)
    await holds(glue, [{ plain: [-1.7014118346046923e38, 1.5, 2 ** 40] }, { plain: ["x", 1e300] }], "plain[]");
}, 60_000);

test(
  "engines explain alike",
  () =>
    fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const [one, two] = await Promise.all(
          engines.map((glue) => glue.createDynamicFrame.fromRows(rows).explainChoice("top", { examples: 0 })),
        );
        expect(one).toEqual(two);
      }),
      { numRuns: 15 },
    ),
  60_000,
);

describe("over files and a catalog", () => {
  const price = (v: unknown): string => `${JSON.stringify({ price: v })}\n`;
  let glue: GlueContext;
  let frame: DynamicFrame;
  beforeAll(async () => {
    const data = join(folder, "shop", "orders");
    await mkdir(data, { recursive: true });
    await writeFile(join(data, "a.json"), [1.5, 2.5, 3.5].map(price).join(""));
    await writeFile(join(data, "b.json"), [4.5, "5.5", "dear", null].map(price).join("") + "{}\n");
    await writeFile(join(data, "c.json"), ["dear", "cheap"].map(price).join(""));
    glue = engines[0] as GlueContext;
    await glue.crawl({ database: "shop", includes: [join(folder, "shop")] });
    const {
      items: [table],
    } = await glue.catalog.getTables("shop");
    frame = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: table?.Name ?? "" });
  });

  test("arms have counts, shares, files, the first place and different examples", async () => {
    const { type, values, empty, arms } = await frame.explainChoice("price");
    expect({ type, values, empty }).toEqual({ type: "choice{double,string}", values: 8, empty: 2 });
    expect(arms.map(({ type: t, count, percent }) => [t, count, percent])).toEqual([
      ["double", 4, 50],
      ["string", 4, 50],
    ]);
    expect(arms[1]?.places).toMatchObject({ fileCount: 2, first: { record: 1 }, files: [{ count: 2 }, { count: 2 }] });
    expect(arms[1]?.places?.first.file).toMatch(/b\.json$/);
    expect(new Set(arms[1]?.examples)).toEqual(new Set(["5.5", "dear", "cheap"]));
  });

  test("counts by hand: cast, project, columns, the catalog's type", async () => {
    const { actions } = await frame.explainChoice("price", {
      casts: ["int"],
      database: "shop",
      tableName: (await glue.catalog.getTables("shop")).items[0]?.Name ?? "",
    });
    const of = (action: string): Partial<ExplainedAction> | undefined => actions.find((a) => a.action === action);
    expect(of("cast:double")).toMatchObject({
      kept: 4,
      cast: 1,
      nulled: 3,
      becomes: [{ path: "price", type: "double" }],
    });
    expect(new Set(of("cast:double")?.nulledExamples)).toEqual(new Set(["dear", "cheap"]));
    expect(of("cast:int")).toMatchObject({ kept: 0, cast: 5, nulled: 3 });
    expect(of("cast:string")).toMatchObject({ kept: 4, cast: 4, nulled: 0 });
    expect(of("project:double")).toMatchObject({ kept: 4, cast: 0, nulled: 4 });
    expect(of("make_cols")).toMatchObject({
      kept: 8,
      nulled: 0,
      becomes: [
        { path: "price_double", type: "double" },
        { path: "price_string", type: "string" },
      ],
    });
    expect(of("make_struct")).toMatchObject({
      kept: 8,
      becomes: [{ path: "price", type: 'struct{"double":double,"string":string}' }],
    });
    // the crawled column is a string: Hive has no choice
    expect(of("match_catalog")).toMatchObject({ kept: 4, cast: 4, nulled: 0 });
  });

  test("a frame that verbs have changed has no places, and an unknown path is named", async () => {
    const { arms } = await frame.dropFields("price", { strictPaths: false }).union(frame).explainChoice("price");
    expect(arms.map((arm) => arm.places)).toEqual([undefined, undefined]);
    await expect(frame.explainChoice("prices")).rejects.toMatchObject({
      code: "UNKNOWN_PATH",
      hint: expect.stringContaining("price") as string,
    });
  });
});
