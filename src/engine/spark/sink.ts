/**
 * Writing a plan's rows as part files, by the executors, into a fresh folder below the target, which is removed when
 * anything fails.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { csvWriteOptions, type CsvWriteOptions } from "../../formats/csv-options.js";
import { addFooterKey } from "../../formats/parquet/add-footer-key.js";
import { SCHEMA_KEY } from "../../formats/parquet/scan-footers.js";
import type { Relation, SinkTarget } from "../../plan/ir/relation.js";
import { EMPTY_STRUCT_FIELD } from "../../types/physical.js";
import type { DataType, StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeToJson } from "../../types/json.js";
import { countRecords } from "../count-records.js";
import { csvHeader, csvLine, requireFlat, type CsvDialect } from "../sql/csv-text.js";
import type { RunOptions, WrittenFile } from "../index.js";
import { requireCompression, sinkLayout, writtenFile, type SinkLayout } from "../sink-layout.js";
import type { SourceOf } from "../sql/scope.js";
import { compileOver, ROW } from "./compile-relation.js";
import { textOf } from "./compile-text.js";
import { base64, objectJson } from "./json-text.js";
import { guardedForOrc } from "./orc-instants.js";
import { identifier, text } from "./quote.js";
import type { SparkWorkspace } from "./workspace.js";

/** Runs the plan into `target.directory`; what is returned is all that is left there by this call. */
export async function writeSink(
  workspace: SparkWorkspace,
  relation: Relation,
  sourceOf: SourceOf,
  target: SinkTarget,
  options: RunOptions,
): Promise<readonly WrittenFile[]> {
  const layout = sinkLayout(relation.type, target);
  const format =
    target.format === "parquet"
      ? parquetOf(layout, target)
      : target.format === "orc"
        ? orcOf(layout, target, workspace, options)
        : textOfFormat(layout, target);
  const directory = join(target.directory, `write-${randomUUID()}`);
  const keys = layout.keys.map(
    ({ from, type, column }) => `nullif(${textOf(`${ROW}.${identifier(from)}`, type)}, '') AS ${identifier(column)}`,
  );
  const query = compileOver(
    relation,
    sourceOf,
    (from) => `SELECT ${[...format.columns, ...keys].join(", ")} FROM ${from} AS ${ROW}`,
  );
  try {
    await mkdir(target.directory, { recursive: true });
    await workspace.save(
      query,
      directory,
      { source: format.source, options: format.options, partitioningColumns: layout.keys.map(({ column }) => column) },
      options,
    );
    const files = await partFiles(directory);
    const written: WrittenFile[] = [];
    for (const file of files) {
      const finished = await format.finish(file);
      if (finished !== undefined)
        written.push(writtenFile(finished.file, finished.rows, directory, target.partitionKeys));
    }
    if (written.length === 0 && layout.keys.length === 0) written.push(...(await format.whenEmpty(directory)));
    return await withoutEmpty(written);
  } catch (error) {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
    throw asWriteFailure(error, target);
  }
}

/** Spark writes a file of the first partition though it has no rows: it says nothing beside one that has some. */
async function withoutEmpty(written: readonly WrittenFile[]): Promise<readonly WrittenFile[]> {
  const full = written.filter(({ rows }) => rows > 0);
  if (full.length === 0) return written;
  for (const { localFile, rows } of written) if (rows === 0) await rm(localFile);
  return full;
}

function asWriteFailure(error: unknown, { directory }: SinkTarget): unknown {
  if (error instanceof DynaframeError || !(error instanceof Error) || !("syscall" in error)) return error;
  return new DynaframeError("code" in error && error.code === "ENOSPC" ? "NO_SPACE" : "WRITE_FAILED", error.message, {
    file: directory,
    cause: error,
    hint: "Nothing was written. Check the target folder and the free space; it must be one that the cluster sees.",
  });
}

type SinkFormat = {
  readonly source: string;
  readonly options: { readonly [name: string]: string };
  readonly columns: readonly string[];
  /** Completes a part file; undefined for one that says nothing and is gone. */
  readonly finish: (file: string) => Promise<{ readonly file: string; readonly rows: number } | undefined>;
  /** Files that say that there are no rows. */
  readonly whenEmpty: (directory: string) => Promise<readonly WrittenFile[]>;
};

function parquetOf({ body, columns }: SinkLayout, target: SinkTarget): SinkFormat {
  const codec = target.compression ?? "snappy";
  requireCompression(codec, ["snappy", "gzip", "zstd", "none"]);
  const { blockSize } = target.options;
  return {
    source: "parquet",
    options: {
      compression: codec,
      ...(typeof blockSize === "number" ? { "parquet.block.size": String(blockSize) } : {}),
    },
    columns: plainColumns(body, columns),
    // Spark writes no keys of others into the footer
    finish: async (file) => ({ file, rows: await addFooterKey(file, SCHEMA_KEY, JSON.stringify(typeToJson(body))) }),
    whenEmpty: async () => [],
  };
}

/** Typed by Spark alone: a choice is a struct of its arms when it is read again. */
function orcOf(
  { body, columns }: SinkLayout,
  target: SinkTarget,
  workspace: SparkWorkspace,
  options: RunOptions,
): SinkFormat {
  const codec = target.compression ?? "snappy";
  requireCompression(codec, ["snappy", "zlib", "zstd", "none"]);
  return {
    source: "orc",
    options: { compression: codec },
    columns:
      body.fields.length === 0
        ? plainColumns(body, columns)
        : columns.map(({ from, to }, i) => {
            const { name = "", type } = body.fields[i] ?? {};
            const value = `${ROW}.${identifier(from)}`;
            return `${type === undefined ? value : guardedForOrc(value, type, name)} AS ${identifier(to)}`;
          }),
    finish: async (file) => ({
      file,
      rows:
        (
          await workspace.numbers(
            `SELECT count(*) AS n FROM orc.${identifier(`file://${encodeURI(file)}`)}`,
            options,
            "write",
          )
        )[0] ?? 0,
    }),
    whenEmpty: async () => [],
  };
}

const plainColumns = (body: StructType, columns: SinkLayout["columns"]): readonly string[] =>
  body.fields.length === 0
    ? [`${ROW}.${identifier(EMPTY_STRUCT_FIELD)}`]
    : columns.map(({ from, to }) => `${ROW}.${identifier(from)} AS ${identifier(to)}`);

const CSV: CsvDialect = Object.freeze({
  text,
  fieldText: (value: string, type: DataType) => (type.kind === "binary" ? base64(value) : textOf(value, type)),
  raise: (prefix: string, found: string) => `raise_error(concat(${text(prefix)}, ${found}))`,
});

function textOfFormat({ body, columns }: SinkLayout, target: SinkTarget): SinkFormat {
  const codec = target.compression ?? "none";
  requireCompression(codec, ["gzip", "none"]);
  const csv = target.format === "csv" ? csvWriteOptions(target.options) : undefined;
  if (csv) requireFlat(body);
  const names = new Map(columns.map(({ from, to }) => [to, from]));
  const fieldSql = (name: string): string => `${ROW}.${identifier(names.get(name) ?? name)}`;
  const header = csv?.writeHeader === true && body.fields.length > 0 ? `${csvHeader(body, csv)}\n` : "";
  const suffix = `.${target.format}${codec === "gzip" ? ".gz" : ""}`;
  return {
    source: "text",
    options: { compression: codec },
    columns: [`${csv ? csvLine(body, csv, CSV, fieldSql) : objectJson(body, fieldSql)} AS ${identifier("line")}`],
    finish: (file) => finishText(file, suffix, header, csv),
    whenEmpty: async (directory) => {
      if (csv === undefined) return [];
      await mkdir(directory, { recursive: true });
      const file = join(directory, `part-${randomUUID()}${suffix}`);
      await writeFile(file, codec === "gzip" ? gzipSync(header) : header);
      return [writtenFile(file, 0, directory, [])];
    },
  };
}

/** A header goes before what the executor wrote: members of gzip may follow one another. */
async function finishText(
  file: string,
  suffix: string,
  header: string,
  csv: CsvWriteOptions | undefined,
): Promise<{ readonly file: string; readonly rows: number } | undefined> {
  const rows = await countRecords(file, csv && { ...csv, writeHeader: false });
  if (rows === 0) {
    await rm(file);
    return undefined;
  }
  const finished = join(file, "..", `part-${randomUUID()}${suffix}`);
  if (header === "") {
    await rename(file, finished);
    return { file: finished, rows };
  }
  await writeFile(finished, suffix.endsWith(".gz") ? gzipSync(header) : header);
  await pipeline(createReadStream(file), createWriteStream(finished, { flags: "a" }));
  await rm(file);
  return { file: finished, rows };
}

/**
 * What the executors wrote, by whatever name; checksums and markers of Hadoop, whose names begin with a dot or an
 * underscore, are removed.
 */
async function partFiles(directory: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (/^[._]/.test(entry.name)) await rm(path);
    else files.push(path);
  }
  return files.sort();
}
