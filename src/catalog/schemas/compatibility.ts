/** Compatibility modes of the schema registry (AWS Glue developer guide, "Schema versioning and compatibility"). */
import { assertNever } from "../../types/data-type.js";
import type { SchemaFormat } from "./schema-format.js";

export type Compatibility =
  "NONE" | "DISABLED" | "BACKWARD" | "BACKWARD_ALL" | "FORWARD" | "FORWARD_ALL" | "FULL" | "FULL_ALL";

/** A version that a new one is held to. */
export type EarlierVersion = { readonly number: number; readonly value: unknown };

type Direction = "backward" | "forward";

/**
 * Why a new definition may not follow the `earlier` ones (oldest first, from the checkpoint on); undefined when it may.
 * BACKWARD: the new one reads data of the last; FORWARD: the last reads data of the new one; FULL: both; _ALL: held to
 * every earlier one.
 */
export async function incompatibility(
  format: SchemaFormat,
  mode: Compatibility,
  earlier: readonly EarlierVersion[],
  value: unknown,
): Promise<string | undefined> {
  const { directions, all } = rule(mode);
  for (const version of all ? earlier : earlier.slice(-1)) {
    for (const direction of directions) {
      const why =
        direction === "backward"
          ? await format.misfit(value, version.value)
          : await format.misfit(version.value, value);
      if (why !== undefined)
        return `${mode}: ${direction === "backward" ? `the new schema cannot read data of version ${version.number}` : `version ${version.number} cannot read data of the new schema`}: ${why}`;
    }
  }
  return undefined;
}

function rule(mode: Compatibility): { readonly directions: readonly Direction[]; readonly all: boolean } {
  switch (mode) {
    case "NONE":
    case "DISABLED":
      return { directions: [], all: false };
    case "BACKWARD":
      return { directions: ["backward"], all: false };
    case "BACKWARD_ALL":
      return { directions: ["backward"], all: true };
    case "FORWARD":
      return { directions: ["forward"], all: false };
    case "FORWARD_ALL":
      return { directions: ["forward"], all: true };
    case "FULL":
      return { directions: ["backward", "forward"], all: false };
    case "FULL_ALL":
      return { directions: ["backward", "forward"], all: true };
    default:
      return assertNever(mode);
  }
}
