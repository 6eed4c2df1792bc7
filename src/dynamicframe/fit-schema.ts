/** Values read with a schema given by the caller: each takes the type that the schema has at its place. */
import { fieldOf, type DataType } from "../types/data-type.js";
import { castValue } from "../types/cast.js";
import { DynaframeError } from "../types/error.js";
import { fieldPath } from "../types/path.js";
import { typeText } from "../types/type-text.js";
import { ArmValue, getField, setField, type Row, type Value } from "../types/value.js";

/**
 * The value, of type `from`, as one of type `to`: structs by field name, fields that `to` does not name left out; atoms
 * by the cast matrix; an empty text is null where no text is wanted.
 * @throws VALUE_DOES_NOT_FIT with the path.
 */
export function fitSchema(value: Value, from: DataType, to: DataType, path: string): Value {
  if (value === null || value === undefined) return value;
  if (value instanceof ArmValue) return fitSchema(value.value, memberOf(from, value.arm), to, path);
  if (to.kind === "choice") {
    const arm = to.choices.find((c) => c.kind === from.kind);
    if (!arm) throw misfit(from, to, path);
    return new ArmValue(arm.kind, fitSchema(value, from, arm, path));
  }
  if (to.kind === "struct" && from.kind === "struct") return fitStruct(value as Row, from, to, path);
  if (to.kind === "map" && from.kind === "struct") {
    return new Map(
      from.fields
        .filter((f) => Object.hasOwn(value as Row, f.name))
        .map((f) => [f.name, fitSchema(getField(value as Row, f.name), f.type, to.value, path)]),
    );
  }
  if ((to.kind === "array" || to.kind === "set") && from.kind === "array") {
    return (value as readonly Value[]).map((item) => fitSchema(item, from.element, to.element, `${path}[]`) ?? null);
  }
  if (value === "" && to.kind !== "string" && to.kind !== "binary" && to.kind !== "enum") return null;
  const cast = castValue(value, from, to);
  if (cast.ok && !cast.nulled) return cast.value;
  throw misfit(from, to, path);
}

function fitStruct(
  value: Row,
  from: Extract<DataType, { kind: "struct" }>,
  to: Extract<DataType, { kind: "struct" }>,
  path: string,
): Row {
  const row: Row = {};
  for (const { name, type } of to.fields) {
    const own = fieldOf(from, name);
    if (own && Object.hasOwn(value, name))
      setField(row, name, fitSchema(value[name], own.type, type, fieldPath(path, name)));
  }
  return row;
}

const memberOf = (type: DataType, arm: string): DataType =>
  (type.kind === "choice" ? type.choices.find((c) => c.kind === arm) : undefined) ?? type;

const misfit = (from: DataType, to: DataType, path: string): DynaframeError =>
  new DynaframeError("VALUE_DOES_NOT_FIT", `${path} holds a ${from.kind} that is no ${typeText(to)}`, {
    path,
    expected: typeText(to),
    found: from.kind,
    hint: "Change withSchema, or leave it out.",
  });
