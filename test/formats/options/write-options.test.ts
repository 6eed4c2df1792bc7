/**
 * Every format × every writing option: what it does to the files, on both engines. An option without a fixture fails;
 * docs/format-options.md lists them.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { GlueContext, type WriteOptions } from "../../../src/index.js";
import { writeOptions, type WrittenFormat } from "../../../src/formats/write-options.js";
import { knownOptions } from "./known-options.js";
import type { Options } from "./read-fixtures.js";

const ENGINES = ["duckdb", "reference"] as const;
let folder: string;
let outs = 0;
const engines: GlueContext[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-write-options-"));
  for (const engine of ENGINES)
    engines.push(await GlueContext.open({ catalog: join(folder, engine), engine, threads: 1 }));
});
afterAll(async () => {
  for (const glue of engines) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

type Seen = { readonly file: string } | { readonly code: string };
async function write(
  glue: GlueContext,
  rows: readonly object[],
  format: WriteOptions["format"],
  formatOptions: Options,
): Promise<Seen> {
  try {
    const frame = glue.createDynamicFrame.fromRows(rows as Record<string, unknown>[]);
    const {
      files: [only, ...others],
    } = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, `out-${++outs}`) },
      format,
      formatOptions,
    });
    if (only === undefined || others.length > 0) throw new Error("one file was expected");
    return { file: only.path };
  } catch (error) {
    return { code: String((error as { code?: string }).code) };
  }
}

const text = async (seen: Seen): Promise<string> => ("code" in seen ? seen.code : await readFile(seen.file, "utf8"));
const unpacked = async (seen: Seen): Promise<string> =>
  "code" in seen
    ? seen.code
    : seen.file.endsWith(".gz")
      ? gunzipSync(await readFile(seen.file)).toString()
      : "not packed";
/** Of Parquet's own metadata, read by DuckDB. */
const parquet =
  (what: string) =>
  async (seen: Seen): Promise<string> => {
    if ("code" in seen) return seen.code;
    const db = await (await DuckDBInstance.create()).connect();
    try {
      return String((await db.runAndReadAll(`SELECT ${what} FROM parquet_metadata('${seen.file}')`)).getRows()[0]?.[0]);
    } finally {
      db.closeSync();
    }
  };
/** Of Avro's header. */
const avroHeader =
  (pattern: RegExp) =>
  async (seen: Seen): Promise<string> =>
    "code" in seen ? seen.code : (pattern.exec((await readFile(seen.file)).toString("latin1"))?.[0] ?? "nothing");

type WriteFixture = {
  readonly rows: readonly object[];
  readonly base?: Options;
  readonly option: unknown;
  readonly look: (seen: Seen) => Promise<string>;
  readonly without: string;
  readonly with: string;
};
const ROW = [{ a: "x,y", n: 1 }];
/** Some 5 MB. */
const MANY = Array.from({ length: 25_000 }, (_, i) => ({ n: i, text: `number ${i * 7919} `.repeat(12) }));
const DAY = [{ day: new Date(Date.UTC(2024, 1, 29)) }];
const codec = parquet("lower(min(compression))");
const PARQUET: Readonly<Record<string, WriteFixture>> = {
  compression: { rows: ROW, option: "zstd", look: codec, without: "snappy", with: "zstd" },
  blockSize: {
    rows: MANY,
    option: "1048576",
    look: parquet("CASE WHEN count(DISTINCT row_group_id) > 2 THEN 'many' ELSE 'few' END"),
    without: "few",
    with: "many",
  },
  // accepted: pages are the engine's own, and every file has its own schema here
  pageSize: { rows: ROW, option: "65536", look: codec, without: "snappy", with: "snappy" },
  useGlueParquetWriter: { rows: ROW, option: true, look: codec, without: "snappy", with: "snappy" },
};
const FIXTURES: Readonly<Record<string, Readonly<Record<string, WriteFixture>>>> = {
  csv: {
    separator: { rows: ROW, option: ";", look: text, without: 'a,n\n"x,y",1\n', with: "a;n\nx,y;1\n" },
    quoteChar: { rows: ROW, option: "'", look: text, without: 'a,n\n"x,y",1\n', with: "a,n\n'x,y',1\n" },
    // decision 0037: Glue knows it for reading only
    escaper: {
      rows: [{ a: "two\nlines" }],
      option: "\\",
      look: text,
      without: 'a\n"two\nlines"\n',
      with: "a\ntwo\\nlines\n",
    },
    writeHeader: { rows: ROW, option: false, look: text, without: 'a,n\n"x,y",1\n', with: '"x,y",1\n' },
    // accepted: quotes are written only where they are needed
    strictCheckForQuoting: { rows: ROW, option: true, look: text, without: 'a,n\n"x,y",1\n', with: 'a,n\n"x,y",1\n' },
    compression: { rows: ROW, option: "gzip", look: unpacked, without: "not packed", with: 'a,n\n"x,y",1\n' },
  },
  json: {
    compression: { rows: ROW, option: "gzip", look: unpacked, without: "not packed", with: '{"a":"x,y","n":1}\n' },
  },
  parquet: PARQUET,
  glueparquet: PARQUET,
  avro: {
    version: {
      rows: DAY,
      option: "1.8",
      look: avroHeader(/timestamp-micros|"day","type":\["null","string"\]/),
      without: '"day","type":["null","string"]',
      with: "timestamp-micros",
    },
    compression: {
      rows: ROW,
      option: "deflate",
      look: avroHeader(/avro\.codec.(?:null|deflate|snappy)/s),
      without: "avro.codec\u0008null",
      with: "avro.codec\u000edeflate",
    },
    codec: {
      rows: ROW,
      option: "snappy",
      look: avroHeader(/avro\.codec.(?:null|deflate|snappy)/s),
      without: "avro.codec\u0008null",
      with: "avro.codec\u000csnappy",
    },
  },
  // by Spark only
  orc: {
    compression: { rows: ROW, option: "zlib", look: text, without: "UNSUPPORTED_FORMAT", with: "UNSUPPORTED_FORMAT" },
  },
};

test.each(Object.keys(FIXTURES))("%s: every option has a fixture", (format) => {
  const known = knownOptions(() => {
    writeOptions((format === "glueparquet" ? "parquet" : format) as WrittenFormat, { "no such option": 1 });
  });
  expect(Object.keys(FIXTURES[format] ?? {}).sort()).toEqual(known);
});

describe.each(Object.entries(FIXTURES))("%s", (format, options) => {
  test.each(Object.entries(options))("%s", async (name, { rows, base = {}, option, look, ...expected }) => {
    for (const [i, glue] of engines.entries()) {
      // the oracle writes no Parquet
      const none = i === 1 && format.endsWith("parquet");
      const seen = (shown: string): string => (none ? "UNSUPPORTED" : shown);
      const made = async (more: Options): Promise<string> =>
        look(await write(glue, none ? ROW : rows, format as WriteOptions["format"], { ...base, ...more }));
      expect([ENGINES[i], await made({})]).toEqual([ENGINES[i], seen(expected.without)]);
      expect([ENGINES[i], await made({ [name]: option })]).toEqual([ENGINES[i], seen(expected.with)]);
    }
  });
});

test.each(["xml", "grokLog"])("%s is not written", async (format) => {
  for (const glue of engines)
    expect(await write(glue, ROW, format as WriteOptions["format"], {})).toEqual({ code: "UNSUPPORTED_FORMAT" });
});
