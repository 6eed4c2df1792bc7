/** DuckDB against the reference on the verbs that compare values or rearrange records, over random drifting records. */
import * as fc from "fast-check";
import { DateValue, Decimal, type GlueContext, TimestampValue, type DynamicFrame } from "../../src/index.js";
import { recordJson } from "../../src/dynamicframe/print-record.js";
import { withoutNulls } from "./without-nulls.js";
import { bothEngines } from "./both-engines.js";

const atom: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    0,
    1,
    2,
    1.5,
    2.5,
    -0.5,
    9007199254740993n,
    9007199254740992n,
    9007199254740992.5,
    2n ** 62n,
    1e300,
    "1",
    "a",
    "A",
    "",
    "é",
    new Decimal(150n, 2),
    new Decimal(1n, 0),
    new DateValue(0),
    new DateValue(19000),
    new TimestampValue(0n),
    new TimestampValue(1_000_001n),
    new Uint8Array([1, 2]),
  ),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
);
const few = (kinds: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: kinds },
    { weight: 1, arbitrary: fc.constant([1]) },
    { weight: 1, arbitrary: fc.record({ x: kinds }, { requiredKeys: [] }) },
  );
const record = fc.record(
  {
    k: few(atom),
    j: few(atom),
    s: fc.record({ k: atom, n: fc.constant(null) }, { requiredKeys: [] }),
    n: fc.constant(null),
    l: fc.array(fc.record({ p: atom, q: fc.constant(null) }), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const records = fc.array(record, { minLength: 1, maxLength: 8 });

const { engines } = bothEngines({ threads: 2, strictPaths: false });

async function seen(frame: DynamicFrame): Promise<unknown> {
  const rows = await frame.records();
  return {
    schema: await frame.schemaTree(),
    rows: rows.map((r) => recordJson(withoutNulls(r))).sort(),
    count: await frame.count(),
    errors: await frame.errorsCount(),
  };
}

type Steps = (first: DynamicFrame, second: DynamicFrame) => readonly DynamicFrame[] | Promise<readonly DynamicFrame[]>;
/** Each outcome, or the code of the error: an engine must not refuse what the other takes. */
async function outcomes(glue: GlueContext, one: object[], two: object[], steps: Steps): Promise<unknown> {
  try {
    const frames = await steps(glue.createDynamicFrame.fromRows(one), glue.createDynamicFrame.fromRows(two));
    const results: unknown[] = [];
    for (const frame of frames) results.push(await seen(frame));
    return results;
  } catch (error) {
    return { code: (error as { code?: string }).code ?? String(error) };
  }
}

const agree = (steps: Steps, numRuns = 40, rows: fc.Arbitrary<object[]> = records): Promise<void> =>
  fc.assert(
    fc.asyncProperty(rows, rows, async (one, two) => {
      const [duckdb, reference] = await Promise.all(engines.map((glue) => outcomes(glue, one, two, steps)));
      expect(duckdb).toEqual(reference);
    }),
    { numRuns },
  );

describe("DuckDB and the reference agree", () => {
  const keyed = fc.array(fc.record({ k: atom, j: atom, s: fc.record({ k: atom }) }), { minLength: 1, maxLength: 8 });
  test(
    "on join by one key and by two",
    () => agree((a, b) => [a.join("k", "k", b), a.join(["k", "s.k"], ["j", "k"], b)], 20, keyed),
    60_000,
  );
  test("on join of any fields", () => agree((a, b) => [a.join("k", "j", b)]), 60_000);
  test(
    "on mergeDynamicFrame",
    () => agree((a, b) => [a.mergeDynamicFrame(b, ["k"]), a.mergeDynamicFrame(b, ["k", "j"])], 12, keyed),
    60_000,
  );
  test.each([1, 1.5, 9007199254740993n, "1", true, new Decimal(15n, 1), new DateValue(10), "1970-01-01"])(
    "on splitRows by %s",
    (constant) =>
      agree(
        (a) =>
          ["=", "!=", "<", "<=", ">", ">="].flatMap((op) => {
            const parts = a.splitRows({ k: { [op]: constant } });
            return [parts.select("frame1"), parts.select("frame2")];
          }),
        5,
      ),
    60_000,
  );
  const attribute = fc.constantFrom<object>(
    { S: "x" },
    { N: "1" },
    { NULL: true },
    { BOOL: false },
    { L: [] },
    { L: [{ S: "a" }, { S: "b" }] },
    { L: [{ S: "a" }, { N: "1" }] },
    { M: { p: { S: "q" } } },
    { M: { p: { L: [{ M: { r: { N: "1" } } }] }, u: { SS: ["v"] } } },
  );
  const items = fc.array(fc.record({ Item: fc.record({ a: attribute, b: attribute }, { requiredKeys: [] }) }), {
    minLength: 1,
    maxLength: 5,
  });
  test("on DynamoDB JSON", () => agree((a) => [a.unnestDdbJson(), a.simplifyDdbJson()], 30, items), 60_000);
  const boxed = fc.array(
    fc.record(
      {
        j: fc.oneof(
          fc.json({ maxDepth: 2 }),
          fc.constantFrom("{bad", "1.0", "[1,2.5]", "9007199254740993"),
          fc.integer(),
        ),
        o: fc.integer(),
      },
      { requiredKeys: ["o"] },
    ),
    { minLength: 1, maxLength: 6 },
  );
  test("on unbox", () => agree((a) => [a.unbox("j", "json")], 25, boxed), 60_000);
  test(
    "on splitFields and dropNullFields",
    () =>
      agree(
        (a) => [...["rows1", "rows2"].map((name) => a.splitFields(["k", "s.k"]).select(name)), a.dropNullFields()],
        25,
      ),
    60_000,
  );
});
