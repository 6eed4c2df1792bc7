/** The cast matrix as the interpreter needs it. */
import { valueText } from "../../types/cast-text.js";
import { castValue } from "../../types/cast.js";
import type { DataType } from "../../types/data-type.js";
import type { Value } from "../../types/value.js";

/** The value in type `to`, or undefined when it does not fit. `value` is not null. */
export function castOrUndefined(value: Value, from: DataType, to: DataType): Value | undefined {
  const result = castValue(value, from, to);
  return result.ok ? result.value : undefined;
}

/** The text that a cast to string gives; "" for bytes that have none. `value` is not null. */
export const textOf = (value: Value, type: DataType): string => valueText(value, type) ?? "";
