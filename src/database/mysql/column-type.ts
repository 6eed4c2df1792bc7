/** The frame type of a MySQL or MariaDB column, how its bytes are read, and what must be asked of its values first. */
import { parseDate, parseTimestamp } from "../../types/cast-time.js";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  type DataType,
} from "../../types/data-type.js";
import type { Value } from "../../types/value.js";
import { exactDecimal, shortestFloat, wholeNumber } from "../text-number.js";
import type { ResultField } from "./connect.js";

/** Column types of the protocol (MySQL, field_types.h). */
const T = {
  DECIMAL: 0,
  TINY: 1,
  SHORT: 2,
  LONG: 3,
  FLOAT: 4,
  DOUBLE: 5,
  NULL: 6,
  TIMESTAMP: 7,
  LONGLONG: 8,
  INT24: 9,
  DATE: 10,
  DATETIME: 12,
  YEAR: 13,
  NEWDATE: 14,
  BIT: 16,
  JSON: 245,
  NEWDECIMAL: 246,
  TINY_BLOB: 249,
  MEDIUM_BLOB: 250,
  LONG_BLOB: 251,
  BLOB: 252,
  VAR_STRING: 253,
  STRING: 254,
  VARCHAR: 15,
  GEOMETRY: 255,
  VECTOR: 242,
} as const;
const UNSIGNED = 32;
const BINARY_CHARSET = 63;

/** What a declaration leaves open: `boolean`: only 0 and 1; `digits`: at most 38; `real`: no zero date. */
export type OpenQuestion = "boolean" | "digits" | "real";
export type ColumnPlan = { readonly name: string; readonly type: DataType; readonly question?: OpenQuestion };

export function planColumn({ name, type, length, decimals, flags, characterSet }: ResultField): ColumnPlan {
  const unsigned = (flags & UNSIGNED) !== 0;
  const plain = (plan: DataType): ColumnPlan => ({ name, type: plan });
  switch (type) {
    case T.TINY:
      return length === 1 ? { name, type: BOOLEAN, question: "boolean" } : plain(unsigned ? SHORT : BYTE);
    case T.SHORT:
      return plain(unsigned ? INT : SHORT);
    case T.INT24:
      return plain(INT);
    case T.YEAR:
      return plain(INT);
    case T.LONG:
      return plain(unsigned ? LONG : INT);
    case T.LONGLONG:
      return plain(unsigned ? decimal(20, 0) : LONG);
    case T.FLOAT:
      return plain(FLOAT);
    case T.DOUBLE:
      return plain(DOUBLE);
    case T.DECIMAL:
    case T.NEWDECIMAL: {
      // the length counts the point and the sign
      const precision = Math.max(1, length - (decimals > 0 ? 1 : 0) - (unsigned ? 0 : 1));
      return precision > 38
        ? { name, type: decimal(38, Math.min(38, decimals)), question: "digits" }
        : plain(decimal(precision, decimals));
    }
    case T.BIT:
      return plain(length === 1 ? BOOLEAN : length < 64 ? LONG : decimal(20, 0));
    case T.DATE:
    case T.NEWDATE:
      return { name, type: DATE, question: "real" };
    case T.TIMESTAMP:
      return { name, type: TIMESTAMP, question: "real" };
    case T.DATETIME:
      return { name, type: TIMESTAMPNTZ, question: "real" };
    case T.NULL:
      return plain(NULL);
    case T.JSON:
      return plain(STRING);
    case T.GEOMETRY:
    case T.VECTOR:
      return plain(BINARY);
    case T.TINY_BLOB:
    case T.MEDIUM_BLOB:
    case T.LONG_BLOB:
    case T.BLOB:
    case T.VAR_STRING:
    case T.STRING:
    case T.VARCHAR:
      return plain(characterSet === BINARY_CHARSET ? BINARY : STRING);
    // TIME, ENUM, SET and what is to come: their text
    default:
      return plain(STRING);
  }
}

/** FLOAT is printed with 6 digits only; as a double it is printed exactly. */
export const isFloat = ({ type }: ResultField): boolean => type === T.FLOAT;
export const isBit = ({ type }: ResultField): boolean => type === T.BIT;

/** How the bytes of a cell become a value; undefined when they are none of the type. */
export function cellReader(type: DataType, bit: boolean): (bytes: Buffer) => Value {
  const text = (bytes: Buffer): string => bytes.toString("latin1");
  switch (type.kind) {
    case "boolean":
      return bit ? (bytes) => bytes.at(-1) === 1 : (bytes) => text(bytes) !== "0";
    case "byte":
    case "short":
    case "int":
    case "double":
      return (bytes) => Number(text(bytes));
    case "float":
      return (bytes) => shortestFloat(text(bytes));
    case "long":
      return bit ? (bytes) => wholeNumber(bitNumber(bytes)) : (bytes) => wholeNumber(text(bytes));
    case "decimal":
      return bit ? (bytes) => exactDecimal(bitNumber(bytes), type) : (bytes) => exactDecimal(text(bytes), type);
    case "date":
      return (bytes) => parseDate(text(bytes));
    case "timestamp":
      return (bytes) => parseTimestamp(text(bytes), true);
    case "timestampntz":
      return (bytes) => parseTimestamp(text(bytes), false);
    case "binary":
      return (bytes) => Uint8Array.prototype.slice.call(bytes);
    default:
      return (bytes) => bytes.toString("utf8");
  }
}

const bitNumber = (bytes: Buffer): string =>
  (bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`)).toString();
