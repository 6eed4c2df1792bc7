/** Parquet files as something to select from: typed, renamed and with their partition values beside them. */
import type { ScanFile } from "../../plan/ir/relation.js";
import { fieldOf, STRING, type DataType, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { RunOptions } from "../index.js";
import { compileCast } from "./compile-cast.js";
import { identifier, text } from "./quote.js";
import { sparkType, type InstantForm } from "./spark-type.js";
import type { SparkWorkspace } from "./workspace.js";

/** Column with the name of the file a row came from; `~` keeps it apart from columns of data. */
export const FILE_COLUMN = "~file";

/**
 * A query over a view of files. With `instants` the view was given the schema; else the file's own columns are taken by
 * name where they are just those of `type`, else by position: in a foreign file two names may differ in case only.
 */
export async function columnsAs(
  workspace: SparkWorkspace,
  view: string,
  type: StructType,
  instants: InstantForm | undefined,
  withFile: boolean,
  options: RunOptions,
): Promise<string> {
  const names = physicalNames(type);
  const found = instants === undefined ? await columnNames(workspace, view, options) : names;
  const byName = names.every((name) => found.includes(name));
  if (!byName && found.length !== names.length) {
    throw new DynaframeError(
      "READ_FAILED",
      `The file has ${found.length} columns where ${names.length} were expected.`,
      { expected: names.join(", "), found: found.join(", ") },
    );
  }
  const columns = type.fields.map(
    (f, i) =>
      `CAST(${identifier((byName ? names[i] : found[i]) ?? "")} AS ${sparkType(f.type)}) AS ${identifier(names[i] ?? "")}`,
  );
  const file = withFile ? [`substring_index(input_file_name(), '/', -1) AS ${identifier(FILE_COLUMN)}`] : [];
  const selected = columns.length === 0 ? [`CAST(NULL AS INT) AS ${identifier(EMPTY_STRUCT_FIELD)}`] : columns;
  return `SELECT ${[...selected, ...file].join(", ")} FROM ${view}`;
}

async function columnNames(workspace: SparkWorkspace, view: string, options: RunOptions): Promise<readonly string[]> {
  const schema = await workspace.guard(options, "query", () => workspace.client.schema(`SELECT * FROM ${view}`));
  return schema?.kind.case === "struct" ? schema.kind.value.fields.map(({ name }) => name) : [];
}

/**
 * The source with the partition columns appended, typed by `type`: a small table of values by file is joined, which
 * stays quick with thousands of folders.
 */
export function withPartitions(
  source: string,
  own: readonly string[],
  files: readonly { readonly path: string; readonly partition: ScanFile["partition"] }[],
  keys: readonly string[],
  type: StructType,
): string {
  const keyTypes = keys.map((key): DataType => fieldOf(type, key)?.type ?? STRING);
  const keyNames = keys.map((key) => physicalNames(type)[type.fields.findIndex((f) => f.name === key)] ?? key);
  const rows = files.map(
    ({ path, partition }) =>
      `(${[text(path.slice(path.lastIndexOf("/") + 1)), ...keys.map((_, i) => textOrNull(partition?.[i]))].join(", ")})`,
  );
  const typed = keyTypes.map(
    (keyType, i) =>
      `${compileCast(`\`~b\`.${identifier(`~k${i}`)}`, STRING, keyType)} AS ${identifier(keyNames[i] ?? "")}`,
  );
  const values = `(SELECT * FROM VALUES ${rows.join(", ")} AS \`~v\`(\`~f\`, ${keys.map((_, i) => identifier(`~k${i}`)).join(", ")})) AS \`~b\``;
  return `(SELECT ${[...own.map((name) => `\`~a\`.${identifier(name)}`), ...typed].join(", ")} FROM ${source} AS \`~a\` JOIN ${values} ON \`~a\`.${identifier(FILE_COLUMN)} = \`~b\`.\`~f\`)`;
}

const textOrNull = (value: string | null | undefined): string =>
  value === null || value === undefined ? "CAST(NULL AS STRING)" : text(value);
