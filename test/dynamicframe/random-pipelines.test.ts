/**
 * Random pipelines over all verbs, on random drifting records: DuckDB's results are the reference's, value by value.
 */
import * as fc from "fast-check";
import { DateValue, Decimal, type GlueContext, TimestampValue, type DynamicFrame } from "../../src/index.js";
import type { StructType } from "../../src/types/data-type.js";
import { valueText } from "../engine/contract.js";
import { bothEngines } from "./both-engines.js";
import { chooserOf, relationalizeWithoutKeys, STEPS, UNORDERED } from "./random-verbs.js";
import { typedFrames } from "./typed-frames.js";

const atom: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    0,
    -0,
    1,
    -1,
    1.5,
    2 ** 40,
    9007199254740993n,
    Number.NaN,
    1e308,
    "1",
    "a",
    "",
    "é",
    "2024-01-02",
    new Decimal(150n, 2),
    new DateValue(19000),
    new TimestampValue(1_000_001n),
    new Uint8Array([1, 2]),
  ),
  fc.integer({ min: -3, max: 3 }),
);
const mostly = (kind: fc.Arbitrary<unknown>, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: kind }, { weight: 1, arbitrary: other });
const inner = fc.record({ k: atom, n: fc.constant(null), S: fc.constantFrom("x", "y") }, { requiredKeys: [] });
const record = fc.record(
  {
    k: mostly(fc.integer({ min: 0, max: 3 }), atom),
    j: mostly(fc.constantFrom("a", "b"), atom),
    s: mostly(inner, atom),
    "d.t": atom,
    n: fc.constant(null),
    l: mostly(fc.array(inner, { maxLength: 2 }), atom),
    t: fc.array(fc.array(fc.constantFrom(1, 2.5, "z"), { maxLength: 2 }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
/** Records whose values tell their types, and such as are of a type that was given. */
type Given = { readonly rows: readonly object[]; readonly type?: StructType };
const records: fc.Arbitrary<Given> = fc.oneof(
  { weight: 2, arbitrary: fc.array(record, { minLength: 1, maxLength: 6 }).map((rows) => ({ rows })) },
  { weight: 1, arbitrary: typedFrames },
);
const steps = fc.array(
  fc.record({
    verb: fc.constantFrom(...Object.keys(STEPS)),
    draw: fc.array(fc.nat({ max: 1023 }), { minLength: 12, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 5 },
);
type Drawn = readonly { readonly verb: string; readonly draw: readonly number[] }[];

const { engines } = bothEngines({ threads: 2 });

const open = (glue: GlueContext, { rows, type }: Given): DynamicFrame =>
  glue.createDynamicFrame.fromRows(rows, type === undefined ? {} : { schema: type });

async function build(glue: GlueContext, one: Given, two: Given, drawn: Drawn): Promise<DynamicFrame> {
  const other = open(glue, two);
  let frame = open(glue, one);
  for (const [i, { verb, draw }] of drawn.entries()) {
    const schema = await frame.schema();
    const step =
      verb === "relationalize" && drawn.slice(0, i).some((before) => UNORDERED.includes(before.verb))
        ? relationalizeWithoutKeys
        : STEPS[verb];
    if (schema.fields.length > 0) frame = (await step?.(frame, other, schema, chooserOf(draw))) ?? frame;
  }
  return frame;
}

/**
 * What a caller sees, or the code of the error: an engine must not refuse what the other takes. Values in arms form: an
 * int is not a double of its value, nor -0 the zero.
 */
async function outcome(glue: GlueContext, one: Given, two: Given, drawn: Drawn): Promise<unknown> {
  try {
    const frame = await build(glue, one, two, drawn);
    const { relation } = await glue.environment.resolve(frame.node);
    const engine = await glue.environment.session.engine();
    const rows: string[] = [];
    for await (const batch of engine.rows(relation)) rows.push(...batch.map(valueText));
    return {
      schema: await frame.schemaTree(),
      rows: rows.sort(),
      records: (await frame.records()).length,
      count: await frame.count(),
      errors: await frame.errorsCount(),
      stage: await frame.stageErrorsCount(),
      nulled: [...(await engine.nulledCasts(relation))].sort(),
    };
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) };
  }
}

const RUNS = Number(process.env["DYNAFRAME_PIPELINES"] ?? 200);

test(
  "pipelines of one to five verbs",
  () =>
    fc.assert(
      fc.asyncProperty(records, records, steps, async (one, two, drawn) => {
        const [duckdb, reference] = await Promise.all(engines.map((glue) => outcome(glue, one, two, drawn)));
        expect(duckdb).toEqual(reference);
      }),
      { numRuns: RUNS },
    ),
  600_000,
);

test("each verb by itself is taken for most records: the pipelines are not all errors", async () => {
  const rows = [
    { k: 1, j: "a", s: { k: 2, S: "x" }, l: [{ k: 1 }], t: [[1]] },
    { k: "2", j: "b", s: { k: "z" } },
  ];
  for (const verb of Object.keys(STEPS)) {
    const results = await Promise.all(
      [0, 1, 2, 3, 5, 7].map((n) =>
        outcome(engines[1] ?? fail(), { rows }, { rows }, [
          { verb, draw: Array.from({ length: 12 }, (_, i) => n * (i + 1)) },
        ]),
      ),
    );
    expect({ verb, taken: results.filter((result) => !("code" in (result as object))).length >= 3 }).toEqual({
      verb,
      taken: true,
    });
  }
}, 120_000);

const fail = (): never => {
  throw new Error("no reference");
};
