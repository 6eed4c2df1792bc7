import type { DataType } from "../../types/data-type.js";
import { STRING } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { LiteralScalar } from "../../plan/ir/scalar.js";
import type { Value } from "../../types/value.js";
import { castOrUndefined } from "./cast-value.js";

/** The value a literal stands for. INVALID_PLAN when its text is not one of the type. */
export function literalValue(json: LiteralScalar["value"], type: DataType): Value {
  if (json === null || type.kind === "string" || type.kind === "enum" || typeof json === "boolean") return json;
  if (type.kind === "binary") return new Uint8Array(Buffer.from(String(json), "base64"));
  if (typeof json === "number" && type.kind !== "decimal") return json;
  const value = castOrUndefined(String(json), STRING, type);
  if (value === undefined) throw new DynaframeError("INVALID_PLAN", `${json} is no literal of type ${type.kind}`);
  return value;
}
