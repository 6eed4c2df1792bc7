/** Random drifting records as lines of JSON, and what can be seen of a frame, to compare engines by. */
import * as fc from "fast-check";
import type { DynamicFrame } from "../../src/index.js";
import { recordJson } from "../../src/dynamicframe/print-record.js";

const key = fc.constantFrom("a", "b", "A", "c.d", "e", "id", "", 'q"t', "é");
const leaf: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.0",
    "1e2",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.1000000000000000055",
    "1e400",
    '""',
    '"1.7"',
    '" 12 "',
    '"x"',
    '"0x10"',
    '"2024-02-29"',
    '"\\u00e9\\n"',
    '"🦆"',
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((d) => JSON.stringify(d)),
  fc.string().map((s) => JSON.stringify(s)),
);
const objectText = (fields: [string, string][]): string =>
  `{${fields.map(([k, v]) => `${JSON.stringify(k)}: ${v}`).join(", ")}}`;
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
    fc.uniqueArray(fc.tuple(key, tie("value")), { maxLength: 3, selector: ([k]) => k }).map(objectText),
  ),
})).value;
const record = fc.uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([k]) => k }).map(objectText);
const line = fc.oneof(
  { weight: 12, arbitrary: record },
  { weight: 1, arbitrary: fc.constantFrom("{bad", "[1]", '{"a":}', "") },
);
// the first line is a record: a file that begins with a bracket may be an array, and on a broken one the scanner finds
// more than the oracle
export const driftingLines = fc
  .tuple(record, fc.array(line, { maxLength: 11 }))
  .map(([first, rest]) => [first, ...rest]);

/** What can be seen of a frame: schema text, records without order, errors. */
export async function seen(frame: DynamicFrame): Promise<unknown> {
  const records = await frame.records();
  return {
    schema: await frame.schemaTree(),
    records: records.map((r) => recordJson(withoutNulls(r))).sort(),
    errors: await frame.errorsCount(),
    count: await frame.count(),
  };
}

/** Absent and null are one after a relational verb. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => withoutNulls(v) ?? null);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([k, v]): [string, unknown] => [k, withoutNulls(v)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
