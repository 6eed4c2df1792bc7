/** The value at a path of field names, through structs and the struct arms of choices. Pure. */
import { fieldOf } from "../types/data-type.js";
import { parsePath } from "../types/path.js";
import { arm, field } from "./ir/build.js";
import type { Scalar } from "./ir/scalar.js";

/** Undefined where the type has no such field, and for paths into the elements of a list, which are many values. */
export function readPath(record: Scalar, path: string): Scalar | undefined {
  let value = record;
  for (const step of parsePath(path)) {
    const holder =
      value.type.kind === "choice" && value.type.choices.some((c) => c.kind === "struct")
        ? arm(value, "struct")
        : value;
    if (step.kind === "elements" || holder.type.kind !== "struct" || !fieldOf(holder.type, step.name)) return undefined;
    value = field(holder, step.name);
  }
  return value;
}
