/** Types of plain JavaScript values (`value.ts`). */
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  NULL,
  STRING,
  TIMESTAMP,
  UNKNOWN,
  type DataType,
  type Field,
  array,
  decimal,
  field,
  map,
  set,
  struct,
} from "./data-type.js";
import { DynaframeError } from "./error.js";
import { mergeDataTypes } from "./merge.js";
import { type PathStep, elementsStep, fieldStep, printPath } from "./path.js";
import { ArmValue, DateValue, Decimal, TimestampValue } from "./value.js";
import { loneSurrogate } from "./well-formed.js";

/** Values nested deeper are refused, as records of files are. */
export const MAX_VALUE_DEPTH = 500;
const DECIMAL_LIMIT = 10n ** 38n;

/**
 * The exact type of a plain value. Whole numbers (-0 too) are int within 32 bits and long while safe, all others
 * double; bigint is long within 64 bits, else `decimal(38,0)`; `Date` and `TimestampValue` are timestamps; an empty
 * array has elements of unknown type; an `ArmValue` has the type of its value. undefined is missing: unknown here, no
 * field in a struct, null in an array.
 * @throws with the path: VALUE_OUT_OF_RANGE (past 38 digits, invalid Date), UNSUPPORTED_VALUE (functions, symbols,
 * promises, maps with keys that are not strings, …), LONE_SURROGATE (in names too), CYCLIC_VALUE, TOO_DEEP.
 */
export function inferType(value: unknown): DataType {
  return infer(value, { steps: [], ancestors: new Set() });
}

type Visit = { readonly steps: PathStep[]; readonly ancestors: Set<object> };

function infer(value: unknown, visit: Visit): DataType {
  switch (typeof value) {
    case "undefined":
      return UNKNOWN;
    case "boolean":
      return BOOLEAN;
    case "string":
      return stringType(value, visit);
    case "number":
      return numberType(value);
    case "bigint":
      return bigintType(value, visit);
    case "object":
      return value === null ? NULL : inferObject(value, visit);
    case "function":
    case "symbol":
      throw unsupported(visit, `a ${typeof value}`);
  }
}

function stringType(text: string, visit: Visit): DataType {
  if (!text.isWellFormed()) throw loneSurrogate(printPath(visit.steps));
  return STRING;
}

function numberType(value: number): DataType {
  if (!Number.isSafeInteger(value)) return DOUBLE;
  return value === Math.trunc(value) && value >= -2147483648 && value <= 2147483647 ? INT : LONG;
}

function bigintType(value: bigint, visit: Visit): DataType {
  if (BigInt.asIntN(64, value) === value) return LONG;
  if (value > -DECIMAL_LIMIT && value < DECIMAL_LIMIT) return BIGINT;
  throw outOfRange(visit, "an integer of more than 38 digits", "keep it as a string");
}

function inferObject(value: object, visit: Visit): DataType {
  if (value instanceof ArmValue) return infer(value.value, visit);
  if (value instanceof Decimal) return decimalType(value, visit);
  if (value instanceof DateValue) return DATE;
  if (value instanceof TimestampValue) return TIMESTAMP;
  if (value instanceof Uint8Array) return BINARY;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw outOfRange(visit, "an invalid Date", "return null instead");
    return TIMESTAMP;
  }
  return inferContainer(value, visit);
}

function decimalType({ unscaled, scale }: Decimal, visit: Visit): DataType {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).length;
  const precision = Math.max(digits, scale, 1);
  if (!Number.isInteger(scale) || scale < 0 || precision > 38)
    throw outOfRange(visit, `a decimal of ${precision} digits and scale ${scale}`, "a decimal holds at most 38 digits");
  return decimal(precision, scale);
}

function inferContainer(value: object, visit: Visit): DataType {
  if (visit.ancestors.has(value))
    throw new DynaframeError("CYCLIC_VALUE", `the value at ${where(visit)} contains itself`, {
      path: where(visit),
      hint: "return a copy without the reference to what it lies in",
    });
  if (visit.steps.length >= MAX_VALUE_DEPTH) throw tooDeep(where(visit).slice(0, 200));
  visit.ancestors.add(value);
  const type = inferMembers(value, visit);
  visit.ancestors.delete(value);
  return type;
}

function inferMembers(value: object, visit: Visit): DataType {
  if (Array.isArray(value)) return array(inferElements(value, visit));
  if (value instanceof Set) return set(inferElements(value, visit));
  if (value instanceof Map) {
    let type: DataType = UNKNOWN;
    for (const [key, item] of value as Map<unknown, unknown>) {
      if (typeof key !== "string") throw unsupported(visit, "a Map whose keys are not strings");
      type = mergeDataTypes(type, at(fieldStep(key), item, visit));
    }
    return map(type);
  }
  if (Object.prototype.toString.call(value) !== "[object Object]") throw unsupported(visit, describe(value));
  const fields: Field[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (item !== undefined) fields.push(field(name, at(fieldStep(name), item, visit)));
  }
  return struct(fields);
}

function inferElements(items: Iterable<unknown>, visit: Visit): DataType {
  let type: DataType = UNKNOWN;
  for (const item of items) type = mergeDataTypes(type, at(elementsStep(), item ?? null, visit));
  return type;
}

function at(step: PathStep, value: unknown, visit: Visit): DataType {
  visit.steps.push(step);
  if (step.kind === "field" && !step.name.isWellFormed()) throw loneSurrogate(printPath(visit.steps));
  const type = infer(value, visit);
  visit.steps.pop();
  return type;
}

function where(visit: Visit): string {
  return visit.steps.length === 0 ? "the top" : printPath(visit.steps);
}

function describe(value: object): string {
  return `a ${Object.prototype.toString.call(value).slice(8, -1)}`;
}

/** A value with more structs, lists and maps in each other than a record may have. */
export const tooDeep = (path: string): DynaframeError =>
  new DynaframeError("TOO_DEEP", `the value is nested deeper than ${MAX_VALUE_DEPTH} levels`, {
    path,
    hint: "return what lies deeper as a text, or as records of their own",
  });

function unsupported(visit: Visit, found: string): DynaframeError {
  return new DynaframeError("UNSUPPORTED_VALUE", `${where(visit)} holds ${found}, which no type can carry`, {
    path: where(visit),
    found,
    hint: "return plain objects, arrays, Map, numbers, bigint, strings, booleans, null, Date, Uint8Array",
  });
}

function outOfRange(visit: Visit, found: string, hint: string): DynaframeError {
  return new DynaframeError("VALUE_OUT_OF_RANGE", `${where(visit)} holds ${found}`, {
    path: where(visit),
    found,
    hint,
  });
}
