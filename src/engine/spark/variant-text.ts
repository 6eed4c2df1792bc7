import { identifier, text } from "./quote.js";
import type { DataType } from "./connect/generated/types.js";

/**
 * A value with each VARIANT in it as JSON text, which is what a frame has for them (`unbox` types it exactly);
 * undefined where there is none. Spark has sorted the keys and printed 1.0 as 1 when it made them.
 */
export function variantsAsText(sql: string, type: DataType | undefined, depth = 0): string | undefined {
  const variable = `v${depth}`;
  switch (type?.kind.case) {
    case "variant":
      return `to_json(${sql})`;
    case "array": {
      const element = variantsAsText(variable, type.kind.value.elementType, depth + 1);
      return element && `transform(${sql}, ${variable} -> ${element})`;
    }
    case "map": {
      const value = variantsAsText(variable, type.kind.value.valueType, depth + 1);
      return value && `transform_values(${sql}, (k${depth}, ${variable}) -> ${value})`;
    }
    case "struct": {
      const { fields } = type.kind.value;
      const members = fields.map(({ name, dataType }) => ({
        name,
        value: variantsAsText(`${sql}.${identifier(name)}`, dataType, depth),
      }));
      if (members.every(({ value }) => value === undefined)) return undefined;
      return `IF(${sql} IS NULL, NULL, named_struct(${members.flatMap(({ name, value }) => [text(name), value ?? `${sql}.${identifier(name)}`]).join(", ")}))`;
    }
    default:
      return undefined;
  }
}
