/** The frame type of a PostgreSQL column, and what must be asked of its values first. */
import {
  array,
  BINARY,
  BOOLEAN,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  type DataType,
} from "../../types/data-type.js";
import type { PostgresSession, ResultField } from "./connect.js";

/** An entry of pg_type. */
export type TypeInfo = {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly category: string;
  readonly element: number;
  readonly base: number;
  readonly baseModifier: number;
};

/** What a declaration leaves open. */
export type OpenQuestion = "digits" | "finite" | "instant" | "levels";

export type ColumnPlan = {
  readonly name: string;
  /** As declared, or of the elements of an array. */
  readonly type: DataType;
  readonly array: boolean;
  readonly questions: readonly OpenQuestion[];
};

/** Types by oid, those of elements and domains included. */
export async function loadTypes(
  session: PostgresSession,
  fields: readonly ResultField[],
): Promise<ReadonlyMap<number, TypeInfo>> {
  const known = new Map<number, TypeInfo>();
  let wanted = [...new Set(fields.map((f) => f.typeId))];
  while (wanted.length > 0) {
    const { rows } = await session.run(
      `SELECT oid, typname, typtype, typcategory, CASE WHEN typlen = -1 AND typcategory = 'A' THEN typelem ELSE 0 END, typbasetype, typtypmod FROM pg_catalog.pg_type WHERE oid IN (${wanted.join(", ")})`,
    );
    const found = rows.map(([id, name, kind, category, element, base, modifier]): TypeInfo => ({
      id: Number(id),
      name: name ?? "",
      kind: kind ?? "",
      category: category ?? "",
      element: Number(element),
      base: Number(base),
      baseModifier: Number(modifier),
    }));
    for (const info of found) known.set(info.id, info);
    wanted = [...new Set(found.flatMap((info) => [info.element, info.base]))].filter(
      (id) => id !== 0 && !known.has(id),
    );
  }
  return known;
}

export function planColumn({ name, typeId, modifier }: ResultField, types: ReadonlyMap<number, TypeInfo>): ColumnPlan {
  const info = resolveDomain(types.get(typeId), modifier, types);
  const element = info.type?.element ?? 0;
  if (element === 0) return { name, array: false, ...scalar(info.type?.name, info.modifier) };
  const inner = resolveDomain(types.get(element), info.modifier, types);
  // an array of arrays does not exist; of domains over arrays, its text is kept
  if ((inner.type?.element ?? 0) !== 0) return { name, array: false, type: STRING, questions: [] };
  const plan = scalar(inner.type?.name, inner.modifier);
  return { name, array: true, type: plan.type, questions: ["levels", ...plan.questions] };
}

function resolveDomain(
  type: TypeInfo | undefined,
  modifier: number,
  types: ReadonlyMap<number, TypeInfo>,
): { readonly type: TypeInfo | undefined; readonly modifier: number } {
  if (type?.kind !== "d") return { type, modifier };
  return resolveDomain(types.get(type.base), type.baseModifier, types);
}

type Scalar = Pick<ColumnPlan, "type" | "questions">;
const plain = (type: DataType): Scalar => ({ type, questions: [] });

function scalar(name: string | undefined, modifier: number): Scalar {
  switch (name) {
    case "bool":
      return plain(BOOLEAN);
    case "int2":
      return plain(SHORT);
    case "int4":
      return plain(INT);
    case "int8":
    case "oid":
      return plain(LONG);
    case "float4":
      return plain(FLOAT);
    case "float8":
      return plain(DOUBLE);
    case "numeric":
      return numeric(modifier);
    case "bytea":
      return plain(BINARY);
    case "date":
      return { type: DATE, questions: ["finite"] };
    case "timestamp":
      return { type: TIMESTAMPNTZ, questions: ["instant"] };
    case "timestamptz":
      return { type: TIMESTAMP, questions: ["instant"] };
    // text, varchar, bpchar, uuid, json, jsonb, xml, time, timetz, interval, money, bit, enums, ranges, composites,
    // network and geometric types: their text
    default:
      return plain(STRING);
  }
}

/**
 * The modifier holds precision and scale of `numeric(p, s)`, the scale in 11 bits with a sign (numeric_typmod_in,
 * PostgreSQL 15).
 */
function numeric(modifier: number): Scalar {
  if (modifier < 4) return { type: decimal(38, 0), questions: ["digits"] };
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  // past 38 digits, or with the scale outside of them, the values decide
  return precision > 38 || scale < 0 || scale > precision
    ? { type: decimal(38, 0), questions: ["digits"] }
    : { type: decimal(precision, scale), questions: ["finite"] };
}

/** The type with `levels` of arrays around it. */
export const nested = (type: DataType, levels: number): DataType =>
  levels === 0 ? type : array(nested(type, levels - 1));
