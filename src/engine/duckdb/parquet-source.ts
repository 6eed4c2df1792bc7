/** Parquet files as something to select from: typed, renamed and with their partition values beside them. */
import type { ScanFile } from "../../plan/ir/relation.js";
import { fieldOf, type DataType, type StructType } from "../../types/data-type.js";
import { duckdbType } from "../../types/duckdb.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import { compileCast } from "./compile-cast.js";
import { identifier, structOf, text, texts } from "./quote.js";
import type { Channel } from "./workspace.js";

/** Column with the path a row came from; `~` keeps it apart from columns of data. */
export const FILE_COLUMN = "~file";

/** `read_parquet` over local files, each taken by its exact name. */
export function readParquet(files: readonly string[], withFile: boolean): string {
  // one schema for all files is known before: union_by_name off, and folder names are not columns
  const options = `hive_partitioning = false, union_by_name = false${withFile ? `, filename = ${text(FILE_COLUMN)}` : ""}`;
  return `read_parquet(${texts(files.map(literalPath))}, ${options})`;
}

// a path is a pattern to DuckDB: `*`, `?` and `[` stand for themselves only in brackets
const literalPath = (path: string): string => path.replace(/[*?[]/g, "[$&]");

/**
 * A subquery over files of one schema whose columns are the physical names of `type`, in order, with its exact types.
 * Columns are taken by name where the files have just these, else by position: in a foreign file two names may differ
 * in case only. `kept`: a column beside them that is true for the rows that count.
 */
export async function typedParquet(
  channel: Channel,
  files: readonly string[],
  type: StructType,
  withFile: boolean,
  kept?: string,
): Promise<string> {
  const found = (await channel.run(`DESCRIBE SELECT * FROM ${readParquet(files.slice(0, 1), false)}`)).map(
    ([name, sql]) => ({ name: String(name), sql: String(sql) }),
  );
  const names = physicalNames(type);
  const byName = names.every((name) => found.some((column) => column.name === name));
  if (!byName && found.length !== names.length) {
    throw new DynaframeError(
      "READ_FAILED",
      `The file has ${found.length} columns where ${names.length} were expected.`,
      { ...(files[0] === undefined ? {} : { file: files[0] }) },
    );
  }
  const columns = type.fields.map((f, i) => {
    const column = byName ? found.find(({ name }) => name === names[i]) : found[i];
    return typedColumn(identifier(names[i] ?? ""), column?.sql ?? "", f.type);
  });
  const file = withFile ? [identifier(FILE_COLUMN)] : [];
  const selected = columns.length === 0 ? [`CAST(NULL AS INTEGER) AS ${identifier(EMPTY_STRUCT_FIELD)}`] : columns;
  const alias = byName ? "" : ` AS "~p"(${[...names.map(identifier), ...file].join(", ")})`;
  return `(SELECT ${[...selected, ...file].join(", ")} FROM ${readParquet(files, withFile)}${alias}${kept === undefined ? "" : ` WHERE ${identifier(kept)}`})`;
}

function typedColumn(name: string, found: string, type: DataType): string {
  if (sameTypeText(found, duckdbType(type))) return name;
  // the cast of DuckDB would ask ICU for every value
  const direct = type.kind === "timestamp" && sameTypeText(found, "TIMESTAMP");
  if (direct) return `make_timestamptz(epoch_us(${name})) AS ${name}`;
  // structs are cast by name, and what has no such name becomes null
  const renamed = respelled(type).some((spelled) => !found.includes(identifier(spelled)));
  return `CAST(${renamed ? byPosition(name, type, 0) : name} AS ${duckdbType(type)}) AS ${name}`;
}

/** The physical names inside that are not the fields' own: a foreign file has these fields under other ones. */
function respelled(type: DataType): readonly string[] {
  switch (type.kind) {
    case "struct": {
      const names = physicalNames(type);
      return type.fields.flatMap((f, i) => [...(names[i] === f.name ? [] : [names[i] ?? ""]), ...respelled(f.type)]);
    }
    case "array":
    case "set":
      return respelled(type.element);
    case "map":
      return respelled(type.value);
    case "choice":
      return type.choices.flatMap(respelled);
    default:
      return [];
  }
}

/**
 * The value with its structs' fields under their physical names. A foreign file has no choices, and the fields of its
 * structs in the order of the type.
 */
function byPosition(value: string, type: DataType, depth: number): string {
  if (respelled(type).length === 0) return value;
  const variable = `f${depth}`;
  switch (type.kind) {
    case "struct": {
      const names = physicalNames(type);
      return `CASE WHEN ${value} IS NOT NULL THEN ${structOf(type.fields.map((f, i) => [names[i] ?? "", byPosition(`struct_extract_at(${value}, ${i + 1})`, f.type, depth)]))} END`;
    }
    case "array":
    case "set":
      return `list_transform(${value}, lambda ${variable}: ${byPosition(variable, type.element, depth + 1)})`;
    case "map":
      return `CASE WHEN ${value} IS NOT NULL THEN map(map_keys(${value}), list_transform(map_values(${value}), lambda ${variable}: ${byPosition(variable, type.value, depth + 1)})) END`;
    default:
      return value;
  }
}

const sameTypeText = (found: string, wanted: string): boolean =>
  found.replace(/\s|"/g, "") === wanted.replace(/\s|"/g, "");

/** Rows of one file or group of files, by what their partition values are. */
type PartitionedFile = { readonly path: string; readonly partition: ScanFile["partition"] };

/**
 * The subquery with the partition columns appended, typed by `type`: a small table of values by file is joined, which
 * stays quick with thousands of folders.
 */
export function withPartitions(
  source: string,
  own: readonly string[],
  files: readonly PartitionedFile[],
  keys: readonly string[],
  type: StructType,
): string {
  const keyTypes = keys.map((key): DataType => fieldOf(type, key)?.type ?? { kind: "string" });
  const keyNames = keys.map((key) => physicalNames(type)[type.fields.findIndex((f) => f.name === key)] ?? key);
  const rows = files.map(
    ({ path, partition }) =>
      `(${[
        text(path),
        ...keyTypes.map((_, i) => {
          const value = partition?.[i];
          return value === null || value === undefined ? "NULL" : text(value);
        }),
      ].join(", ")})`,
  );
  const raw = keys.map((_, i) => identifier(`~k${i}`));
  const typed = keyTypes.map(
    (keyType, i) =>
      `CAST(${compileCast(`CAST("~q".${raw[i] ?? ""} AS VARCHAR)`, { kind: "string" }, keyType)} AS ${duckdbType(keyType)}) AS ${identifier(keyNames[i] ?? "")}`,
  );
  const columns = own.map((name) => `"~s".${identifier(name)}`);
  return (
    `(SELECT ${[...columns, ...typed].join(", ")} FROM ${source} AS "~s" `
    + `JOIN (VALUES ${rows.join(", ")}) AS "~q"(${[identifier("~path"), ...raw].join(", ")}) ON "~s".${identifier(FILE_COLUMN)} = "~q"."~path")`
  );
}
