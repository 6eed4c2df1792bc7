/** Random frames of random types: records and the type they are of. */
import * as fc from "fast-check";
import {
  ArmValue,
  DateValue,
  Decimal,
  TimestampValue,
  array,
  choice,
  decimal,
  field,
  map,
  struct,
  type DataType,
  type StructType,
} from "../../src/index.js";

export type TypedFrame = { readonly type: StructType; readonly rows: readonly object[] };

/**
 * Names that engines and files have trouble with: clashing by case, empty, with dots, spelled like our own stand-ins.
 */
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("k", "j", "v", "s") },
  { weight: 1, arbitrary: fc.constantFrom("K", "", "a.b", "~", "k~2", "é", "a b", 'q"t', "__proto__", "int") },
);

type Typed = { readonly type: DataType; readonly value: fc.Arbitrary<unknown> };
const atom = (kind: string, ...values: readonly unknown[]): Typed => ({
  type: { kind } as DataType,
  value: fc.constantFrom(...values),
});
const ATOMS: readonly Typed[] = [
  atom("int", 0, 1, 2, 2147483647, -2147483648),
  atom("long", 1, 2 ** 40, 9007199254740993n, -(2n ** 63n)),
  atom("short", 1, -32768),
  atom("byte", 1, 127),
  atom("double", 1, 1.5, 0.1, 5e-324, 1e308, Number.NaN, -Infinity, 1e22),
  atom("float", 1, 1.5, Math.fround(0.1), 16777216),
  atom("boolean", true, false),
  atom("string", "1", "a", "", "é\n", "2024-02-29", '"', "0x10"),
  atom("binary", new Uint8Array(), new Uint8Array([0, 255])),
  atom("date", new DateValue(0), new DateValue(-719162)),
  atom("timestamp", new TimestampValue(1n), new TimestampValue(-1n)),
  atom("timestampntz", new TimestampValue(0n), new TimestampValue(253402300799999999n)),
  atom("null", null),
  { type: decimal(10, 2), value: fc.constantFrom(new Decimal(150n, 2), new Decimal(-1n, 2)) },
  { type: decimal(38, 0), value: fc.constantFrom(new Decimal(10n ** 38n - 1n, 0), new Decimal(1n, 0)) },
];

/** A value, null, or nothing. */
const maybe = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constantFrom(null, undefined) });
const structOf = (fields: readonly (readonly [string, Typed])[]): Typed & { readonly type: StructType } => ({
  type: struct(fields.map(([own, { type }]) => field(own, type))),
  value: fc
    .tuple(...fields.map(([, { value }]) => maybe(value)))
    .map((parts) =>
      fields.reduce(
        (row, [own], i) =>
          parts[i] === undefined ? row : Object.defineProperty(row, own, { value: parts[i], enumerable: true }),
        {},
      ),
    ),
});

const { record } = fc.letrec<{ typed: Typed; record: Typed & { readonly type: StructType } }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 2, depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    tie("record"),
    tie("typed").map(({ type, value }) => ({
      type: array(type),
      value: fc.array(
        maybe(value).map((v) => v ?? null),
        { maxLength: 3 },
      ),
    })),
    tie("typed").map(({ type, value }) => ({
      type: map(type),
      value: fc
        .uniqueArray(
          fc.tuple(
            fc.constantFrom("x", "", "é"),
            maybe(value).map((v) => v ?? null),
          ),
          { maxLength: 2, selector: ([key]) => key },
        )
        .map((entries) => new Map(entries)),
    })),
    // lists and maps at one place share what is known of their elements, so one of the two
    fc
      .uniqueArray(
        tie("typed").filter(({ type }) => !["choice", "null", "map"].includes(type.kind)),
        { minLength: 2, maxLength: 3, selector: ({ type }) => type.kind },
      )
      .map((members) => ({
        type: choice(members.map(({ type }) => type)),
        value: fc.oneof(...members.map(({ type, value }) => value.map((v) => new ArmValue(type.kind, v as never)))),
      })),
  ),
  record: fc
    .uniqueArray(fc.tuple(name, tie("typed")), { minLength: 1, maxLength: 4, selector: ([own]) => own })
    .map(structOf),
}));
export const typedFrames: fc.Arbitrary<TypedFrame> = record.chain(({ type, value }) =>
  fc.array(value, { maxLength: 5 }).map((rows) => ({ type, rows: rows as object[] })),
);
