/** Conditions as text: against a filter by function that says the same, on both engines. */
import * as fc from "fast-check";
import { bothEngines } from "./both-engines.js";

const { engines } = bothEngines({ threads: 1, strictPaths: false });

type R = { n: number; p?: unknown; s?: unknown; ok?: unknown; c?: unknown };
const num = (v: unknown): v is number => typeof v === "number";
const text = (v: unknown): v is string => typeof v === "string";
const nested = (r: R): unknown => (typeof r.c === "object" && r.c !== null ? (r.c as { id?: unknown }).id : undefined);
const none = (v: unknown): boolean => v === null || v === undefined;
/** A condition, and what it means by the rules of decision 0046. */
const CASES: readonly (readonly [condition: string, keeps: (r: R) => boolean])[] = [
  ["p > 1.5", (r) => num(r.p) && r.p > 1.5],
  ["not (p > 1.5)", (r) => num(r.p) && r.p <= 1.5],
  ["2 <= p", (r) => num(r.p) && r.p >= 2],
  ["p = -1", (r) => r.p === -1],
  ["p <> 2 and s = 'a'", (r) => num(r.p) && r.p !== 2 && r.s === "a"],
  ["p = '2' or s is null", (r) => r.p === "2" || none(r.s)],
  ["p in (1, 2, 'x')", (r) => r.p === 1 || r.p === 2 || r.p === "x"],
  ["p not in (1, 2)", (r) => num(r.p) && r.p !== 1 && r.p !== 2],
  ["p between 1 and 2", (r) => num(r.p) && r.p >= 1 && r.p <= 2],
  ["s like 'a%'", (r) => text(r.s) && r.s.startsWith("a")],
  ["s not like '_b'", (r) => text(r.s) && !(r.s.length === 2 && r.s[1] === "b")],
  ["ok", (r) => r.ok === true],
  ["not ok", (r) => r.ok === false],
  ["ok is not true", (r) => r.ok !== true],
  ["s is not null and not (p = 1 or p = 2)", (r) => !none(r.s) && num(r.p) && r.p !== 1 && r.p !== 2],
  ["`c.id` >= 2", (r) => num(nested(r)) && (nested(r) as number) >= 2],
  ["`c.id` is null", (r) => none(nested(r))],
  ["nowhere is null", () => true],
  ["nowhere = 1", () => false],
];
const record = fc.record(
  {
    p: fc.constantFrom<unknown>(null, 1, 2, -1, 1.5, 2.5, "2", "x", true),
    s: fc.constantFrom<unknown>(null, "a", "ab", "b", ""),
    ok: fc.constantFrom<unknown>(null, true, false),
    c: fc.constantFrom<unknown>(null, "text", { id: 1 }, { id: 2 }, { id: 3.5 }, {}),
  },
  { requiredKeys: [] },
);
// a first record that has every column
const records = fc
  .array(record, { maxLength: 12 })
  .map((rest) => [{ p: 1, s: "a", ok: true, c: { id: 1 } }, ...rest].map((r, n): R => ({ n, ...r })));

test.each(CASES)(
  "%s",
  (condition, keeps) =>
    fc.assert(
      fc.asyncProperty(records, async (rows) => {
        for (const glue of engines) {
          const kept = await glue.createDynamicFrame.fromRows(rows).filter(condition).records();
          expect(kept.map((r) => r["n"]).sort()).toEqual(
            rows
              .filter(keeps)
              .map((r) => r.n)
              .sort(),
          );
        }
      }),
      { numRuns: 6, endOnFailure: true },
    ),
  60_000,
);

test("an unknown column, what cannot be lowered, and a broken text are errors", async () => {
  const frame = engines[1]?.createDynamicFrame.fromRows([{ price: 1 }]);
  await expect(frame?.filter("prise > 1", { strictPaths: true }).count()).rejects.toMatchObject({
    code: "UNKNOWN_PATH",
    hint: expect.stringContaining("price") as string,
  });
  await expect(frame?.filter("price + 1 > 2").count()).rejects.toMatchObject({ code: "UNSUPPORTED" });
  expect(() => frame?.filter("price >")).toThrow(expect.objectContaining({ code: "INVALID_PREDICATE" }) as Error);
});
