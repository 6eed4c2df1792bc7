import fc from "fast-check";
import { expectLedger, expectLines } from "./json-oracle.js";
import { makeFixture } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

/** Property runs; SHAPES_RUNS=10 multiplies them for a longer search. */
const runs = (base: number): number => base * Number(process.env.SHAPES_RUNS ?? 1);

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

const lines = (...records: readonly string[]): Buffer => Buffer.from(records.map((record) => `${record}\n`).join(""));

/** Numbers as text, near every border that the tags have. */
const numberText = fc.oneof(
  fc.constantFrom(
    "0",
    "-0",
    "1",
    "-1",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "9".repeat(38),
    `-${"9".repeat(38)}`,
    "9".repeat(39),
    "1.0",
    "1e2",
    "1E+2",
    "0e99",
    "1e400",
    "-1e400",
    "1e-400",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "123456789",
    "1234567890",
    "-012",
    "0.5",
    "-0.5",
    "00.5",
    "1.",
    "1234567.8901234",
    "1234567.89012345",
    "1234567.890123456",
    "-1234567.8901234",
    "12.5e3",
    "7E0",
  ),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => String(x)),
  fc.bigInt().map(String),
);
const stringText = fc.oneof(
  fc.string({ unit: "binary" }).map((s) => JSON.stringify(s)),
  fc.string({ maxLength: 40 }).map((s) => JSON.stringify(s)),
  fc.integer({ min: 14, max: 34 }).map((length) => `"${"s".repeat(length)}"`),
  fc.constantFrom(
    '"\\ud800"',
    '"\\udc00x"',
    '"\\ud83d\\ude00"',
    '"\\ud800\\u0041"',
    '"\\/\\b\\f"',
    '"é"',
    '"\\u00e9"',
    '"\ufffd"',
  ),
);
const keyText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom('"a"', '"b"', '"c"', '"items"', '"A"', '"key8byte"', '"key8bytf"', '"key9bytes"'),
  },
  // the lengths at which comparing in place takes another step, and neighbours that differ in their last byte
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(11, 12, 13, 27, 28, 29, 36, 37), fc.constantFrom("x", "y"))
      .map(([length, last]) => `"${"k".repeat(length)}${last}"`),
  },
  fc.constantFrom(
    '"\\u0061"',
    '""',
    '"a\\"b"',
    '"a\\\\"',
    '"\\ud800"',
    '"\ufffd"',
    '"é"',
    '"É"',
    '"x.y"',
    '"a\\":1,\\"b"',
    '"\\u0000"',
  ),
  stringText,
);
const space = fc.constantFrom("", "", "", " ", "\t", "  ", "\r");
const { value } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom("null", "true", "false"),
    numberText,
    stringText,
    tie("object"),
    tie("array"),
  ),
  array: fc
    .tuple(space, fc.array(tie("value"), { maxLength: 4 }))
    .map(([s, items]) => `[${s}${items.join(`${s},${s}`)}${s}]`),
  object: fc
    .tuple(space, fc.array(fc.tuple(keyText, tie("value")), { maxLength: 5 }))
    .map(([s, entries]) => `{${s}${entries.map(([k, v]) => `${k}${s}:${s}${v}`).join(`${s},${s}`)}${s}}`),
}));
const record = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(space, fc.array(fc.tuple(keyText, value), { maxLength: 6 }))
      .map(([s, entries]) => `{${entries.map(([k, v]) => `${k}:${s}${v}`).join(`,${s}`)}}`),
  },
  value,
);

test("counts, places, lengths, hazards and shapes of random drifting records equal the oracle's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 12 }), fc.boolean(), async (records, finalNewline) => {
      const text = lines(...records);
      const file = finalNewline ? text : text.subarray(0, Math.max(0, text.length - 1));
      expectLedger(await fixture.scanOne(file, { mode: "lines" }), expectLines(file));
    }),
    { numRuns: runs(100) },
  );
});

test("a hazard's first place is the first of its record, also where a key comes twice and objects are read by their keys first", async () => {
  const { hazards } = await fixture.scanOne('{"a":1,"b":{"":1,"\\ud800":1},"":2,"\\udc00":2,"a":2}\n', {
    mode: "lines",
  });
  const first = (offset: number) => ({ record: 0, offset });
  expect(hazards).toMatchObject({
    DUPLICATE_KEY: { count: 1, path: "a" },
    EMPTY_KEY: { count: 2, path: "b.``", first: first(12) },
    LONE_SURROGATE: { count: 2, path: "b.\ufffd", first: first(17) },
  });
});

test("mutated lines are judged as JSON.parse judges them, and leave no trace in the counts", async () => {
  const bytes = [
    34, 92, 123, 125, 91, 93, 44, 58, 48, 45, 46, 101, 10, 13, 0, 31, 127, 128, 192, 195, 226, 240, 255, 32,
  ];
  const edit = fc.record({
    at: fc.nat(),
    byte: fc.constantFrom(...bytes),
    how: fc.constantFrom("replace", "insert", "remove", "cut"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 3, maxLength: 12 }),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      async (records, edits) => {
        let file = lines(...records);
        for (const { at, byte, how } of edits) {
          const i = at % Math.max(1, file.length);
          const rest = how === "insert" ? i : how === "cut" ? Math.max(i, file.indexOf(10, i)) : i + 1;
          file = Buffer.concat([
            file.subarray(0, i),
            how === "replace" || how === "insert" ? Buffer.from([byte]) : Buffer.alloc(0),
            file.subarray(rest),
          ]);
        }
        // a mark at the very start is not part of the first line
        fc.pre(!(file[0] === 0xef && file[1] === 0xbb));
        expectLedger(await fixture.scanOne(file, { mode: "lines" }), expectLines(file));
      },
    ),
    { numRuns: runs(200) },
  );
});

test("arrays, pretty-printed and concatenated records give the counts of the same records on lines", async () => {
  const object = fc
    .array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.jsonValue({ maxDepth: 3 })), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries));
  await fc.assert(
    fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 8 }), async (records) => {
      const strip = (ledger: Awaited<ReturnType<Fixture["scanOne"]>>): unknown => {
        const { records: n, malformed, root, shapes } = ledger;
        return JSON.parse(
          JSON.stringify(
            { n, malformed, root, shapes: shapes.map(({ hash, count }) => [hash, count]).sort() },
            (key, v: unknown) => (key === "first" ? (v as { record: number }).record : v),
          ),
        );
      };
      const expected = strip(await fixture.scanOne(lines(...records.map((r) => JSON.stringify(r))), { mode: "lines" }));
      for (const text of [
        JSON.stringify(records),
        JSON.stringify(records, null, 2),
        records.map((r) => JSON.stringify(r, null, 2)).join("\n"),
        records.map((r) => JSON.stringify(r)).join(""),
        `[\n${records.map((r) => JSON.stringify(r)).join(",\n")}\n]\n`,
      ]) {
        expect(strip(await fixture.scanOne(text, { mode: "values" }))).toEqual(expected);
        if (text.startsWith("[")) expect(strip(await fixture.scanOne(text))).toEqual(expected);
      }
    }),
    { numRuns: runs(20) },
  );
});
