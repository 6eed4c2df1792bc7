/**
 * -0 in what is written as Parquet. The dictionary of DuckDB's writer holds equal values once, so that of 0 and -0 in a
 * column one sign is lost; only a file without dictionaries keeps both (docs/decisions/0216). Whether there is a -0 the
 * statement that writes tells itself.
 */
import type { DataType, StructType } from "../../types/data-type.js";
import { physicalNames } from "../../types/physical.js";
import { identifier, text } from "./quote.js";
import type { Channel } from "./workspace.js";

export type NegativeZeros = {
  /** True for every row; notes those with a -0. */
  readonly condition: string;
  /** Whether a statement with the condition met one. */
  readonly met: () => Promise<boolean>;
};

/**
 * Temporary, so that each connection has its own: taking the next value is what an expression can do to be remembered.
 */
const MET = "df_negative_zeros";

/** Undefined where no value of the type can hold one. `columnSql`: the column of a field, by its place. */
export async function negativeZeros(
  type: StructType,
  columnSql: (index: number) => string,
  channel: Channel,
): Promise<NegativeZeros | undefined> {
  const holds = anyOf(type.fields.map((f, i) => holdsOne(columnSql(i), f.type, 0)));
  if (holds === undefined) return undefined;
  await channel.run(`CREATE OR REPLACE TEMP SEQUENCE ${identifier(MET)}`);
  return {
    condition: `CASE WHEN ${holds} THEN nextval(${text(MET)}) > 0 ELSE true END`,
    met: async () =>
      Number(
        (
          await channel.run(
            `SELECT count(last_value) FROM duckdb_sequences() WHERE temporary AND sequence_name = ${text(MET)}`,
          )
        )[0]?.[0] ?? 0,
      ) > 0,
  };
}

function holdsOne(value: string, type: DataType, depth: number): string | undefined {
  switch (type.kind) {
    case "double":
    case "float":
      return `(${value} = 0 AND signbit(${value}))`;
    case "struct": {
      const names = physicalNames(type);
      return anyOf(
        type.fields.map((f, i) => holdsOne(`struct_extract(${value}, ${text(names[i] ?? "")})`, f.type, depth)),
      );
    }
    case "choice":
      return anyOf(type.choices.map((arm) => holdsOne(`struct_extract(${value}, ${text(arm.kind)})`, arm, depth)));
    case "array":
    case "set":
      return anyElement(value, type.element, depth);
    case "map":
      return anyElement(`map_values(${value})`, type.value, depth);
    default:
      return undefined;
  }
}

function anyElement(list: string, type: DataType, depth: number): string | undefined {
  const element = `z${depth}`;
  const holds = holdsOne(element, type, depth + 1);
  return holds && `coalesce(len(list_filter(${list}, lambda ${element}: ${holds})) > 0, false)`;
}

function anyOf(conditions: readonly (string | undefined)[]): string | undefined {
  const held = conditions.filter((condition) => condition !== undefined);
  return held.length === 0 ? undefined : `(${held.join(" OR ")})`;
}
