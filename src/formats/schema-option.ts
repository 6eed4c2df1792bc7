/** The reader option `withSchema`. */
import type { DataType, StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { typeFromJson } from "../types/json.js";
import type { FormatOptions } from "./index.js";

/**
 * Glue's type JSON, as an object or as text (`StructType.json()`), or a type of ours; undefined when not given.
 * @throws BAD_OPTION.
 */
export function typeOption(options: FormatOptions): DataType | undefined {
  const given = options["withSchema"];
  if (given === undefined || given === null) return undefined;
  if (typeof given === "object" && "kind" in given) return given as DataType;
  try {
    return typeFromJson(typeof given === "string" ? JSON.parse(given) : given);
  } catch (cause) {
    throw new DynaframeError(
      "BAD_OPTION",
      `withSchema is no type: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        path: "withSchema",
        expected: "type JSON, such as that of typeToJson(schema)",
        hint: "Give typeToJson(schema), or its text.",
        cause,
      },
    );
  }
}

/** The same for whole records, which only a struct describes. */
export function schemaOption(options: FormatOptions): StructType | undefined {
  const type = typeOption(options);
  if (type === undefined || type.kind === "struct") return type;
  throw new DynaframeError("BAD_OPTION", `withSchema describes records, so it must be a struct, not ${type.kind}`, {
    path: "withSchema",
    expected: "struct",
    found: type.kind,
    hint: "Name the fields of the records.",
  });
}
