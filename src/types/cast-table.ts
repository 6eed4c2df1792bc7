/**
 * The cast matrix as data: every pair of kinds with examples computed by the matrix itself. docs/cast-matrix.md is
 * printed from it.
 */
import { castCanFail, castExists, castValue } from "./cast.js";
import { valueText } from "./cast-text.js";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  type DataType,
  array,
  decimal,
  enumOf,
  map,
  struct,
  field,
} from "./data-type.js";
import { typeText } from "./type-text.js";
import { DateValue, Decimal, TimestampValue, type Value } from "./value.js";

export type CastEntry = {
  readonly from: DataType;
  readonly to: DataType;
  /**
   * never = no such cast, always = every value fits, sometimes = a value that does not fit becomes null and is counted.
   */
  readonly fits: "never" | "always" | "sometimes";
  readonly examples: readonly { readonly value: string; readonly result: string }[];
};

const day = new DateValue(18_264);
const instant = new TimestampValue(1_578_046_272_500_000n);

/** Source kinds with values that show their rules. */
const SOURCES: readonly (readonly [DataType, readonly Value[]])[] = [
  [
    STRING,
    [
      "1.7",
      " 12 ",
      "0x10",
      "1_000",
      "1e3",
      "yes",
      "NaN",
      "2020-1-3",
      "2020-01-03T10:11:12.5+01:00",
      "999999999999",
      "",
    ],
  ],
  [BOOLEAN, [true, false]],
  [BYTE, [100]],
  [SHORT, [300]],
  [INT, [0, 100_000]],
  [LONG, [12, 2n ** 62n]],
  [FLOAT, [2.5, Math.fround(0.1)]],
  [DOUBLE, [2.5, -0.5, 1e10, 1e300, NaN]],
  [decimal(10, 2), [new Decimal(199n, 2), new Decimal(-125n, 2)]],
  [DATE, [day]],
  [TIMESTAMP, [instant, new TimestampValue(-1n)]],
  [TIMESTAMPNTZ, [instant]],
  [BINARY, [Uint8Array.of(0x61), Uint8Array.of(0xff)]],
  [enumOf(["1", "red"]), ["1", "red"]],
  [array(INT), [[1, null, 2]]],
  [map(INT), [new Map([["k", 1]])]],
  [struct([field("a", INT), field("b", STRING)]), [{ a: 1, b: "x" }]],
];

const TARGETS: readonly DataType[] = [
  STRING,
  BOOLEAN,
  BYTE,
  SHORT,
  INT,
  LONG,
  FLOAT,
  DOUBLE,
  decimal(10, 2),
  DATE,
  TIMESTAMP,
  TIMESTAMPNTZ,
  BINARY,
  enumOf(["1", "red"]),
  array(STRING),
  map(STRING),
  struct([field("x", STRING), field("y", INT)]),
];

/** One entry per pair, sources then targets in a fixed order; the same type to itself is left out. */
export function castTable(): CastEntry[] {
  return SOURCES.flatMap(([from, values]) =>
    TARGETS.filter((to) => typeText(to) !== typeText(from)).map((to) => entry(from, to, values)),
  );
}

function entry(from: DataType, to: DataType, values: readonly Value[]): CastEntry {
  if (!castExists(from, to)) return { from, to, fits: "never", examples: [] };
  const examples = values.map((value) => ({ value: show(value, from), result: result(value, from, to) }));
  return { from, to, fits: castCanFail(from, to) ? "sometimes" : "always", examples };
}

function result(value: Value, from: DataType, to: DataType): string {
  const cast = castValue(value, from, to);
  if (!cast.ok) return "null";
  return show(cast.value, to) + (cast.nulled === undefined ? "" : ` (${cast.nulled} nulled)`);
}

function show(value: Value, type: DataType): string {
  if (value instanceof Uint8Array) return `x'${[...value].map((byte) => byte.toString(16).padStart(2, "0")).join("")}'`;
  const text = valueText(value, type) ?? "null";
  return type.kind === "string" || type.kind === "enum" ? `'${text}'` : text;
}
