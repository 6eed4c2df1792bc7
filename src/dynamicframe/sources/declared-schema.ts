/** `withSchema` of a reader: the frame has that schema, whatever the files hold. */
import type { FormatName } from "../../formats/index.js";
import { caseWhen, coalesce, compare, field, inputOf, literal, nullOf, project } from "../../plan/ir/build.js";
import type { Relation, RelationOf } from "../../plan/ir/relation.js";
import {
  STRING,
  array,
  choice,
  field as fieldNamed,
  fieldOf,
  struct,
  type DataType,
  type StructType,
} from "../../types/data-type.js";
import { sameType } from "../../types/same-type.js";
import { withFrameSchema } from "../verbs/with-frame-schema.js";

/**
 * XML and logs hold nothing but texts: their readers put them where the schema says, so that `007` is a string where it
 * wants one.
 */
const placesBySchema = (format: FormatName): boolean => format === "xml" || format === "grokLog";

/**
 * As what records of that type are read for the schema: fractions of JSON as they are written where it wants a decimal,
 * whose digits a double would not keep.
 */
export function readForSchema(format: FormatName, found: StructType, schema: StructType): StructType {
  if (placesBySchema(format)) return schema;
  return format === "json" ? (digitsKept(found, schema) as StructType) : found;
}

function digitsKept(found: DataType, wanted: DataType): DataType {
  if (wanted.kind === "decimal" && found.kind === "double") return STRING;
  if (wanted.kind === "decimal" && found.kind === "choice" && found.choices.some(({ kind }) => kind === "double")) {
    const others = found.choices.filter(({ kind }) => kind !== "double" && kind !== "string");
    return others.length === 0 ? STRING : choice([...others, STRING]);
  }
  if (found.kind === "struct" && wanted.kind === "struct") {
    return struct(
      found.fields.map(({ name, type }) => {
        const own = fieldOf(wanted, name)?.type;
        return fieldNamed(name, own === undefined ? type : digitsKept(type, own));
      }),
    );
  }
  return found.kind === "array" && wanted.kind === "array" ? array(digitsKept(found.element, wanted.element)) : found;
}

/**
 * The scan's records as exactly `schema`, as `withFrameSchema` makes them: fields it does not name are left out, fields
 * that records lack are null, values are cast by the one cast matrix, and what does not fit is null and counted. A
 * partition column that it does not name stays behind its fields. The empty cell of a CSV file is null where the schema
 * wants no string, and does not count.
 */
export function declareSchema(scan: RelationOf<"scan">, schema: StructType): Relation {
  const partitions = scan.type.fields.filter(
    ({ name }) => scan.partitionKeys.includes(name) && fieldOf(schema, name) === undefined,
  );
  return withFrameSchema.lower([readable(scan, schema)], { schema: struct([...schema.fields, ...partitions]) });
}

/**
 * A field that a record lacks is null also where it has the type already; so is the empty cell of a CSV file where no
 * string is wanted.
 */
function readable(scan: RelationOf<"scan">, schema: StructType): Relation {
  const input = inputOf(scan);
  return project(
    scan,
    scan.type.fields.map(({ name, type }) => {
      const value = field(input, name);
      const wanted = fieldOf(schema, name)?.type;
      if (wanted === undefined) return { name, value };
      const empties =
        scan.format === "csv" && type.kind === "string" && !["string", "enum", "binary"].includes(wanted.kind);
      if (empties) return { name, value: caseWhen(compare("=", value, literal("", STRING)), nullOf(STRING), value) };
      return { name, value: sameType(type, wanted) ? coalesce([value, nullOf(type)]) : value };
    }),
  );
}
