/**
 * The functions of push-down predicates, with Spark's meaning; the list in docs/push-down-predicates.md is this table.
 */
import {
  type DataType,
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
  decimal,
} from "../../types/data-type.js";
import { parseTimestamp } from "../../types/cast-time.js";
import { DateValue, Decimal, TimestampValue, type Value } from "../../types/value.js";
import { nearestName } from "../../types/nearest-name.js";
import { compareValues } from "./compare-values.js";
import { datePieces, formatDate, parseDateParts } from "./date-pattern.js";
import { meaningError } from "./predicate-error.js";
import { castTo, commonType, comparisonType, isNumeric, type TypedExpression } from "./typed-expression.js";

type Args = readonly TypedExpression[];
type SqlFunction = {
  readonly min: number;
  readonly max: number;
  build(args: Args, now: () => number): TypedExpression;
};

/** Null when any argument is null. */
function strict(
  result: DataType,
  types: readonly DataType[],
  compute: (values: readonly Value[]) => Value,
): SqlFunction["build"] {
  return (args) => {
    const typed = args.map((arg, i) => castTo(arg, types[Math.min(i, types.length - 1)] ?? STRING));
    return {
      type: result,
      run: (row) => {
        const values = typed.map((t) => t.run(row));
        return values.some((v) => v === null || v === undefined) ? null : compute(values);
      },
    };
  };
}

const one = (build: SqlFunction["build"]): SqlFunction => ({ min: 1, max: 1, build });
const two = (build: SqlFunction["build"]): SqlFunction => ({ min: 2, max: 2, build });
const text = (value: Value | undefined): string => (typeof value === "string" ? value : "");
const whole = (value: Value | undefined): number => Number(value);
const characters = (value: Value | undefined): readonly string[] => [...text(value)];

const onText = (compute: (value: string) => Value, result: DataType = STRING): SqlFunction =>
  one(strict(result, [STRING], ([v]) => compute(text(v))));
const onDate = (part: (date: Date) => number): SqlFunction =>
  one(strict(INT, [DATE], ([v]) => (v instanceof DateValue ? part(v.toDate()) : null)));
const textTest = (test: (value: string, other: string) => boolean): SqlFunction =>
  two(strict(BOOLEAN, [STRING], ([a, b]) => test(text(a), text(b))));
const trimming = (pattern: RegExp): SqlFunction => onText((v) => v.replace(pattern, ""));
const castFunction = (type: DataType): SqlFunction => one(([arg]) => castTo(demand(arg), type));

const substring: SqlFunction = {
  min: 2,
  max: 3,
  build: strict(STRING, [STRING, INT, INT], ([value, start, length]) =>
    slice(characters(value), whole(start), length === undefined ? Infinity : whole(length)),
  ),
};
const length = onText((v) => [...v].length, INT);
const coalesce: SqlFunction = {
  min: 1,
  max: 100,
  build: (args) => {
    const type = commonType(args.map((a) => a.type));
    const typed = args.map((a) => castTo(a, type));
    return {
      type,
      run: (row) => {
        for (const t of typed) {
          const v = t.run(row);
          if (v !== null && v !== undefined) return v;
        }
        return null;
      },
    };
  },
};
const day = onDate((d) => d.getUTCDate());
const currentDate: SqlFunction = {
  min: 0,
  max: 0,
  build: (_, now) => {
    const days = Math.floor(now() / 86_400_000);
    return { type: DATE, run: () => new DateValue(days) };
  },
};
const currentTime: SqlFunction = {
  min: 0,
  max: 0,
  build: (_, now) => {
    const at = new TimestampValue(BigInt(Math.floor(now())) * 1000n);
    return { type: TIMESTAMP, run: () => at };
  },
};
const addDays = (sign: 1 | -1): SqlFunction =>
  two(strict(DATE, [DATE, INT], ([d, n]) => (d instanceof DateValue ? new DateValue(d.days + sign * whole(n)) : null)));

const FUNCTIONS: ReadonlyMap<string, SqlFunction> = new Map<string, SqlFunction>([
  ["upper", onText((v) => v.toUpperCase())],
  ["ucase", onText((v) => v.toUpperCase())],
  ["lower", onText((v) => v.toLowerCase())],
  ["lcase", onText((v) => v.toLowerCase())],
  ["trim", trimming(/^ +| +$/g)],
  ["ltrim", trimming(/^ +/)],
  ["rtrim", trimming(/ +$/)],
  ["concat", { min: 1, max: 1000, build: strict(STRING, [STRING], (values) => values.map(text).join("")) }],
  ["substring", substring],
  ["substr", substring],
  [
    "left",
    two(
      strict(STRING, [STRING, INT], ([v, n]) =>
        characters(v)
          .slice(0, Math.max(0, whole(n)))
          .join(""),
      ),
    ),
  ],
  [
    "right",
    two(strict(STRING, [STRING, INT], ([v, n]) => (whole(n) <= 0 ? "" : characters(v).slice(-whole(n)).join("")))),
  ],
  ["length", length],
  ["char_length", length],
  ["character_length", length],
  ["lpad", padding("start")],
  ["rpad", padding("end")],
  [
    "replace",
    {
      min: 2,
      max: 3,
      build: strict(STRING, [STRING], ([v, from, to]) =>
        text(from) === "" ? text(v) : text(v).replaceAll(text(from), () => text(to)),
      ),
    },
  ],
  ["startswith", textTest((a, b) => a.startsWith(b))],
  ["endswith", textTest((a, b) => a.endsWith(b))],
  ["contains", textTest((a, b) => a.includes(b))],
  ["coalesce", coalesce],
  ["nvl", { ...coalesce, min: 2, max: 2 }],
  ["ifnull", { ...coalesce, min: 2, max: 2 }],
  ["nullif", two(nullIf)],
  ["abs", one(absolute)],
  ["year", onDate((d) => d.getUTCFullYear())],
  ["month", onDate((d) => d.getUTCMonth() + 1)],
  ["quarter", onDate((d) => Math.floor(d.getUTCMonth() / 3) + 1)],
  ["day", day],
  ["dayofmonth", day],
  ["dayofweek", onDate((d) => d.getUTCDay() + 1)],
  ["to_date", { min: 1, max: 2, build: toDate }],
  ["date_format", two(dateFormat)],
  ["date_add", addDays(1)],
  ["date_sub", addDays(-1)],
  [
    "datediff",
    two(strict(INT, [DATE], ([a, b]) => (a instanceof DateValue && b instanceof DateValue ? a.days - b.days : null))),
  ],
  ["current_date", currentDate],
  ["current_timestamp", currentTime],
  ["now", currentTime],
  ["string", castFunction(STRING)],
  ["int", castFunction(INT)],
  ["bigint", castFunction(LONG)],
  ["smallint", castFunction(SHORT)],
  ["tinyint", castFunction(BYTE)],
  ["double", castFunction(DOUBLE)],
  ["float", castFunction(FLOAT)],
  ["boolean", castFunction(BOOLEAN)],
  ["date", castFunction(DATE)],
  ["timestamp", castFunction(TIMESTAMP)],
  ["decimal", castFunction(decimal(10, 0))],
]);

/** Names of the functions, sorted. */
export const PREDICATE_FUNCTIONS: readonly string[] = [...FUNCTIONS.keys()].sort();

/** @throws AnalysisException for an unknown function or a wrong number of arguments. */
export function callFunction(name: string, args: Args, now: () => number): TypedExpression {
  const found = FUNCTIONS.get(name);
  if (found === undefined) {
    const near = nearestName(name, PREDICATE_FUNCTIONS);
    throw meaningError(`The function ${name} is not known in a push-down predicate`, {
      found: name,
      hint: near === undefined ? `use one of ${PREDICATE_FUNCTIONS.join(", ")}` : `did you mean ${near}?`,
    });
  }
  if (args.length < found.min || args.length > found.max) {
    const expected = found.min === found.max ? String(found.min) : `${found.min} to ${found.max}`;
    throw meaningError(`${name} takes ${expected} arguments, not ${args.length}`, {
      expected,
      found: String(args.length),
    });
  }
  return found.build(args, now);
}

function demand(arg: TypedExpression | undefined): TypedExpression {
  if (arg === undefined) throw meaningError("an argument is missing");
  return arg;
}

// positions count from 1, from the end when negative; 0 counts as 1
function slice(value: readonly string[], start: number, length: number): string {
  const from = start > 0 ? start - 1 : start < 0 ? value.length + start : 0;
  const to = from + length;
  return value.slice(Math.max(0, from), Math.max(0, to)).join("");
}

function padding(side: "start" | "end"): SqlFunction {
  return {
    min: 2,
    max: 3,
    build: strict(STRING, [STRING, INT, STRING], ([value, width, filler]) => {
      const [own, fill, size] = [
        characters(value),
        filler === undefined ? [" "] : characters(filler),
        Math.min(Math.max(0, whole(width)), 10_000),
      ];
      if (own.length >= size || fill.length === 0) return own.slice(0, size).join("");
      const pad = Array.from({ length: size - own.length }, (_, i) => fill[i % fill.length]).join("");
      return side === "start" ? pad + own.join("") : own.join("") + pad;
    }),
  };
}

function nullIf(args: Args): TypedExpression {
  const [value, other] = [demand(args[0]), demand(args[1])];
  const type = comparisonType(value.type, other.type);
  const [a, b] = [castTo(value, type), castTo(other, type)];
  return {
    type: value.type,
    run: (row) => {
      const [x, y] = [a.run(row), b.run(row)];
      return x !== null && y !== null && compareValues(x, y) === 0 ? null : value.run(row);
    },
  };
}

function absolute(args: Args): TypedExpression {
  const own = demand(args[0]);
  const value = isNumeric(own.type) ? own : castTo(own, DOUBLE);
  return { type: value.type, run: (row) => magnitude(value.run(row)) };
}

function magnitude(value: Value): Value {
  if (value instanceof Decimal) return value.unscaled < 0n ? new Decimal(-value.unscaled, value.scale) : value;
  if (typeof value === "bigint") return value < 0n ? -value : value;
  return typeof value === "number" ? Math.abs(value) : null;
}

function toDate(args: Args): TypedExpression {
  const [value, format] = [demand(args[0]), args[1]];
  if (format === undefined) return castTo(value, DATE);
  const pieces = datePieces(literalText(format, "to_date"));
  return strict(DATE, [STRING], ([v]) => {
    const parts = parseDateParts(pieces, text(v));
    if (parts === undefined) return null;
    const two = (n: number): string => String(n).padStart(2, "0");
    // parseTimestamp refuses a 31st of April
    const at = parseTimestamp(
      `${String(parts.year).padStart(4, "0")}-${two(parts.month)}-${two(parts.day)} ${two(parts.hour)}:${two(parts.minute)}:${two(parts.second)}`,
      false,
    );
    return at === undefined ? null : new DateValue(Math.floor(at.toDate().getTime() / 86_400_000));
  })([value], Date.now);
}

function dateFormat(args: Args): TypedExpression {
  const pieces = datePieces(literalText(demand(args[1]), "date_format"));
  const value = castTo(demand(args[0]), TIMESTAMP);
  return {
    type: STRING,
    run: (row) => {
      const v = value.run(row);
      return v instanceof TimestampValue ? formatDate(pieces, v.toDate()) : null;
    },
  };
}

function literalText(expression: TypedExpression, name: string): string {
  const value = expression.constant === true ? expression.run([]) : undefined;
  if (typeof value === "string") return value;
  throw meaningError(`The pattern of ${name} must be a text in quotes`);
}
