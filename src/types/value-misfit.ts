import { DynaframeError } from "./error.js";
import { ArmValue, type Value } from "./value.js";

/** VALUE_NOT_OF_TYPE: a row that was to be of a type holds something else. */
export function valueMisfit(value: Value, { kind }: { readonly kind: string }, path: string): DynaframeError {
  const found =
    value instanceof ArmValue
      ? `arm ${value.arm}`
      : value === null || typeof value !== "object"
        ? `${typeof value} ${String(value)}`
        : (value.constructor?.name ?? "object");
  return new DynaframeError("VALUE_NOT_OF_TYPE", `The value at ${path} is not of type ${kind}: ${found}`, {
    path,
    expected: kind,
    found,
  });
}
