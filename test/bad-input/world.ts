/** A folder with data, a context on a fresh catalog, and the two ways to read: by path, and crawled and by catalog. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance, type DuckDBResultReader } from "@duckdb/node-api";
import {
  DynaframeError,
  GlueContext,
  type CrawlReport,
  type DynamicFrame,
  type FromOptionsOptions,
  type WriteReport,
} from "../../src/index.js";

export type World = {
  readonly glue: GlueContext;
  /** Everything of this world lies below it. */
  readonly root: string;
  /** Writes `data/<name>` (or another folder's file) and gives its path. */
  write(name: string, content: string | Uint8Array): string;
  at(...parts: string[]): string;
  close(): Promise<void>;
};

export async function openWorld(): Promise<World> {
  const root = mkdtempSync(join(tmpdir(), "dynaframe-bad-"));
  const glue = await GlueContext.open({ catalog: join(root, "catalog"), threads: 2, onWarning: () => undefined });
  const at = (...parts: string[]): string => join(root, ...parts);
  return {
    glue,
    root,
    at,
    write: (name, content) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content);
      return at(name);
    },
    close: async () => {
      await glue.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export type Read = {
  readonly way: "fromOptions" | "fromCatalog";
  readonly frame: DynamicFrame;
  readonly crawl?: CrawlReport;
};
type Format = Pick<FromOptionsOptions, "format" | "formatOptions">;

/** The folder by path, and crawled (it must become one table) and by catalog. */
export async function bothWays(
  { glue }: World,
  folder: string,
  database: string,
  format: Format = { format: "json" },
): Promise<readonly Read[]> {
  const direct = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [folder] },
    ...format,
  });
  const crawl = await glue.crawl({ database, includes: [folder] });
  const tables = crawl.tables.map(({ name }) => name);
  if (tables.length !== 1)
    throw new Error(
      `the crawl of ${folder} made ${tables.length} tables: ${tables.join(", ")} ${JSON.stringify(crawl.problems)} ${JSON.stringify(crawl.skipped)}`,
    );
  const crawled = glue.createDynamicFrame.fromCatalog({ database, tableName: tables[0] ?? "" });
  return [
    { way: "fromOptions", frame: direct },
    { way: "fromCatalog", frame: crawled, crawl },
  ];
}

export type Account = {
  readonly report: WriteReport;
  /** What DuckDB reads from the written Parquet, as JSON values: 64-bit integers and decimals as text. */ readonly rows: readonly Row[];
};
export type Row = { readonly [column: string]: unknown };

/**
 * Writes the frame to Parquet in a new folder, checks that the account adds up, and reads it back without dynaframe.
 */
export async function written(world: World, frame: DynamicFrame): Promise<Account> {
  const path = world.at(`out-${process.hrtime.bigint()}`);
  const report = await world.glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path },
    format: "parquet",
  });
  expect(report.read).toBe(report.written + report.errors + report.filtered);
  expect(report.balanced).toBe(true);
  return { report, rows: await parquetRows(path) };
}

/** Rows of all Parquet files below the folder, read by DuckDB alone, in the order of their values as text. */
export async function parquetRows(folder: string): Promise<readonly Row[]> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  if (files.length === 0) return [];
  expect(files.every((f) => f.name.endsWith(".parquet") && !f.name.startsWith("."))).toBe(true);
  const names = files.map((f) => `'${join(f.parentPath, f.name).replaceAll("'", "''")}'`).join(",");
  return duckdb(`from read_parquet([${names}], union_by_name = true, hive_partitioning = false)`);
}

/** Rows of a query as JSON values: 64-bit integers and decimals as text. */
export const duckdb = (sql: string): Promise<readonly Row[]> => query(sql, (reader) => reader.getRowsJson());

/** The same as JavaScript values, for flat rows without decimals: an integer that is safe as a number is one. */
export const duckdbValues = (sql: string): Promise<readonly Row[]> =>
  query(sql, (reader) =>
    reader
      .getRowsJS()
      .map((row) => row.map((v) => (typeof v === "bigint" && Number.isSafeInteger(Number(v)) ? Number(v) : v))),
  );

async function query(
  sql: string,
  read: (reader: DuckDBResultReader) => readonly (readonly unknown[])[],
): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    const names = reader.columnNames();
    // entries, since a column may be called __proto__
    return sorted(read(reader).map((row) => Object.fromEntries(row.map((value, i) => [names[i] ?? "", value]))));
  } finally {
    connection.disconnectSync();
    instance.closeSync();
  }
}

const sorted = <T>(rows: readonly T[]): readonly T[] =>
  rows
    .map((row) => ({ row, text: text(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row);

/** Values as JSON text with sorted keys; big numbers and decimals exactly. */
export function text(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(text).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if ("toJSON" in value) return JSON.stringify(value);
  return `{${Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${text(v)}`)
    .join(",")}}`;
}

/** The same with null and missing alike: files and engines have one null for both. */
export const lean = (value: unknown): string => text(withoutNulls(value));
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([k, v]) => [k, withoutNulls(v)]),
  );
}

/** The error of a call that must fail with one of ours: a stable code and what to do next. */
export async function refused(call: () => Promise<unknown>): Promise<DynaframeError> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    if (!(error instanceof DynaframeError)) throw error;
    expect(error.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
    expect(error.hint ?? "").not.toBe("");
    return error;
  }
  throw new Error(`nothing was refused: ${text(value)}`);
}

/** Codes of the malformed records that a crawl's table keeps. */
export const malformedCodes = (crawl: CrawlReport | undefined): readonly string[] =>
  crawl?.tables.flatMap((t) => t.contents.malformedRecords.map(({ code }) => code)) ?? [];
export const hazards = (crawl: CrawlReport | undefined): Record<string, number> =>
  Object.fromEntries(
    Object.entries(crawl?.tables[0]?.contents.hazards ?? {}).map(([name, { count }]) => [name, count]),
  );
