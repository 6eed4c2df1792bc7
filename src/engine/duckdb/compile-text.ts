/** Values as Spark's cast to string prints them (`types/cast-text.ts`), in SQL. */
import { assertNever, type ChoiceType, type DataType, type StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { call } from "./macros.js";
import { fieldOf, identifier, text } from "./quote.js";

/** SQL of the text of an SQL value; NULL for null, and for binary that is not UTF-8, wherever it is inside. */
export function textOf(value: string, type: DataType, depth = 1): string {
  switch (type.kind) {
    case "string":
    case "enum":
      return value;
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
      return `CAST(${value} AS VARCHAR)`;
    case "decimal":
      return decimalText(value);
    case "double":
      return call("double_text", value);
    case "float":
      return call("float_text", value);
    case "date":
      return call("date_text", value);
    case "timestamp":
      return call("timestamp_text", `make_timestamp(epoch_us(${value}))`);
    case "timestampntz":
      return call("timestamp_text", value);
    case "binary":
      return `TRY(decode(${value}))`;
    case "array":
    case "set":
      return listText(value, type.element, depth);
    case "map":
      return mapText(value, type.value, depth);
    case "struct":
      return structText(value, type, depth);
    case "choice":
      return choiceText(value, type, depth);
    case "null":
    case "unknown":
      return `CAST(${value} AS VARCHAR)`;
    default:
      return assertNever(type);
  }
}

/** All digits; DuckDB leaves out the zero before the point where the type has no digit there. */
export const decimalText = (value: string): string => `regexp_replace(CAST(${value} AS VARCHAR), '^(-?)\\.', '\\10.')`;

/** `null` for null; a value without a text stays NULL, and so does everything around it. */
const inside = (value: string, type: DataType, depth: number): string =>
  `CASE WHEN ${value} IS NULL THEN 'null' ELSE ${textOf(value, type, depth)} END`;

const variableAt = (depth: number): string => identifier(`~c${depth}`);

function listText(value: string, elementType: DataType, depth: number): string {
  const variable = variableAt(depth);
  return joined(
    "[",
    "]",
    `list_transform(${value}, lambda ${variable}: ${inside(variable, elementType, depth + 1)})`,
    depth,
  );
}

function mapText(value: string, valueType: DataType, depth: number): string {
  const variable = variableAt(depth);
  const item = inside(fieldOf(variable, "value"), valueType, depth + 1);
  return joined(
    "{",
    "}",
    `list_transform(map_entries(${value}), lambda ${variable}: ${fieldOf(variable, "key")} || ' -> ' || ${item})`,
    depth,
  );
}

// array_to_string passes over NULL: a list with an element without text has none either
function joined(open: string, close: string, texts: string, depth: number): string {
  return bound(
    texts,
    depth,
    (t) =>
      `CASE WHEN len(${t}) > list_count(${t}) THEN NULL ELSE ${text(open)} || array_to_string(${t}, ', ') || ${text(close)} END`,
  );
}

/**
 * `body` of a value that is written down once: what is repeated at every level of nesting grows exponentially with its
 * depth.
 */
function bound(value: string, depth: number, body: (variable: string) => string): string {
  const variable = identifier(`~t${depth}`);
  return `list_extract(list_transform([${value}], lambda ${variable}: ${body(variable)}), 1)`;
}

function structText(value: string, type: StructType, depth: number): string {
  const names = physicalNames(type);
  return bound(value, depth, (record) => {
    const parts = type.fields.map((f, i) => inside(fieldOf(record, names[i] ?? ""), f.type, depth + 1));
    const body = parts.length === 0 ? "'{}'" : `'{' || ${parts.join(" || ', ' || ")} || '}'`;
    return `CASE WHEN ${record} IS NULL THEN NULL ELSE ${body} END`;
  });
}

function choiceText(value: string, type: ChoiceType, depth: number): string {
  return `coalesce(${["NULL", ...type.choices.map((arm) => textOf(fieldOf(value, arm.kind), arm, depth))].join(", ")})`;
}
