/** Rows put into vectors come back as they were; objects made by compiled literals are those made name by name. */
import { inspect } from "node:util";
import * as fc from "fast-check";
import {
  batchOfRows,
  batchReader,
  firstOf,
  piecesOf,
  selectFields,
  withConstants,
} from "../../src/types/record-batch.js";
import { array, choice, INT, map, STRING, struct, structOf, type DataType } from "../../src/types/data-type.js";
import { makerOf } from "../../src/types/struct-maker.js";
import { ArmValue, setField, type Row, type Value } from "../../src/types/value.js";
import { vectorReader } from "../../src/types/vector-reader.js";
import { toPlain } from "../../src/types/typed.js";

type Typed = { readonly type: DataType; readonly value: fc.Arbitrary<Value> };
const NAMES = ["a", "b", "constructor", "toString", "0", "", "\u2028\"'\\", "x", "i", "o", "v0", "sources"];
const maybe = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 6, arbitrary: value }, fc.constantFrom<Value>(null, undefined));
const noHoles = (value: fc.Arbitrary<Value>): fc.Arbitrary<Value> => maybe(value).map((v) => v ?? null);

/** Types with arbitrary values of each. */
const typed: fc.Arbitrary<Typed> = fc.letrec<{ any: Typed }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Typed>({ type: INT, value: fc.integer() }, { type: STRING, value: fc.string() }),
    tie("any").map(({ type, value }): Typed => ({
      type: array(type),
      value: fc.array(noHoles(value), { maxLength: 3 }),
    })),
    tie("any").map(({ type, value }): Typed => ({
      type: map(type),
      value: fc
        .dictionary(fc.string({ maxLength: 2 }), noHoles(value), { maxKeys: 3 })
        .map((d) => new Map(Object.entries(d))),
    })),
    fc
      .uniqueArray(fc.constantFrom(...NAMES, "__proto__"), { minLength: 1, maxLength: 5 })
      .chain((names) =>
        fc
          .tuple(...names.map(() => tie("any")))
          .map((fields): Typed => ({
            type: struct(names.map((name, i) => ({ name, type: fields[i]?.type ?? INT }))),
            value: rowOf(names, fields),
          })),
      ),
    tie("any")
      .filter(({ type }) => type.kind !== "choice" && type.kind !== "string")
      .map(({ type, value }): Typed => ({
        type: choice([type, STRING]),
        value: fc.oneof(
          value.map((v) => new ArmValue(type.kind, v)),
          fc.string().map((v) => new ArmValue("string", v)),
        ),
      })),
  ),
})).any;

const rowOf = (names: readonly string[], fields: readonly Typed[]): fc.Arbitrary<Value> =>
  fc.tuple(...fields.map(({ value }) => maybe(value))).map((values) => {
    const row = {};
    names.forEach((name, i) => {
      if (values[i] !== undefined) setField(row, name, values[i]);
    });
    return row;
  });

/** Tells null, missing, -0 and the order of fields apart. */
const exact = (rows: readonly unknown[]): string => inspect(rows, { depth: null, maxArrayLength: null });

test("rows come back from vectors, null and missing apart, in both forms; parts of a batch are parts of the rows", () => {
  const records = typed.chain(({ type, value }) =>
    fc.tuple(fc.constant(struct([{ name: "f", type }])), fc.array(rowOf(["f"], [{ type, value }]), { maxLength: 9 })),
  );
  fc.assert(
    fc.property(records, fc.nat(9), ([type, values], at) => {
      const rows = values as readonly Row[];
      const batch = batchOfRows(rows, type);
      const read = batchReader(type);
      expect(exact(read(batch))).toBe(exact(rows));
      const plain = vectorReader(type, "plain")(batch.records);
      expect(exact(rows.map((_, i) => plain(i)))).toBe(exact(rows.map((row) => toPlain(row, type))));
      expect(exact(read(firstOf(batch, at)))).toBe(exact(rows.slice(0, at)));
      expect(exact(piecesOf(batch, at + 1).flatMap(read))).toBe(exact(rows));
      const twice = struct([{ name: "g", type: INT }, ...type.fields]);
      expect(exact(batchReader(twice)(selectFields(withConstants(batch, [7]), [1, 0])))).toBe(
        exact(rows.map((row) => ({ g: 7, ...row }))),
      );
    }),
    { numRuns: 300 },
  );
});

test("a value of another form than its type is named with its path", () => {
  const misfits: [DataType, Value, string][] = [
    [structOf({ a: array(INT) }), { a: 1 }, "a"],
    [structOf({ a: structOf({ b: INT }) }), { a: [] }, "a"],
    [structOf({ a: array(choice([INT, STRING])) }), { a: [1] }, "a[]"],
    [structOf({ a: structOf({ m: map(INT) }) }), { a: { m: {} } }, "a.m"],
  ];
  for (const [type, row, path] of misfits)
    expect(() => type.kind === "struct" && batchOfRows([row as Row], type)).toThrow(
      expect.objectContaining({ code: "VALUE_NOT_OF_TYPE", path }),
    );
});

test("names are data: none is run, each is a field", () => {
  const names = ['"]: globalThis.broken = 1, ["', "`${globalThis.broken = 1}`", "\\", "constructor"];
  const made = makerOf(names)(names.map((_, i) => ({ absent: i % 2 === 1, source: [i] })))(0);
  expect(Object.entries(made)).toEqual(names.map((name, i) => [name, i]));
  expect("broken" in globalThis).toBe(false);
});

test.each([3, 9])("every choice of %i fields that may be absent gives what is there, in order", (optional) => {
  const names = Array.from({ length: 14 }, (_, i) => `f${i}`);
  const mayMiss = (i: number): boolean => i >= 2 && i < 2 + optional;
  const columns = names.map((name, i) =>
    Array.from({ length: 512 }, (_, row) =>
      mayMiss(i) && ((row >> (i - 2)) & 1) === 1 ? undefined : `${name}-${row}`,
    ),
  );
  const make = makerOf(names)(
    columns.map((values, i) => ({ absent: mayMiss(i), source: i % 2 === 0 ? values : (row: number) => values[row] })),
  );
  for (let row = 0; row < 512; row++) {
    const expected = names.flatMap((name, i) => (columns[i]?.[row] === undefined ? [] : [[name, columns[i][row]]]));
    expect(Object.entries(make(row))).toEqual(expected);
  }
});

test("a struct too wide for a literal, and fields that come to be absent later", () => {
  const names = Array.from({ length: 700 }, (_, i) => `f${i}`);
  const make = makerOf(names);
  expect(Object.keys(make(names.map((_, i) => ({ absent: false, source: () => i })))(0))).toEqual(names);
  const narrow = makerOf(["a", "b"]);
  expect(
    narrow([
      { absent: false, source: [1] },
      { absent: false, source: [2] },
    ])(0),
  ).toStrictEqual({ a: 1, b: 2 });
  expect(
    narrow([
      { absent: true, source: [undefined] },
      { absent: false, source: [2] },
    ])(0),
  ).toStrictEqual({ b: 2 });
});

test("where the host forbids compiling, objects are made all the same", () => {
  const { Function: compiler } = globalThis;
  const forbids = class {
    constructor() {
      throw new EvalError("Code generation from strings disallowed for this context");
    }
  };
  globalThis.Function = forbids as unknown as FunctionConstructor;
  try {
    const make = makerOf(["a", "__proto__", "b"])([
      { absent: true, source: [1, undefined] },
      { absent: false, source: [2, 3] },
      { absent: false, source: () => null },
    ]);
    expect([0, 1].map((i) => Object.entries(make(i)))).toEqual([
      [
        ["a", 1],
        ["__proto__", 2],
        ["b", null],
      ],
      [
        ["__proto__", 3],
        ["b", null],
      ],
    ]);
    expect(() => makerOf(["a"])([{ absent: false, source: [1] }])(0)).not.toThrow();
  } finally {
    globalThis.Function = compiler;
  }
});
