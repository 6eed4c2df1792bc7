import type { DataType, StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { typeFromJson } from "../types/json.js";

/** A schema, Glue's JSON form of one, or a function that gives either. */
export type SchemaSource = StructType | object | (() => StructType | object);

const HINT = "Give structOf({ name: STRING }), or the type JSON of a struct.";

/** The schema that is meant. @throws BAD_ARGUMENT for a type that is no struct, and what `typeFromJson` throws */
export function schemaFrom(source: SchemaSource): StructType {
  const given: unknown = typeof source === "function" ? (source as () => StructType | object)() : source;
  if (typeof given !== "object" || given === null) {
    throw new DynaframeError("BAD_ARGUMENT", "A schema is a type, the JSON of one, or a function that gives one.", {
      expected: "a struct",
      found: given === null ? "null" : typeof given,
      hint: HINT,
    });
  }
  const type = "kind" in given ? (given as DataType) : typeFromJson(given);
  if (type.kind === "struct") return type;
  throw new DynaframeError("BAD_ARGUMENT", `The schema of a frame is a struct, not ${type.kind}.`, {
    expected: "struct",
    found: type.kind,
    hint: HINT,
  });
}
