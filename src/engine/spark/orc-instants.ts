import { assertNever, type DataType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { identifier, text } from "./quote.js";

/**
 * A column as ORC can hold it. Its files change instants before 1970 that lie within a millisecond after a whole
 * second, or within the last second, by one second (ORC-763), without a word: such a value fails the write instead.
 */
export function guardedForOrc(sql: string, type: DataType, path: string): string {
  const spoilt = spoiltInstant(sql, type);
  return spoilt === undefined
    ? sql
    : `IF(${spoilt}, raise_error(concat(${text(`CAST_FAILED\u001f${path}\u001fa timestamp of ORC\u001f`)}, 'an instant before 1970')), ${sql})`;
}

/** Whether the value has such an instant in it; undefined where its type has none. */
function spoiltInstant(sql: string, type: DataType, depth = 0): string | undefined {
  const variable = `i${depth}`;
  const within = (list: string, element: DataType): string | undefined => {
    const inner = spoiltInstant(variable, element, depth + 1);
    return inner && `coalesce(exists(${list}, ${variable} -> ${inner}), false)`;
  };
  switch (type.kind) {
    case "timestamp":
    case "timestampntz": {
      const micros = type.kind === "timestamp" ? `unix_micros(${sql})` : `unix_micros(CAST(${sql} AS TIMESTAMP))`;
      return `coalesce(${micros} < 0 AND (${micros} > -1000000 OR pmod(${micros}, 1000000) BETWEEN 1 AND 999), false)`;
    }
    case "array":
    case "set":
      return within(sql, type.element);
    case "map":
      return within(`map_values(${sql})`, type.value);
    case "struct": {
      const names = physicalNames(type);
      return anyOf(type.fields.map((f, i) => spoiltInstant(`${sql}.${identifier(names[i] ?? "")}`, f.type, depth)));
    }
    case "choice":
      return anyOf(type.choices.map((member) => spoiltInstant(`${sql}.${identifier(member.kind)}`, member, depth)));
    case "null":
    case "unknown":
    case "boolean":
    case "byte":
    case "short":
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
    case "string":
    case "enum":
    case "date":
    case "binary":
      return undefined;
    default:
      return assertNever(type);
  }
}

function anyOf(conditions: readonly (string | undefined)[]): string | undefined {
  const some = conditions.filter((condition) => condition !== undefined);
  return some.length === 0 ? undefined : `(${some.join(" OR ")})`;
}
