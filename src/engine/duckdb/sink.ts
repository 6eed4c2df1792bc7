/**
 * Writing a plan's rows as part files. Everything goes into a fresh folder below the target, which is removed when
 * anything fails.
 */
import { mkdir, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { orcUnsupported } from "../../formats/orc.js";
import { csvWriteOptions, type CsvWriteOptions } from "../../formats/csv-options.js";
import { packedSuffix, type TextCodec } from "../../formats/pack/text-codec.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import type { Division } from "../../plan/partitions.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeToJson } from "../../types/json.js";
import { countRecords } from "../count-records.js";
import { csvHeader, csvLine, requireFlat, type CsvDialect } from "../sql/csv-text.js";
import type { RunOptions, WrittenFile } from "../index.js";
import { packFile } from "./pack-file.js";
import { requireCompression, sinkLayout, textCodec, writtenFile, type SinkLayout } from "../sink-layout.js";
import { compileOver, ROW } from "./compile-relation.js";
import type { SourceOf } from "../sql/scope.js";
import { textOf } from "./compile-text.js";
import { failure } from "./failure.js";
import { objectJson } from "./json-text.js";
import { negativeZeros } from "./negative-zero.js";
import { identifier, structOf, text } from "./quote.js";
import type { Channel, Workspace } from "./workspace.js";

/**
 * Runs the plan into `target.directory`; what is returned is all that is left there by this call. `made`: its rows are
 * keys and lines of text already.
 */
export async function writeSink(
  workspace: Workspace,
  relation: Relation,
  sourceOf: SourceOf,
  target: SinkTarget,
  division: Division,
  options: RunOptions,
  made = false,
): Promise<readonly WrittenFile[]> {
  const layout = layoutOf(relation.type, target, made);
  const directory = join(target.directory, `write-${randomUUID()}`);
  try {
    await mkdir(directory, { recursive: true });
    return await workspace.use(options, "write", (channel) =>
      copy(channel, layout, directory, (build) => compileOver(relation, sourceOf, build), division, options),
    );
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof DynaframeError ? error : failure(asIoError(error), "write", target.directory);
  }
}

// errors of node's file system read as those of DuckDB
const asIoError = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? new Error(`IO Error: ${error.message}`, { cause: error }) : error;

type Layout = SinkLayout & {
  readonly target: SinkTarget;
  /** Columns of the statement: what is written. */
  readonly written: readonly string[];
  readonly copyOptions: readonly string[];
  readonly extension: string;
  readonly csv: CsvWriteOptions | undefined;
  /** How DuckDB's files are packed afterwards, since it has not this codec. */
  readonly packing: TextCodec | undefined;
};

function layoutOf(type: StructType, target: SinkTarget, made: boolean): Layout {
  if (target.format === "orc") throw orcUnsupported();
  const layout = sinkLayout(type, target);
  return {
    target,
    ...layout,
    ...(target.format === "parquet"
      ? { csv: undefined, packing: undefined, ...parquetLayout(layout, target) }
      : textLayout(layout, target, made)),
  };
}

function parquetLayout(
  { body, columns }: SinkLayout,
  target: SinkTarget,
): Pick<Layout, "written" | "copyOptions" | "extension"> {
  const codec = target.compression ?? "snappy";
  requireCompression(codec, ["snappy", "gzip", "zstd", "none"]);
  const written =
    body.fields.length === 0
      ? [`${ROW}.${identifier("~")}`]
      : columns.map(({ from, to }) => `${ROW}.${identifier(from)} AS ${identifier(to)}`);
  return {
    written,
    extension: "parquet",
    copyOptions: [
      "FORMAT parquet",
      "RETURN_STATS",
      `COMPRESSION ${codec === "none" ? "uncompressed" : codec}`,
      ...(typeof target.options["blockSize"] === "number"
        ? [`ROW_GROUP_SIZE_BYTES ${target.options["blockSize"]}`]
        : []),
      `KV_METADATA ${structOf([["dynaframe.schema", text(JSON.stringify(typeToJson(body)))]])}`,
    ],
  };
}

/**
 * Lines are built in SQL and written as the one column of a CSV without quotes: DuckDB's JSON writer knows neither
 * choices nor odd names.
 */
function textLayout(
  { body, columns }: SinkLayout,
  target: SinkTarget,
  made: boolean,
): Pick<Layout, "written" | "copyOptions" | "extension" | "csv" | "packing"> {
  const codec = textCodec(target);
  const packing = codec === "bzip2" || codec === "snappy" ? codec : undefined;
  const own = packing === undefined ? codec : "none";
  const csv = target.format === "csv" ? csvWriteOptions(target.options) : undefined;
  if (csv) requireFlat(body);
  const names = new Map(columns.map(({ from, to }) => [to, from]));
  const fieldSql = (name: string): string => `${ROW}.${identifier(names.get(name) ?? name)}`;
  const line = made
    ? `${ROW}.${identifier(columns[0]?.from ?? "")}`
    : csv
      ? csvLine(body, csv, CSV, fieldSql)
      : objectJson(body, fieldSql);
  // without columns there is no line of names
  const header = csv?.writeHeader === true && body.fields.length > 0 ? csvHeader(body, csv) : undefined;
  return {
    csv,
    packing,
    written: [`${line} AS ${identifier(header ?? "line")}`],
    extension: `${target.format}${packedSuffix(own)}`,
    copyOptions: [
      "FORMAT csv",
      "RETURN_FILES",
      "QUOTE ''",
      "ESCAPE ''",
      "DELIMITER e'\\x01'",
      `HEADER ${header !== undefined}`,
      `COMPRESSION ${own}`,
    ],
  };
}

const CSV: CsvDialect = Object.freeze({
  text,
  fieldText: (value: string, type: DataType) => (type.kind === "binary" ? `to_base64(${value})` : textOf(value, type)),
  raise: (prefix: string, found: string) => `error(${text(prefix)} || ${found})`,
});

/** The column that says into which file a row goes; a folder of its own until the files are found. */
const PART = "~p";

async function copy(
  channel: Channel,
  layout: Layout,
  directory: string,
  compile: (build: (from: string) => string) => string,
  division: Division,
  options: RunOptions,
): Promise<WrittenFile[]> {
  const { keys, extension } = layout;
  const columns = [
    ...layout.written,
    ...keys.map(
      ({ from, type, column }) => `nullif(${textOf(`${ROW}.${identifier(from)}`, type)}, '') AS ${identifier(column)}`,
    ),
  ];
  const zeros =
    layout.target.format === "parquet"
      ? await negativeZeros(layout.body, (i) => `${ROW}.${identifier(layout.columns[i]?.from ?? "")}`, channel)
      : undefined;
  const where = zeros === undefined ? "" : ` WHERE ${zeros.condition}`;
  const copyOnce = async (
    parts: readonly string[],
    rows: string,
    more: readonly string[] = [],
  ): Promise<readonly unknown[][]> => {
    const select = compile(
      (from) => `SELECT ${[...columns, ...parts].join(", ")} FROM ${from} AS ${ROW}${where}${rows}`,
    );
    const levels = [...keys.map(({ column }) => column), ...(parts.length > 0 ? [PART] : [])].map(identifier);
    const path = levels.length === 0 ? join(directory, `part-${randomUUID()}.${extension}`) : directory;
    const partitioned =
      levels.length === 0
        ? []
        : [
            `PARTITION_BY (${levels.join(", ")})`,
            "FILENAME_PATTERN 'part-{uuid}'",
            `FILE_EXTENSION ${text(extension)}`,
          ];
    return channel.run(
      `COPY (${select}) TO ${text(path)} (${[...layout.copyOptions, ...more, ...partitioned].join(", ")})`,
    );
  };
  const copyTo = async (parts: readonly string[], rows: string): Promise<readonly Counted[]> => {
    let copied = await copyOnce(parts, rows);
    if ((await zeros?.met()) === true) {
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory);
      copied = await copyOnce(parts, rows, ["DICTIONARY_SIZE_LIMIT 0"]);
    }
    return layout.target.format === "parquet"
      ? parquetFiles(copied, channel)
      : packedFiles(await textFiles(copied, layout), layout, options);
  };
  const divided = await copyTo(division.partitions > 1 ? [`${partOf(division)} AS ${identifier(PART)}`] : [], "");
  // no row means no part; without keys a file says so
  const files =
    divided.length > 0 || keys.length > 0 || division.partitions === 1 ? divided : await copyTo([], " LIMIT 0");
  return files.map(({ file, rows: count, given }) => ({
    ...writtenFile(
      file,
      count,
      directory,
      keys.map(({ name }) => name),
    ),
    ...(given === undefined ? {} : { given }),
  }));
}

/** What `partitionAt` gives. */
const partOf = ({ partitions, stretch }: Division): string =>
  stretch === undefined
    ? `(row_number() OVER () - 1) % ${partitions}`
    : `least(${partitions - 1}, (row_number() OVER () - 1) * ${partitions} // ${Math.max(1, stretch)})`;

type Counted = { readonly file: string; readonly rows: number; readonly given?: number };

/** COPY tells the rows that it was given for each file, and the files themselves how many they hold. */
async function parquetFiles(copied: readonly unknown[][], channel: Channel): Promise<readonly Counted[]> {
  if (copied.length === 0) return [];
  const names = copied.map(([file]) => text(String(file)));
  const held = new Map(
    (await channel.run(`SELECT file_name, num_rows FROM parquet_file_metadata([${names.join(", ")}])`)).map(
      ([file, count]) => [String(file), Number(count)],
    ),
  );
  return copied.map(([file, count]) => ({
    file: String(file),
    rows: held.get(String(file)) ?? 0,
    given: Number(count),
  }));
}

/**
 * Text gives one total; several files are read back for their counts. An empty file of JSON is not kept: it says
 * nothing.
 */
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

async function packedFiles(
  files: readonly Counted[],
  { packing }: Layout,
  { signal }: RunOptions,
): Promise<readonly Counted[]> {
  if (packing === undefined) return files;
  const packed: Counted[] = [];
  for (const { file, rows } of files) packed.push({ file: await packFile(file, packing, signal), rows });
  return packed;
}
