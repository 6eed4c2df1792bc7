/** The port of a data format of the schema registry: whether a definition is one, and whether a reader's takes what a writer's describes. */
import { DynaframeError } from "../../types/error.js";
import { canonicalJson } from "../canonical-json.js";

/** A definition as parsed; `canonical` is equal for two that say the same in another layout. */
export type SchemaDefinition = { readonly value: unknown; readonly canonical: string };

export type SchemaFormat = {
  /** What is wrong with a definition; undefined when nothing is. */
  readonly problem: (value: unknown) => Promise<string | undefined>;
  /** Why data of `writer` cannot always be read with `reader`; undefined when it can. Both are valid. */
  readonly misfit: (reader: unknown, writer: unknown) => Promise<string | undefined>;
};

/** Levels that a definition may nest; real ones have a few dozen. */
const MAX_DEPTH = 200;

/** Parses the text of a definition. Its problem, as a text, when it is not JSON or nests too deep. */
export function parseDefinition(text: string): SchemaDefinition | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "The schema definition is not valid JSON";
  }
  return isTooDeep(value, MAX_DEPTH) ? `The schema definition nests past ${MAX_DEPTH} levels` : { value, canonical: canonicalJson(value) };
}

/** The format by its name. Its code is loaded when it is first used. @throws UNSUPPORTED_FORMAT for one that cannot be checked. */
export async function schemaFormat(name: string): Promise<SchemaFormat> {
  switch (name) {
    case "AVRO": return (await import("./avro-schema-format.js")).avroSchemaFormat;
    case "JSON": return (await import("./json-schema-format.js")).jsonSchemaFormat;
    default: throw new DynaframeError("UNSUPPORTED_FORMAT", `Schemas of format ${name} cannot be checked`, { name: "OperationNotSupportedException", path: "DataFormat", expected: "AVRO, JSON", found: name });
  }
}

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}
