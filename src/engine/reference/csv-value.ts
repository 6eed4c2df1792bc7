/** What the text of a CSV cell is worth under a column's type. */
import { STRING, type DataType, type TypeName } from "../../types/data-type.js";
import { ArmValue, type Value } from "../../types/value.js";
import { castOrUndefined } from "./cast-value.js";
import type { Cell } from "./read-csv.js";
import { parseJson } from "./read-json.js";

/**
 * The cell as a value of `type`. With `inferTypes`, and for a column that holds no strings, the text tells its type and
 * an empty cell is null; else it is its text. A choice takes the best arm; what no arm but string holds is a string.
 */
export function csvValue({ text, plain }: Cell, type: DataType, inferTypes: boolean): Value {
  const members = type.kind === "choice" ? type.choices : [type];
  const held = (member: DataType, value: Value): Value =>
    type.kind === "choice" ? new ArmValue(member.kind, value) : value;
  const string = members.find(({ kind }) => kind === "string");
  if (inferTypes || !string) {
    if (text === "") return null;
    for (const kind of plain ? PLACES[textType(text)] : []) {
      const member = members.find((candidate) => candidate.kind === kind);
      const value = member && castOrUndefined(text, STRING, member);
      if (member && value !== undefined) return held(member, value);
    }
  }
  return string ? held(string, text) : null;
}

type TextType = "int" | "long" | "bigint" | "double" | "boolean" | "date" | "timestamp" | "string";

/** The types that may hold a text of each type, the best first. */
const PLACES: Readonly<Record<TextType, readonly TypeName[]>> = Object.freeze({
  int: ["int", "long", "decimal", "double", "float", "short", "byte"],
  long: ["long", "decimal", "double", "float"],
  bigint: ["decimal", "double", "float"],
  double: ["double", "float", "decimal"],
  boolean: ["boolean"],
  date: ["date", "timestamp", "timestampntz"],
  timestamp: ["timestamp", "timestampntz"],
  string: [],
});

/**
 * Numbers as text is cast to double, but for names of infinities and NaN, the suffixes d and f, and whole numbers that
 * start with a zero too many; true and false in any case, real days, and times of such days.
 */
function textType(text: string): TextType {
  const number = text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
  if (/^[+-]?(0|[1-9]\d*)$/.test(number)) {
    const { tag } = parseJson(number.replace("+", ""));
    return tag === "int" || tag === "long" || tag === "bigint" ? tag : "string";
  }
  if (/^[+-]?(\d+\.\d*|\.\d+|\d+(?=e))(e[+-]?\d+)?$/i.test(number))
    return Number.isFinite(Number(number)) ? "double" : "string";
  if (/^(true|false)$/i.test(text)) return "boolean";
  const [, day = "", time = ""] =
    /^(\d{4}-\d\d-\d\d)([ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-8]):[0-5]\d)?)?$/.exec(text)
    ?? [];
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== day) return "string";
  return time === "" ? "date" : /\.\d{6}0*[1-9]/.test(time) ? "string" : "timestamp";
}
