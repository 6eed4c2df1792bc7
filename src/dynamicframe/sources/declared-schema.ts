/** `withSchema` of a reader: the frame has that schema, whatever the files hold. */
import { caseWhen, compare, field, inputOf, literal, nullOf, project } from "../../plan/ir/build.js";
import type { Relation, RelationOf } from "../../plan/ir/relation.js";
import { STRING, fieldOf, struct, type StructType } from "../../types/data-type.js";
import { withFrameSchema } from "../verbs/with-frame-schema.js";

/**
 * The scan's records as exactly `schema`, as `withFrameSchema` makes them: fields it does not name are left out, fields that records lack
 * are null, values are cast by the one cast matrix, and what does not fit is null and counted. A partition column that it does not name
 * stays behind its fields. The empty cell of a CSV file is null where the schema wants no string, and does not count.
 */
export function declareSchema(scan: RelationOf<"scan">, schema: StructType): Relation {
  const partitions = scan.type.fields.filter(({ name }) => scan.partitionKeys.includes(name) && fieldOf(schema, name) === undefined);
  const input = scan.format === "csv" ? emptyAsNull(scan, schema) : scan;
  return withFrameSchema.lower([input], { schema: struct([...schema.fields, ...partitions]) });
}

function emptyAsNull(scan: RelationOf<"scan">, schema: StructType): Relation {
  const input = inputOf(scan);
  return project(scan, scan.type.fields.map(({ name, type }) => {
    const value = field(input, name), wanted = fieldOf(schema, name)?.type.kind;
    const empties = type.kind === "string" && wanted !== undefined && !["string", "enum", "binary"].includes(wanted);
    return { name, value: empties ? caseWhen(compare("=", value, literal("", STRING)), nullOf(STRING), value) : value };
  }));
}
