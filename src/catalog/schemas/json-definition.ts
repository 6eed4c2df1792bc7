/** Definitions of schemas that are JSON documents: those of AVRO and JSON. */
import { canonicalJson } from "../canonical-json.js";
import type { SchemaDefinition } from "./schema-format.js";

/** Levels that a definition may nest; real ones have a few dozen. */
const MAX_DEPTH = 200;

/** Parses a definition that is JSON. Its problem, as a text, when it is not JSON or nests too deep. */
export function parseJsonDefinition(text: string): SchemaDefinition | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "The schema definition is not valid JSON";
  }
  return isTooDeep(value, MAX_DEPTH)
    ? `The schema definition nests past ${MAX_DEPTH} levels`
    : { value, canonical: canonicalJson(value) };
}

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isTooDeep(member, levels - 1));
}
