/** `withSchema` of a reader: the frame has that schema, whatever the files hold. */
import type { FormatName } from "../../formats/index.js";
import { caseWhen, coalesce, compare, field, inputOf, literal, nullOf, project } from "../../plan/ir/build.js";
import type { Relation, RelationOf } from "../../plan/ir/relation.js";
import { STRING, fieldOf, struct, type StructType } from "../../types/data-type.js";
import { sameType } from "../../types/same-type.js";
import { withFrameSchema } from "../verbs/with-frame-schema.js";

/** XML and logs hold nothing but texts: their readers put them where the schema says, so that `007` is a string where it wants one. */
export const placesBySchema = (format: FormatName): boolean => format === "xml" || format === "grokLog";

/**
 * The scan's records as exactly `schema`, as `withFrameSchema` makes them: fields it does not name are left out, fields that records lack
 * are null, values are cast by the one cast matrix, and what does not fit is null and counted. A partition column that it does not name
 * stays behind its fields. The empty cell of a CSV file is null where the schema wants no string, and does not count.
 */
export function declareSchema(scan: RelationOf<"scan">, schema: StructType): Relation {
  const partitions = scan.type.fields.filter(({ name }) => scan.partitionKeys.includes(name) && fieldOf(schema, name) === undefined);
  return withFrameSchema.lower([readable(scan, schema)], { schema: struct([...schema.fields, ...partitions]) });
}

/** A field that a record lacks is null also where it has the type already; so is the empty cell of a CSV file where no string is wanted. */
function readable(scan: RelationOf<"scan">, schema: StructType): Relation {
  const input = inputOf(scan);
  return project(scan, scan.type.fields.map(({ name, type }) => {
    const value = field(input, name), wanted = fieldOf(schema, name)?.type;
    if (wanted === undefined) return { name, value };
    const empties = scan.format === "csv" && type.kind === "string" && !["string", "enum", "binary"].includes(wanted.kind);
    if (empties) return { name, value: caseWhen(compare("=", value, literal("", STRING)), nullOf(STRING), value) };
    return { name, value: sameType(type, wanted) ? coalesce([value, nullOf(type)]) : value };
  }));
}
