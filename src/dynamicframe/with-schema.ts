import type { FormatName, FormatOptions } from "../formats/index.js";
import type { DataType, StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { typeFromJson } from "../types/json.js";

/** Glue's type JSON, as an object or as text (`StructType.json()`), or a type of ours. */
function schemaOf(given: unknown): DataType | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === "object" && "kind" in given) return given as DataType;
  try {
    return typeFromJson(typeof given === "string" ? JSON.parse(given) : given);
  } catch (cause) {
    throw new DynaframeError("BAD_OPTION", `withSchema is no type: ${cause instanceof Error ? cause.message : String(cause)}`, { path: "withSchema", expected: "type JSON, such as that of typeToJson(schema)", cause });
  }
}

/** Formats whose values are placed by a schema that the caller gives; the others are typed by what they hold. */
const BY_SCHEMA: readonly FormatName[] = ["xml", "grokLog"];

/**
 * The type of the records that the option `withSchema` asks for: fields it does not name are left out, texts are cast to its types, and what
 * does not fit is null and counted. Undefined when nothing is asked for.
 */
export function requestedType(format: FormatName, options: FormatOptions): StructType | undefined {
  const type = BY_SCHEMA.includes(format) ? schemaOf(options["withSchema"]) : undefined;
  if (type === undefined || type.kind === "struct") return type;
  throw new DynaframeError("BAD_OPTION", `withSchema is a ${type.kind}, but records are structs`, { path: "withSchema", expected: "a struct type", found: type.kind, hint: "Give the type of a whole record." });
}
