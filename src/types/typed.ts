/** Between plain values, as users see them, and values in arms form, as rows carry them (see `value.ts`). */
import {
  type ChoiceType,
  type DataType,
  type DecimalType,
  type StructType,
  type TypeName,
  assertNever,
} from "./data-type.js";
import { fitDecimal, fitInteger, type IntegerKind } from "./cast-number.js";
import { DynaframeError } from "./error.js";
import { inferType } from "./infer.js";
import { type PathStep, elementsStep, fieldStep, printPath } from "./path.js";
import { plainReader } from "./plain-reader.js";
import { typeText } from "./type-text.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value, getField, setField } from "./value.js";
import { loneSurrogate } from "./well-formed.js";

/**
 * A plain value in arms form. Nothing is converted with loss: a whole number fits double, a fraction does not fit int.
 * At a choice the arm is that of `like` (the arms form the plain value came from) as long as the value fits it, so that
 * what a function leaves alone keeps its tag; else the arm of `inferType`; else the first arm that holds the value
 * exactly. null and missing fit every type. Sets come as arrays or sets, maps as Map or objects.
 * @throws VALUE_DOES_NOT_FIT with path, expected, found; LONE_SURROGATE with the path
 */
export function toTyped(value: unknown, type: DataType, like?: Value): Value {
  return place(value, type, like, []);
}

/** The plain value of an arms form; for many values of one type, `plainReader`. */
export const toPlain = (value: Value, type: DataType): unknown => plainReader(type)(value);

function place(value: unknown, type: DataType, like: Value, steps: PathStep[]): Value {
  if (value === null || value === undefined) return value;
  if (type.kind === "choice") return placeChoice(value, type, like, steps);
  const inner = value instanceof ArmValue ? value.value : value;
  const placed = placeKind(inner, type, like instanceof ArmValue ? like.value : like, steps);
  if (placed === undefined) throw misfit(inner, type, steps);
  return placed;
}

function placeKind(value: unknown, type: Exclude<DataType, ChoiceType>, like: Value, steps: PathStep[]): Value {
  switch (type.kind) {
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? unicode(value, steps) : undefined;
    case "enum":
      return typeof value === "string" && type.options.includes(value) ? value : undefined;
    case "binary":
      return value instanceof Uint8Array ? value : undefined;
    case "byte":
    case "short":
    case "int":
    case "long":
      return wholeNumber(value, type.kind);
    case "double":
      return floatingNumber(value);
    case "float":
      return singleNumber(value);
    case "decimal":
      return exactDecimal(value, type);
    case "date":
      return value instanceof DateValue ? value : value instanceof Date ? wholeDay(value) : undefined;
    case "timestamp":
    case "timestampntz":
      return value instanceof TimestampValue ? value : value instanceof Date ? instant(value) : undefined;
    case "array":
    case "set":
      return placeList(value, type.element, like, steps);
    case "map":
      return placeMap(value, type.value, like, steps);
    case "struct":
      return isRecord(value) ? placeStruct(value, type, like, steps) : undefined;
    case "null":
    case "unknown":
      return undefined;
    default:
      return assertNever(type);
  }
}

function unicode(text: string, steps: readonly PathStep[]): string {
  if (!text.isWellFormed()) throw loneSurrogate(printPath(steps));
  return text;
}

function wholeNumber(value: unknown, kind: IntegerKind): number | bigint | undefined {
  if (typeof value === "bigint") return fitInteger(value, kind);
  return typeof value === "number" && Number.isInteger(value) ? fitInteger(BigInt(value), kind) : undefined;
}

function floatingNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "bigint" && BigInt(Number(value)) === value ? Number(value) : undefined;
}

// rounding to 32 bits is what being a float means; turning infinite is not
function singleNumber(value: unknown): number | undefined {
  const double = floatingNumber(value);
  if (double === undefined) return undefined;
  return Number.isFinite(double) === Number.isFinite(Math.fround(double)) ? Math.fround(double) : undefined;
}

function exactDecimal(value: unknown, type: DecimalType): Decimal | undefined {
  const given =
    value instanceof Decimal
      ? value
      : typeof value === "bigint"
        ? new Decimal(value, 0)
        : typeof value === "number"
          ? digitsOf(value)
          : undefined;
  if (given === undefined) return undefined;
  const fitted = fitDecimal(given.unscaled, given.scale, type);
  const common = BigInt(Math.max(given.scale, type.scale));
  const same =
    fitted !== undefined
    && fitted.unscaled * 10n ** (common - BigInt(type.scale))
      === given.unscaled * 10n ** (common - BigInt(given.scale));
  return same ? fitted : undefined;
}

function digitsOf(value: number): Decimal | undefined {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential());
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  const unscaled = BigInt(sign + whole + fraction);
  return scale < 0 ? new Decimal(unscaled * 10n ** BigInt(-scale), 0) : new Decimal(unscaled, scale);
}

function instant(value: Date): TimestampValue | undefined {
  return Number.isNaN(value.getTime()) ? undefined : new TimestampValue(BigInt(value.getTime()) * 1000n);
}

function wholeDay(value: Date): DateValue | undefined {
  const days = value.getTime() / 86_400_000;
  return Number.isInteger(days) ? new DateValue(days) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object"
    && value !== null
    && Object.prototype.toString.call(value) === "[object Object]"
    && !(value instanceof Decimal)
    && !(value instanceof DateValue)
    && !(value instanceof TimestampValue)
  );
}

function placeList(value: unknown, element: DataType, like: Value, steps: PathStep[]): Value {
  const items: readonly unknown[] | undefined = Array.isArray(value)
    ? value
    : value instanceof Set
      ? [...(value as Set<unknown>)]
      : undefined;
  const before: readonly Value[] = Array.isArray(like) ? like : [];
  // a hole or undefined in an array is null, as in JSON
  return (
    items
    && Array.from(items, (item, i) => step(steps, elementsStep(), () => place(item ?? null, element, before[i], steps)))
  );
}

function placeMap(value: unknown, type: DataType, like: Value, steps: PathStep[]): Value {
  const entries =
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : isRecord(value) ? Object.entries(value) : undefined;
  if (entries?.every(([key]) => typeof key === "string") !== true) return undefined;
  const before: ReadonlyMap<string, Value> =
    like instanceof Map ? (like as ReadonlyMap<string, Value>) : new Map<string, Value>();
  return new Map(
    entries.map(([key, item]) => {
      const name = String(key);
      if (!name.isWellFormed()) throw loneSurrogate(printPath([...steps, fieldStep(name)]));
      return [name, step(steps, fieldStep(name), () => place(item ?? null, type, before.get(name), steps))];
    }),
  );
}

function placeStruct(value: Record<string, unknown>, type: StructType, like: Value, steps: PathStep[]): Value {
  const row = {};
  const before = isRecord(like) ? (like as Row) : {};
  for (const f of type.fields) {
    const item = Object.hasOwn(value, f.name) ? value[f.name] : undefined;
    if (item !== undefined)
      setField(
        row,
        f.name,
        step(steps, fieldStep(f.name), () => place(item, f.type, getField(before, f.name), steps)),
      );
  }
  if (Object.keys(value).length > Object.keys(row).length) refuseStrangers(value, row, type, steps);
  return row;
}

function refuseStrangers(value: Record<string, unknown>, row: object, type: StructType, steps: PathStep[]): void {
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined && !Object.hasOwn(row, name))
      step(steps, fieldStep(name), () => {
        throw misfit(item, type, steps, "a field of the struct");
      });
  }
}

function step<T>(steps: PathStep[], next: PathStep, body: () => T): T {
  steps.push(next);
  const result = body();
  steps.pop();
  return result;
}

/** Arms to try for a value of an inferred type that has no arm of its own, the exact and narrow ones first. */
const STAND_INS: { readonly [kind in TypeName]?: readonly TypeName[] } = {
  int: ["long", "short", "byte", "decimal", "double", "float"],
  long: ["decimal", "int", "short", "byte", "double", "float"],
  double: ["decimal", "long", "float"],
  decimal: ["long", "int", "short", "byte", "double", "float"],
  string: ["enum"],
  timestamp: ["timestampntz", "date"],
  array: ["set"],
  set: ["array"],
  struct: ["map"],
  map: ["struct"],
};

function placeChoice(value: unknown, type: ChoiceType, like: Value, steps: PathStep[]): Value {
  if (value instanceof ArmValue) {
    const arm = type.choices.find((member) => member.kind === value.arm);
    if (arm === undefined) throw misfit(value.value, type, steps);
    return new ArmValue(arm.kind, place(value.value, arm, like instanceof ArmValue ? like.value : undefined, steps));
  }
  const kind = kindOf(value);
  const before = like instanceof ArmValue ? like : undefined;
  const wanted = new Set<string>([...(before ? [before.arm] : []), kind, ...(STAND_INS[kind] ?? [])]);
  const candidates = [...wanted].flatMap((name) => type.choices.find((member) => member.kind === name) ?? []);
  const depth = steps.length;
  let failure: DynaframeError | undefined;
  for (const arm of candidates) {
    try {
      return new ArmValue(arm.kind, place(value, arm, before?.arm === arm.kind ? before.value : undefined, steps));
    } catch (error) {
      if (!(error instanceof DynaframeError)) throw error;
      steps.length = depth;
      // the arm of the value's own kind tells best what is wrong
      if (arm.kind === kind) failure = error;
    }
  }
  throw failure ?? misfit(value, type, steps);
}

// without a look at the members, which the arm's type decides about
function kindOf(value: unknown): TypeName {
  if (Array.isArray(value)) return "array";
  if (value instanceof Set) return "set";
  if (value instanceof Map) return "map";
  return isRecord(value) ? "struct" : inferType(value).kind;
}

function misfit(value: unknown, type: DataType, steps: readonly PathStep[], expected = typeText(type)): DynaframeError {
  const path = steps.length === 0 ? "the top" : printPath(steps);
  const found = foundText(value);
  return new DynaframeError("VALUE_DOES_NOT_FIT", `${path} should be ${expected} but is ${found}`, {
    path,
    expected,
    found,
    hint: "return a value of that type, or let the type be inferred",
  });
}

function foundText(value: unknown): string {
  const prints =
    typeof value !== "object"
    || value instanceof Decimal
    || value instanceof DateValue
    || value instanceof TimestampValue;
  const text =
    typeof value === "string"
      ? JSON.stringify(value)
      : prints
        ? String(value)
        : Object.prototype.toString.call(value).slice(8, -1);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
