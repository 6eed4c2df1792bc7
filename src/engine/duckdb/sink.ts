/** Writing a plan's rows as part files. Everything goes into a fresh folder below the target, which is removed when anything fails. */
import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { csvWriteOptions, type CsvWriteOptions } from "../../formats/csv-options.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import { partitionFolder } from "../../storage/hive-path.js";
import { fieldOf, struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeToJson } from "../../types/json.js";
import { physicalNames } from "../../types/physical.js";
import type { RunOptions, WrittenFile } from "../index.js";
import { compileOver, ROW, type SourceOf } from "./compile-relation.js";
import { textOf } from "./compile-text.js";
import { countRecords } from "./count-records.js";
import { csvHeader, csvLine, requireFlat } from "./csv-text.js";
import { failure } from "./failure.js";
import { objectJson } from "./json-text.js";
import { identifier, structOf, text } from "./quote.js";
import type { Channel, Workspace } from "./workspace.js";

/** Runs the plan into `target.directory`; what is returned is all that is left there by this call. */
export async function writeSink(
  workspace: Workspace, relation: Relation, sourceOf: SourceOf, target: SinkTarget, options: RunOptions,
): Promise<readonly WrittenFile[]> {
  const layout = layoutOf(relation.type, target);
  const directory = join(target.directory, `write-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    return await workspace.use(options, "write", (channel) => copy(channel, layout, directory, (build) => compileOver(relation, sourceOf, build)));
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof DynaframeError ? error : failure(asIoError(error), "write", target.directory);
  }
}

// errors of node's file system read as those of DuckDB
const asIoError = (error: unknown): unknown => (error instanceof Error && "code" in error ? new Error(`IO Error: ${error.message}`, { cause: error }) : error);

type Layout = {
  readonly target: SinkTarget;
  /** The record without its partition keys. */
  readonly body: StructType;
  /** Columns of the statement: what is written. */
  readonly columns: readonly string[];
  /** Column with the text of each partition value. */
  readonly keys: readonly { readonly name: string; readonly column: string; readonly sql: string }[];
  readonly copyOptions: readonly string[];
  readonly extension: string;
  readonly csv: CsvWriteOptions | undefined;
};

function layoutOf(type: StructType, target: SinkTarget): Layout {
  const keys = target.partitionKeys.map((name, i) => {
    const column = physicalNames(type)[type.fields.findIndex((f) => f.name === name)];
    const keyType = fieldOf(type, name)?.type;
    if (column === undefined || keyType === undefined) throw new DynaframeError("BAD_OPTION", `There is no field ${name} to partition by.`, { path: name, hint: "Name a top-level field of the frame." });
    if (keyType.kind === "choice") throw new DynaframeError("UNRESOLVED_CHOICE", `Cannot partition by the choice ${name}.`, { path: name, hint: "Resolve it first, for example with resolveChoice." });
    return { name, column: `~k${i}`, sql: `nullif(${textOf(`${ROW}.${identifier(column)}`, keyType)}, '')` };
  });
  const body = struct(type.fields.filter(({ name }) => !target.partitionKeys.includes(name)));
  if (keys.length > 0 && body.fields.length === 0) {
    throw new DynaframeError("BAD_OPTION", "All fields are partition keys: nothing is left to write.", { hint: "Leave at least one field out of partitionKeys." });
  }
  const shared = { target, body, keys };
  if (target.format === "parquet") return { ...shared, csv: undefined, ...parquetLayout(type, body, target) };
  return { ...shared, ...textLayout(type, body, target) };
}

function parquetLayout(type: StructType, body: StructType, target: SinkTarget): Pick<Layout, "columns" | "copyOptions" | "extension"> {
  const codec = target.compression ?? "snappy";
  if (!["snappy", "gzip", "zstd", "none"].includes(codec)) throw badCompression(codec, "snappy, gzip, zstd or none");
  const kept = type.fields.flatMap((f, i) => (target.partitionKeys.includes(f.name) ? [] : [identifier(physicalNames(type)[i] ?? "")]));
  const names = physicalNames(body).map(identifier);
  const columns = kept.length === 0 ? [`${ROW}.${identifier("~")}`] : kept.map((name, i) => `${ROW}.${name} AS ${names[i] ?? name}`);
  return {
    columns, extension: "parquet",
    copyOptions: ["FORMAT parquet", "RETURN_STATS", `COMPRESSION ${codec === "none" ? "uncompressed" : codec}`,
      ...(typeof target.options["blockSize"] === "number" ? [`ROW_GROUP_SIZE_BYTES ${target.options["blockSize"]}`] : []),
      `KV_METADATA ${structOf([["dynaframe.schema", text(JSON.stringify(typeToJson(body)))]])}`],
  };
}

/** Lines are built in SQL and written as the one column of a CSV without quotes: DuckDB's JSON writer knows neither choices nor odd names. */
function textLayout(type: StructType, body: StructType, target: SinkTarget): Pick<Layout, "columns" | "copyOptions" | "extension" | "csv"> {
  const codec = target.compression ?? "none";
  if (!["gzip", "zstd", "none"].includes(codec)) throw badCompression(codec, "gzip, zstd or none");
  const csv = target.format === "csv" ? csvWriteOptions(target.options) : undefined;
  if (csv) requireFlat(body);
  // physical names are given within a struct; those of the record itself hold before the keys are taken out
  const names = new Map(physicalNames(body).map((name, i) => [name, physicalNames(type)[type.fields.findIndex((f) => f.name === body.fields[i]?.name)] ?? name]));
  const fieldSql = (name: string): string => `${ROW}.${identifier(names.get(name) ?? name)}`;
  const line = csv ? csvLine(body, csv, fieldSql) : objectJson(body, fieldSql);
  const header = csv?.writeHeader === true ? csvHeader(body, csv) : undefined;
  return {
    csv, columns: [`${line} AS ${identifier(header ?? "line")}`],
    extension: `${target.format}${codec === "gzip" ? ".gz" : codec === "zstd" ? ".zst" : ""}`,
    copyOptions: ["FORMAT csv", "RETURN_FILES", "QUOTE ''", "ESCAPE ''", "DELIMITER e'\\x01'", `HEADER ${header !== undefined}`, `COMPRESSION ${codec}`],
  };
}

const badCompression = (found: string, expected: string): DynaframeError =>
  new DynaframeError("BAD_OPTION", `Unknown compression ${found}.`, { path: "compression", expected, found, hint: `Use ${expected}.` });

async function copy(channel: Channel, layout: Layout, directory: string, compile: (build: (from: string) => string) => string): Promise<WrittenFile[]> {
  const { keys, extension } = layout;
  const columns = [...layout.columns, ...keys.map(({ sql, column }) => `${sql} AS ${identifier(column)}`)];
  const select = compile((from) => `SELECT ${columns.join(", ")} FROM ${from} AS ${ROW}`);
  const path = keys.length === 0 ? join(directory, `part-${randomUUID()}.${extension}`) : directory;
  const partitioned = keys.length === 0 ? [] : [
    `PARTITION_BY (${keys.map(({ column }) => identifier(column)).join(", ")})`, "FILENAME_PATTERN 'part-{uuid}'", `FILE_EXTENSION ${text(extension)}`,
  ];
  const rows = await channel.run(`COPY (${select}) TO ${text(path)} (${[...layout.copyOptions, ...partitioned].join(", ")})`);
  const files = layout.target.format === "parquet" ? parquetFiles(rows) : await textFiles(rows, layout);
  return files.map(({ file, rows: count }) => writtenFile(file, count, directory, keys.map(({ name }) => name)));
}

type Counted = { readonly file: string; readonly rows: number };

const parquetFiles = (rows: readonly unknown[][]): readonly Counted[] => rows.map(([file, count]) => ({ file: String(file), rows: Number(count) }));

/** Text gives one total; several files are read back for their counts. An empty file of JSON is not kept: it says nothing. */
async function textFiles(rows: readonly unknown[][], { csv }: Layout): Promise<readonly Counted[]> {
  const total = Number(rows[0]?.[0] ?? 0);
  const files = (Array.isArray(rows[0]?.[1]) ? rows[0][1] : []).map(String);
  const [only, ...others] = files;
  if (only === undefined) return [];
  if (others.length === 0) {
    if (total > 0 || csv) return [{ file: only, rows: total }];
    await rm(only, { force: true });
    return [];
  }
  const counted: Counted[] = [];
  for (const file of files) counted.push({ file, rows: await countRecords(file, csv) });
  return counted;
}

function writtenFile(file: string, rows: number, directory: string, keys: readonly string[]): WrittenFile {
  const levels = file.slice(directory.length + 1).split("/").slice(0, -1);
  const partition = levels.map((level) => partitionValue(level.slice(level.indexOf("=") + 1)));
  const folder = keys.map((key, i) => partitionFolder(key, partition[i] ?? null)).join("/");
  return { localFile: file, folder, partition, rows };
}

// DuckDB names the folders by its own escapes, which are those of URLs
const partitionValue = (name: string): string | null => (name === "__HIVE_DEFAULT_PARTITION__" ? null : decodeURIComponent(name));
