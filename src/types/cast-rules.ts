/** Which casts exist, and which of them can meet a value that does not fit. Decided on types alone. */
import { type DataType, type DecimalType, assertNever } from "./data-type.js";
import { sameType } from "./same-type.js";

const INTEGER_DIGITS = { byte: 3, short: 5, int: 10, long: 19 } as const;
const RANK = { byte: 1, short: 2, int: 3, long: 4 } as const;
/** Digits of the seconds that 64-bit microseconds reach. */
const TIMESTAMP_DIGITS = 13;

const isInteger = (kind: string): kind is keyof typeof RANK => kind in RANK;
const isFloating = (kind: string): boolean => kind === "float" || kind === "double";
const isText = (kind: string): boolean => kind === "string" || kind === "enum";
const isTimestamp = (kind: string): boolean => kind === "timestamp" || kind === "timestampntz";

/** byte, short, int, long, float, double, decimal, boolean. */
function isNumeric(type: DataType): boolean {
  return isInteger(type.kind) || isFloating(type.kind) || type.kind === "decimal" || type.kind === "boolean";
}

/**
 * Whether `castValue` has a rule for the pair. Where it has none, every value but null fails. null and unknown cast to
 * anything; a choice casts where one of its arms does; nothing casts to a choice but the same choice.
 */
export function castExists(from: DataType, to: DataType): boolean {
  if (from.kind === "null" || from.kind === "unknown" || sameType(from, to)) return true;
  if (from.kind === "choice") return from.choices.some((member) => castExists(member, to));
  switch (to.kind) {
    case "string":
      return true;
    case "enum":
      return isText(from.kind);
    case "binary":
      return isText(from.kind) || from.kind === "binary";
    case "boolean":
      return isNumeric(from) || isText(from.kind);
    case "byte":
    case "short":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
      return isNumeric(from) || isText(from.kind) || from.kind === "timestamp";
    case "date":
      return isText(from.kind) || from.kind === "date" || isTimestamp(from.kind);
    case "timestamp":
      return (
        isText(from.kind)
        || from.kind === "date"
        || isTimestamp(from.kind)
        || (from.kind !== "boolean" && isNumeric(from))
      );
    case "timestampntz":
      return isText(from.kind) || from.kind === "date" || isTimestamp(from.kind);
    case "array":
      return (from.kind === "array" || from.kind === "set") && castExists(from.element, to.element);
    case "set":
      return from.kind === "set" && castExists(from.element, to.element);
    case "map":
      return from.kind === "map" && castExists(from.value, to.value);
    case "struct":
      return (
        from.kind === "struct"
        && from.fields.length === to.fields.length
        && to.fields.every((f, i) => {
          const source = from.fields[i];
          return source !== undefined && castExists(source.type, f.type);
        })
      );
    case "choice":
    case "null":
    case "unknown":
      return false;
    default:
      return assertNever(to);
  }
}

/**
 * Whether a value of `from` may exist that is nulled by the cast to `to`, itself or inside. False is a promise: such
 * casts need no counting.
 */
export function castCanFail(from: DataType, to: DataType): boolean {
  if (from.kind === "null" || from.kind === "unknown" || sameType(from, to)) return false;
  if (!castExists(from, to)) return true;
  if (from.kind === "choice") return from.choices.some((member) => castCanFail(member, to));
  switch (to.kind) {
    case "string":
      return holdsBinary(from);
    case "boolean":
      return isText(from.kind);
    case "byte":
    case "short":
    case "int":
    case "long":
      return integerCanFail(from, to.kind);
    case "float":
      return isText(from.kind) || from.kind === "double";
    case "double":
      return isText(from.kind);
    case "decimal":
      return decimalCanFail(from, to);
    case "date":
      return isText(from.kind);
    case "timestamp":
    case "timestampntz":
      return timestampCanFail(from);
    case "array":
    case "set":
      return (from.kind === "array" || from.kind === "set") && castCanFail(from.element, to.element);
    case "map":
      return from.kind === "map" && castCanFail(from.value, to.value);
    case "struct":
      return (
        from.kind === "struct"
        && to.fields.some((f, i) => {
          const source = from.fields[i];
          return source !== undefined && castCanFail(source.type, f.type);
        })
      );
    case "enum":
    case "binary":
    case "choice":
    case "null":
    case "unknown":
      return true;
    default:
      return assertNever(to);
  }
}

function integerCanFail(from: DataType, to: keyof typeof RANK): boolean {
  if (from.kind === "boolean") return false;
  if (from.kind === "decimal") return from.precision - from.scale >= INTEGER_DIGITS[to];
  if (from.kind === "timestamp") return to !== "long";
  return !isInteger(from.kind) || RANK[from.kind] > RANK[to];
}

function decimalCanFail(from: DataType, to: DecimalType): boolean {
  const room = to.precision - to.scale;
  if (from.kind === "boolean") return room < 1;
  if (isInteger(from.kind)) return room < INTEGER_DIGITS[from.kind];
  if (from.kind === "timestamp") return room < TIMESTAMP_DIGITS + (to.scale < 6 ? 1 : 0);
  // rounding may carry into one more digit: 9.96 to one place is 10.0
  if (from.kind === "decimal") return room < from.precision - from.scale + (to.scale < from.scale ? 1 : 0);
  return true;
}

function timestampCanFail(from: DataType): boolean {
  if (isTimestamp(from.kind)) return false;
  if (from.kind === "decimal") return from.precision - from.scale >= TIMESTAMP_DIGITS;
  return !(isInteger(from.kind) && from.kind !== "long");
}

// the one thing without a text is binary that is not UTF-8
function holdsBinary(type: DataType): boolean {
  switch (type.kind) {
    case "binary":
      return true;
    case "array":
    case "set":
      return holdsBinary(type.element);
    case "map":
      return holdsBinary(type.value);
    case "struct":
      return type.fields.some((f) => holdsBinary(f.type));
    case "choice":
      return type.choices.some(holdsBinary);
    default:
      return false;
  }
}
