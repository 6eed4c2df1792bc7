/** What a rule measures, as one SQL expression over the table `self`. */
import type { StructType } from "../../types/data-type.js";
import { quotedName, quotedText } from "../sql-text.js";
import type { Condition, Literal, Rule } from "./dqdl.js";

/** `metric`: its name as Glue's results have it. */
export type Measure = { readonly sql: string; readonly metric: string };
/** Measured without the rows, or not at all. */
export type Known = { readonly value: number; readonly metric: string } | { readonly error: string };

const NUMBERS: ReadonlySet<string> = new Set(["byte", "short", "int", "long", "float", "double", "decimal"]);
const NESTED: ReadonlySet<string> = new Set(["struct", "array", "map", "choice", "set"]);
/** Types of ColumnDataType, as texts are cast to them. */
const CASTS: ReadonlyMap<string, string> = new Map([
  ["BOOLEAN", "boolean"],
  ["DATE", "date"],
  ["TIMESTAMP", "timestamp"],
  ["INTEGER", "integer"],
  ["LONG", "bigint"],
  ["SHORT", "smallint"],
  ["BYTE", "tinyint"],
  ["FLOAT", "real"],
  ["DOUBLE", "double"],
]);

export function measureOf(rule: Rule, { fields }: StructType): Measure | Known {
  const { type, columns: wanted, condition } = rule;
  if (type === "ColumnCount") return { value: fields.length, metric: "Dataset.*.ColumnCount" };
  const columns = wanted.map(
    (name) => fields.find((f) => f.name === name) ?? fields.find((f) => f.name.toLowerCase() === name.toLowerCase()),
  );
  if (type === "ColumnExists")
    return {
      value: columns.every((column) => column !== undefined) ? 1 : 0,
      metric: `Dataset.${wanted.join(",")}.ColumnExists`,
    };
  const [column] = columns;
  const missing = wanted.find((_, i) => columns[i] === undefined);
  if (missing !== undefined) return { error: `The table has no column ${missing}.` };
  const nested = columns.find((each) => each !== undefined && NESTED.has(each.type.kind));
  if (nested !== undefined)
    return { error: `Column ${nested.name} is of type ${nested.type.kind}; rules are of columns with one plain type.` };
  const c = column === undefined ? "" : quotedName(column.name);
  const isNumber = column !== undefined && NUMBERS.has(column.type.kind);
  const of = (sql: string, name: string = type): Measure => ({ sql, metric: `Column.${wanted.join(",")}.${name}` });
  const once = `(select count(*) from (select ${c} from self where ${c} is not null group by ${c} having count(*) = 1))`;
  switch (type) {
    case "RowCount":
      return { sql: "count(*)", metric: "Dataset.*.RowCount" };
    case "Completeness":
    case "IsComplete":
      return of(share(`count(${c})`, "count(*)"), "Completeness");
    case "Uniqueness":
    case "IsUnique":
      return of(share(once, `count(${c})`), "Uniqueness");
    case "UniqueValueRatio":
      return of(share(once, `count(distinct ${c})`));
    case "DistinctValuesCount":
      return of(`count(distinct ${c})`);
    case "IsPrimaryKey": {
      const names = columns.flatMap((each) => (each === undefined ? [] : [quotedName(each.name)]));
      return of(
        `case when count(*) = (select count(*) from (select distinct ${names.join(", ")} from self where ${names.map((name) => `${name} is not null`).join(" and ")})) then 1 else 0 end`,
      );
    }
    case "Mean":
      return isNumber ? of(`avg(${c})`) : noNumber(wanted);
    case "Sum":
      return isNumber ? of(`sum(${c})`) : noNumber(wanted);
    case "StandardDeviation":
      return isNumber ? of(`stddev_pop(${c})`) : noNumber(wanted);
    case "ColumnLength":
      return condition === undefined || column?.type.kind !== "string"
        ? { error: `Column ${wanted.join()} holds no texts.` }
        : of(rowShare(predicate(`length(${c})`, condition, true), condition), "ColumnLength.Compliance");
    case "ColumnValues":
      return values(c, isNumber, wanted, condition, of);
    case "ColumnDataType": {
      const name = condition?.kind === "compare" ? String(condition.value).toUpperCase() : "";
      const cast = CASTS.get(name);
      return cast === undefined
        ? { error: `${name.slice(0, 40)} is no type of ColumnDataType; types are ${[...CASTS.keys()].join(", ")}.` }
        : of(
            share(`count(*) filter (try_cast(${c} as ${cast}) is not null)`, `count(${c})`),
            "ColumnDataType.Compliance",
          );
    }
  }
}

function values(
  c: string,
  isNumber: boolean,
  names: readonly string[],
  condition: Condition | undefined,
  of: (sql: string, name: string) => Measure,
): Measure | Known {
  if (condition === undefined) return { error: "The rule has no condition." };
  const wantsNumber = literalsOf(condition).some((value) => typeof value === "number");
  if (wantsNumber && !isNumber) return noNumber(names);
  return of(
    rowShare(predicate(wantsNumber ? c : `cast(${c} as varchar)`, condition, wantsNumber), condition),
    "ColumnValues.Compliance",
  );
}

const noNumber = (names: readonly string[]): Known => ({ error: `Column ${names.join()} holds no numbers.` });

function literalsOf(condition: Condition): readonly Literal[] {
  switch (condition.kind) {
    case "compare":
      return [condition.value];
    case "between":
      return [condition.low, condition.high];
    case "in":
      return condition.values;
    case "matches":
      return [condition.pattern];
  }
}

/** Of no rows or no values all are as they should be. */
const share = (part: string, whole: string): string =>
  `case when ${whole} = 0 then 1.0 else (${part})::double / (${whole}) end`;

/** Rows without a value fail every condition but those that say what it is not. */
const rowShare = (sql: string, condition: Condition): string =>
  share(`count(*) filter (coalesce(${sql}, ${isNegative(condition) ? "true" : "false"}))`, "count(*)");
const isNegative = (condition: Condition): boolean =>
  condition.kind === "compare" ? condition.op === "!=" : condition.isNot;

function predicate(value: string, condition: Condition, asNumber: boolean): string {
  const literal = (of: Literal): string => (asNumber ? String(Number(of)) : quotedText(String(of)));
  switch (condition.kind) {
    case "compare":
      return `${value} ${condition.op === "!=" ? "<>" : condition.op} ${literal(condition.value)}`;
    case "between":
      return `${condition.isNot ? "not " : ""}(${value} > ${condition.low} and ${value} < ${condition.high})`;
    case "in":
      return `${value} ${condition.isNot ? "not " : ""}in (${condition.values.map(literal).join(", ")})`;
    case "matches":
      return `${condition.isNot ? "not " : ""}regexp_full_match(${asNumber ? `cast(${value} as varchar)` : value}, ${quotedText(condition.pattern)})`;
  }
}
