/** The type of a cell's text, by the cast matrix, regular expressions and Date instead of bytes. */
import { castValue } from "../../src/types/cast.js";
import { DOUBLE, STRING } from "../../src/types/data-type.js";

export function typeOfCell(text: string): string {
  if (text === "") return "null";
  if (/^(true|false)$/i.test(text)) return "boolean";
  return numberType(text) ?? timeType(text);
}

/** What casts to a finite double, without Java's suffixes; digits that start with a zero too many are a name. */
function numberType(text: string): string | undefined {
  const cast = castValue(text, STRING, DOUBLE);
  const number = text.replace(/^[\t-\r ]+|[\t-\r ]+$/g, "");
  if (!cast.ok || /[a-df-z\0-\x1f]/i.test(number)) return undefined;
  if (/[.e]/i.test(number)) return Number.isFinite(cast.value) ? "double" : "string";
  if (/^[+-]?0\d/.test(number)) return "string";
  const value = BigInt(number.replace("+", ""));
  if (BigInt.asIntN(32, value) === value) return "int";
  if (BigInt.asIntN(64, value) === value) return "long";
  return number.replace(/[+-]/, "").length <= 38 ? "bigint" : "string";
}

/** A timestamp holds whole microseconds: a finer one is a string, which loses nothing. */
function timeType(text: string): string {
  const day =
    /^(\d{4}-\d\d-\d\d)(?:[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6}0{0,3})?(?:Z|[+-](?:0\d|1[0-8]):[0-5]\d)?)?$/.exec(
      text,
    );
  const real =
    day?.[1] !== undefined && !day[1].endsWith("-00") && new Date(`${day[1]}T00:00:00Z`).toJSON()?.startsWith(day[1]);
  return real ? (text.length === 10 ? "date" : "timestamp") : "string";
}
