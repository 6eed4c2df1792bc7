/** PostgreSQL's texts of values as rows carry them. Undefined: the text is none of the type. */
import type { DataType, StructType } from "../../types/data-type.js";
import { parseDate, parseTimestamp } from "../../types/cast-time.js";
import { DynaframeError } from "../../types/error.js";
import { setField, type Row, type Value } from "../../types/value.js";
import { exactDecimal, shortestFloat, wholeNumber } from "../text-number.js";
import { parseArrayText } from "./array-text.js";
import type { TextRow } from "./connect.js";

type Parse = (text: string) => Value;

/** Rows of `type` out of rows of texts. @throws VALUE_NOT_HELD, naming the column */
export function rowParser(type: StructType): (texts: TextRow) => Row {
  const fields = type.fields.map((f) => ({ name: f.name, parse: parserOf(f.type) }));
  return (texts) => {
    const row = {};
    fields.forEach(({ name, parse }, i) => {
      const text = texts[i];
      setField(row, name, text === null || text === undefined ? null : (parse(text) ?? unreadable(name, text)));
    });
    return row;
  };
}

function parserOf(type: DataType): Parse {
  switch (type.kind) {
    case "boolean":
      return (text) => (text === "t" ? true : text === "f" ? false : undefined);
    case "short":
    case "int":
      return Number;
    case "long":
      return wholeNumber;
    case "float":
      return shortestFloat;
    case "double":
      return Number;
    case "decimal":
      return (text) => exactDecimal(text, type);
    case "binary":
      return (text) => (text.startsWith("\\x") ? new Uint8Array(Buffer.from(text.slice(2), "hex")) : undefined);
    case "date":
      return (text) => parseDate(astronomical(text));
    case "timestamp":
      return (text) => parseTimestamp(astronomical(text), true);
    case "timestampntz":
      return (text) => parseTimestamp(astronomical(text), false);
    case "array": {
      const element = innermost(type);
      const parse = parserOf(element);
      return (text) => parseArrayText(text, (item) => parse(item) ?? unreadable("an array's element", item));
    }
    default:
      return (text) => text;
  }
}

const innermost = (type: DataType): DataType => (type.kind === "array" ? innermost(type.element) : type);

/** `0044-03-15 BC` is the year -43: there is a year 0 in astronomical counting. */
function astronomical(text: string): string {
  if (!text.endsWith(" BC")) return text;
  const [, year = "", rest = ""] = /^(\d+)(.*) BC$/.exec(text) ?? [];
  const before = Number(year) - 1;
  return `${before === 0 ? "" : "-"}${String(before).padStart(4, "0")}${rest}`;
}

function unreadable(column: string, text: string): never {
  throw new DynaframeError(
    "VALUE_NOT_HELD",
    `Column ${column}: ${JSON.stringify(text.slice(0, 60))} cannot be read in the column's type.`,
    { path: column, found: text.slice(0, 60), hint: "Read it as text: select column::text in a query." },
  );
}
