/**
 * The one cast matrix (docs/cast-matrix.md is written from it). Norm: Spark's non-ANSI casts with UTC as the session's
 * zone. Where Spark changes a value without a word — an integer out of range wraps or saturates, NaN becomes 0 — the
 * value does not fit instead, so that it is nulled and counted.
 */
import {
  decimalOfDouble,
  fitDecimal,
  fitInteger,
  type IntegerKind,
  parseDecimal,
  parseDouble,
  parseIntegral,
  trimControls,
  truncateDecimal,
} from "./cast-number.js";
import { valueText } from "./cast-text.js";
import { dayOf, parseDate, parseTimestamp, secondsOf, startOfDay, timestampOf } from "./cast-time.js";
import { castExists } from "./cast-rules.js";
import { type DataType, type DecimalType, type StructType, assertNever } from "./data-type.js";
import { sameType } from "./same-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value, setField } from "./value.js";

export { castCanFail, castExists } from "./cast-rules.js";

/** `nulled`: how many values inside an array, map or struct did not fit and became null; absent for none. */
export type CastResult =
  { readonly ok: true; readonly value: Value; readonly nulled?: number } | { readonly ok: false };

const MISFIT: CastResult = Object.freeze({ ok: false });

/**
 * Casts a value of type `from` to `to`. null gives null and a missing value stays missing. `ok: false` means that the
 * value does not fit or that there is no such cast. Inside containers a value that does not fit becomes null and is
 * counted in `nulled`; structs match by position. Never throws on data.
 */
export function castValue(value: Value, from: DataType, to: DataType): CastResult {
  if (value === null || value === undefined) return { ok: true, value };
  if (sameType(from, to)) return { ok: true, value };
  if (value instanceof ArmValue || from.kind === "choice") return castArm(value, from, to);
  return castExists(from, to) ? castPresent(value, from, to) : MISFIT;
}

function castArm(value: Value, from: DataType, to: DataType): CastResult {
  if (!(value instanceof ArmValue) || from.kind !== "choice") return MISFIT;
  const arm = from.choices.find((member) => member.kind === value.arm);
  return arm === undefined ? MISFIT : castValue(value.value, arm, to);
}

function castPresent(value: Value, from: DataType, to: DataType): CastResult {
  switch (to.kind) {
    case "string":
      return fits(valueText(value, from));
    case "enum":
      return typeof value === "string" && to.options.includes(value) ? fits(value) : MISFIT;
    case "binary":
      return typeof value === "string" ? fits(utf8Bytes(value)) : MISFIT;
    case "boolean":
      return fits(toBoolean(value));
    case "byte":
    case "short":
    case "int":
    case "long":
      return fits(toInteger(value, to.kind));
    case "float":
      return fits(toFloat(value));
    case "double":
      return fits(toDouble(value));
    case "decimal":
      return fits(toDecimal(value, to));
    case "date":
      return fits(toDate(value));
    case "timestamp":
      return fits(toTimestamp(value, true));
    case "timestampntz":
      return fits(toTimestamp(value, false));
    case "array":
    case "set":
      return castList(value, from, to.element);
    case "map":
      return castMap(value, from, to.value);
    case "struct":
      return from.kind === "struct" ? castStruct(value as Row, from, to) : MISFIT;
    case "choice":
    case "null":
    case "unknown":
      return MISFIT;
    default:
      return assertNever(to);
  }
}

function fits(value: Value): CastResult {
  return value === undefined ? MISFIT : { ok: true, value };
}

function utf8Bytes(text: string): Uint8Array | undefined {
  return text.isWellFormed() ? new TextEncoder().encode(text) : undefined;
}

function toBoolean(value: Value): boolean | undefined {
  if (typeof value === "string") {
    const word = trimControls(value).toLowerCase();
    return ["t", "true", "y", "yes", "1"].includes(word)
      ? true
      : ["f", "false", "n", "no", "0"].includes(word)
        ? false
        : undefined;
  }
  // NaN is not zero
  if (typeof value === "number") return value !== 0;
  if (typeof value === "bigint") return value !== 0n;
  return value instanceof Decimal ? value.unscaled !== 0n : undefined;
}

function toInteger(value: Value, kind: IntegerKind): number | bigint | undefined {
  const whole = toWhole(value);
  return whole === undefined ? undefined : fitInteger(whole, kind);
}

function toWhole(value: Value): bigint | undefined {
  if (typeof value === "string") return parseIntegral(value);
  if (typeof value === "number") return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (value instanceof Decimal) return truncateDecimal(value);
  return value instanceof TimestampValue ? secondsOf(value) : undefined;
}

function toDouble(value: Value): number | undefined {
  if (typeof value === "string") return parseDouble(value);
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return Number(value);
  if (value instanceof Decimal) return value.toNumber();
  return value instanceof TimestampValue ? Number(value.micros) / 1e6 : undefined;
}

function toFloat(value: Value): number | undefined {
  const double = toDouble(value);
  if (double === undefined) return undefined;
  const float = Math.fround(double);
  // a text may name an infinity or lie past the range, as for double; a finite number must stay finite
  return Number.isFinite(double) && !Number.isFinite(float) && typeof value !== "string" ? undefined : float;
}

function toDecimal(value: Value, to: DecimalType): Decimal | undefined {
  if (typeof value === "string") return parseDecimal(value, to);
  if (typeof value === "number") return decimalOfDouble(value, to);
  if (typeof value === "bigint") return fitDecimal(value, 0, to);
  if (typeof value === "boolean") return fitDecimal(value ? 1n : 0n, 0, to);
  if (value instanceof Decimal) return fitDecimal(value.unscaled, value.scale, to);
  return value instanceof TimestampValue ? fitDecimal(value.micros, 6, to) : undefined;
}

function toDate(value: Value): DateValue | undefined {
  if (typeof value === "string") return parseDate(value);
  if (value instanceof DateValue) return value;
  return value instanceof TimestampValue ? dayOf(value) : undefined;
}

function toTimestamp(value: Value, withZone: boolean): TimestampValue | undefined {
  if (typeof value === "string") return parseTimestamp(value, withZone);
  if (value instanceof TimestampValue) return value;
  if (value instanceof DateValue) return startOfDay(value);
  if (typeof value === "bigint") return timestampOf(value * 1_000_000n);
  if (value instanceof Decimal) return timestampOf((value.unscaled * 1_000_000n) / 10n ** BigInt(value.scale));
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  // whole seconds exactly; a fraction through a double product, as Spark does
  if (Number.isSafeInteger(value)) return timestampOf(BigInt(value) * 1_000_000n);
  const micros = Math.trunc(value * 1e6);
  return Number.isFinite(micros) ? timestampOf(BigInt(micros)) : undefined;
}

type Counter = { nulled: number };

function castInside(value: Value, from: DataType, to: DataType, counter: Counter): Value {
  const result = castValue(value, from, to);
  if (!result.ok) {
    counter.nulled++;
    return null;
  }
  counter.nulled += result.nulled ?? 0;
  return result.value;
}

function counted(value: Value, { nulled }: Counter): CastResult {
  return nulled === 0 ? { ok: true, value } : { ok: true, value, nulled };
}

function castList(value: Value, from: DataType, element: DataType): CastResult {
  if (!Array.isArray(value) || (from.kind !== "array" && from.kind !== "set")) return MISFIT;
  const counter = { nulled: 0 };
  return counted(
    value.map((item: Value) => castInside(item, from.element, element, counter)),
    counter,
  );
}

function castMap(value: Value, from: DataType, to: DataType): CastResult {
  if (!(value instanceof Map) || from.kind !== "map") return MISFIT;
  const counter = { nulled: 0 };
  const entries = [...(value as ReadonlyMap<string, Value>)].map(
    ([key, item]) => [key, castInside(item, from.value, to, counter)] as const,
  );
  return counted(new Map(entries), counter);
}

function castStruct(row: Row, from: StructType, to: StructType): CastResult {
  const counter = { nulled: 0 };
  const result: Row = {};
  to.fields.forEach((target, i) => {
    const source = from.fields[i];
    if (source === undefined || !Object.hasOwn(row, source.name)) return;
    setField(result, target.name, castInside(row[source.name], source.type, target.type, counter));
  });
  return counted(result, counter);
}
