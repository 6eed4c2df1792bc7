/**
 * Cells of SQLite have types of their own. What a column's cells are decides its frame type; several kinds make a
 * choice.
 */
import { fitInteger } from "../../types/cast-number.js";
import { parseDate, parseTimestamp } from "../../types/cast-time.js";
import { BINARY, choice, DOUBLE, INT, LONG, NULL, STRING, type DataType } from "../../types/data-type.js";
import { ArmValue, type Value } from "../../types/value.js";
import { exactDecimal } from "../text-number.js";
import type { DeclaredType } from "./declared-type.js";

/** A cell as the driver gives it, integers as bigint. */
export type Cell = null | bigint | number | string | Uint8Array;

/**
 * What the cells of one column are: how many of each kind, bounds of the integers, and how many are none of the
 * declared type.
 */
export type CellCensus = {
  readonly integers: number;
  readonly least: bigint;
  readonly most: bigint;
  readonly reals: number;
  readonly texts: number;
  readonly blobs: number;
  readonly strangers: number;
  /** Texts with U+0000, at which the driver ends them. */
  readonly cutTexts: number;
};

const SAFE = 2n ** 53n;

/** The type that holds each cell exactly. */
export function columnType({ affinity, meant }: DeclaredType, census: CellCensus): DataType {
  const { integers, least, most, reals, texts, blobs, strangers } = census;
  if (meant !== undefined && strangers === 0) return meant;
  if (integers + reals + texts + blobs === 0) return emptyType(affinity);
  // numeric columns turn 1.0 into 1: there the difference is not the data's
  const merged = affinity === "numeric" && integers > 0 && reals > 0 && least >= -SAFE && most <= SAFE;
  const members: DataType[] = [
    ...(integers > 0 && !merged
      ? [
          affinity !== "integer" && fitInteger(least, "int") !== undefined && fitInteger(most, "int") !== undefined
            ? INT
            : LONG,
        ]
      : []),
    ...(reals > 0 ? [DOUBLE] : []),
    ...(texts > 0 ? [STRING] : []),
    ...(blobs > 0 ? [BINARY] : []),
  ];
  const [only = NULL] = members;
  return members.length > 1 ? choice(members) : only;
}

function emptyType(affinity: DeclaredType["affinity"]): DataType {
  switch (affinity) {
    case "integer":
      return LONG;
    case "text":
      return STRING;
    case "blob":
      return BINARY;
    case "real":
    case "numeric":
      return DOUBLE;
    case "none":
      return NULL;
  }
}

/** Whether a cell is one of the type that its column's declaration means. */
export const isOf = (cell: Cell, type: DataType): boolean => meantValue(cell, type) !== undefined;

/** The cell as a value of a column's type. */
export function cellValue(cell: Cell, type: DataType): Value {
  if (cell === null) return null;
  if (type.kind === "choice") {
    const arm = type.choices.find((member) => plainValue(cell, member) !== undefined);
    return arm && new ArmValue(arm.kind, plainValue(cell, arm));
  }
  return plainValue(cell, type) ?? meantValue(cell, type);
}

function plainValue(cell: Cell, type: DataType): Value {
  switch (type.kind) {
    case "int":
      return typeof cell === "bigint" ? Number(cell) : undefined;
    case "long":
      return typeof cell === "bigint" ? fitInteger(cell, "long") : undefined;
    case "double":
      return typeof cell === "number" ? cell : undefined;
    case "string":
      return typeof cell === "string" ? cell : undefined;
    case "binary":
      return cell instanceof Uint8Array ? Uint8Array.prototype.slice.call(cell) : undefined;
    default:
      return undefined;
  }
}

// no more digits than a microsecond, or they would be lost
const INSTANT = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?$/;

function meantValue(cell: Cell, type: DataType): Value {
  switch (type.kind) {
    case "boolean":
      return cell === 1n ? true : cell === 0n ? false : undefined;
    case "byte":
    case "short":
    case "int":
      return typeof cell === "bigint" ? fitInteger(cell, type.kind) : undefined;
    case "float":
      return typeof cell === "number" && Object.is(Math.fround(cell), cell) ? cell : undefined;
    // of a numeric column, which holds its whole numbers as integers
    case "double":
      return typeof cell === "bigint" ? Number(cell) : undefined;
    case "decimal":
      return typeof cell === "string" ? exactDecimal(cell, type) : undefined;
    case "date":
      return typeof cell === "string" && /^-?\d{4,}-\d\d-\d\d$/.test(cell) ? parseDate(cell) : undefined;
    case "timestamp":
      return typeof cell === "string" && INSTANT.test(cell) ? parseTimestamp(cell, true) : undefined;
    case "timestampntz":
      return typeof cell === "string" && INSTANT.test(cell) && !/(?:Z|[+-]\d\d:?\d\d)$/.test(cell.slice(10))
        ? parseTimestamp(cell, false)
        : undefined;
    default:
      return undefined;
  }
}
