/**
 * What each reading option does, on a small file: the records without it and with it. Formats and options as Glue names
 * them (docs/sources.md#formats).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DOUBLE, INT, STRING, structOf } from "../../../src/index.js";

export type Options = Readonly<Record<string, unknown>>;
/** Records, and how many are malformed where some are; or the code of the error. */
export type Expected = { readonly records: readonly unknown[]; readonly errors?: number } | { readonly code: string };
export type ReadFixture = {
  readonly bytes: string | Uint8Array;
  readonly base?: Options;
  readonly option: unknown;
  readonly without: Expected;
  readonly with: Expected;
};

const same = (records: readonly unknown[]): { readonly without: Expected; readonly with: Expected } => ({
  without: { records },
  with: { records },
});
/** One record of pyarrow's: see make.py beside it. */
const PARQUET = readFileSync(join(__dirname, "../parquet/files/v1.parquet"));
/**
 * An Avro file of one record, by hand (Avro 1.11, "Object Container Files"): 19,782 days after 1970 are the 29th of
 * February 2024.
 */
const AVRO = avroFile(
  { type: "record", name: "r", fields: [{ name: "day", type: { type: "int", logicalType: "date" } }] },
  long(19_782),
);
const LINE = "a;b\n";
const LOG = "%{WORD:w} %{INT:n:int}";

export const READ_FIXTURES: Readonly<Record<string, Readonly<Record<string, ReadFixture>>>> = {
  csv: {
    separator: {
      bytes: LINE,
      option: ";",
      without: { records: [{ col0: "a;b" }] },
      with: { records: [{ col0: "a", col1: "b" }] },
    },
    escaper: {
      bytes: "a\\,b\n",
      option: "\\",
      without: { records: [{ col0: "a\\", col1: "b" }] },
      with: { records: [{ col0: "a,b" }] },
    },
    quoteChar: {
      bytes: '"a,b"\n',
      option: -1,
      without: { records: [{ col0: "a,b" }] },
      with: { records: [{ col0: '"a', col1: 'b"' }] },
    },
    multiLine: {
      bytes: '1,"a\nb"\n2,c\n',
      option: true,
      without: { records: [{ col0: 'b"' }, { col0: "2", col1: "c" }], errors: 1 },
      with: {
        records: [
          { col0: "1", col1: "a\nb" },
          { col0: "2", col1: "c" },
        ],
      },
    },
    withHeader: {
      bytes: "k,v\n1,2\n",
      option: true,
      without: {
        records: [
          { col0: "k", col1: "v" },
          { col0: "1", col1: "2" },
        ],
      },
      with: { records: [{ k: "1", v: "2" }] },
    },
    skipFirst: {
      bytes: "k,v\n1,2\n",
      option: true,
      without: {
        records: [
          { col0: "k", col1: "v" },
          { col0: "1", col1: "2" },
        ],
      },
      with: { records: [{ col0: "1", col1: "2" }] },
    },
    withSchema: {
      bytes: "1,2.5\n",
      option: structOf({ n: INT, d: DOUBLE }),
      without: { records: [{ col0: "1", col1: "2.5" }] },
      with: { records: [{ n: 1, d: 2.5 }] },
    },
    encoding: {
      bytes: Buffer.from("é\n", "latin1"),
      option: "ISO-8859-1",
      without: { records: [], errors: 1 },
      with: { records: [{ col0: "é" }] },
    },
    // ours
    columns: {
      bytes: "1,2\n",
      option: ["k", "v"],
      without: { records: [{ col0: "1", col1: "2" }] },
      with: { records: [{ k: "1", v: "2" }] },
    },
    inferTypes: {
      bytes: "1,x\n",
      option: true,
      without: { records: [{ col0: "1", col1: "x" }] },
      with: { records: [{ col0: 1, col1: "x" }] },
    },
    // accepted: they change how fast Glue reads, or belong to writers
    optimizePerformance: { bytes: LINE, option: true, ...same([{ col0: "a;b" }]) },
    strictCheckForQuoting: { bytes: '"a",b\n', option: true, ...same([{ col0: "a", col1: "b" }]) },
    writeHeader: { bytes: LINE, option: false, ...same([{ col0: "a;b" }]) },
    textTypes: { bytes: "2024-01-01\n", option: true, ...same([{ col0: "2024-01-01" }]) },
  },
  json: {
    jsonPath: {
      bytes: '{"all":[{"x":1},{"x":2}]}\n',
      option: "$.all[*]",
      without: { records: [{ all: [{ x: 1 }, { x: 2 }] }] },
      with: { records: [{ x: 1 }, { x: 2 }] },
    },
    multiLine: {
      bytes: '{"a":1}\n{"a":2}\n{\n"a":3}\n',
      option: true,
      without: { records: [{ a: 1 }, { a: 2 }], errors: 2 },
      with: { records: [{ a: 1 }, { a: 2 }, { a: 3 }] },
    },
    withSchema: {
      bytes: '{"a":"1","b":2}\n',
      option: structOf({ a: INT }),
      without: { records: [{ a: "1", b: 2 }] },
      with: { records: [{ a: 1 }] },
    },
    encoding: {
      bytes: Buffer.from('{"a":"é"}\n', "latin1"),
      option: "ISO-8859-1",
      without: { records: [], errors: 1 },
      with: { records: [{ a: "é" }] },
    },
    optimizePerformance: { bytes: '{"a":1}\n', option: true, ...same([{ a: 1 }]) },
    textTypes: { bytes: '{"a":"1"}\n', option: true, ...same([{ a: "1" }]) },
  },
  xml: {
    rowTag: {
      bytes: "<t><r><a>1</a></r></t>",
      option: "r",
      without: { code: "BAD_OPTION" },
      with: { records: [{ a: 1 }] },
    },
    encoding: {
      bytes: Buffer.from("<t><r><a>é</a></r></t>", "latin1"),
      base: { rowTag: "r" },
      option: "ISO-8859-1",
      without: { records: [], errors: 1 },
      with: { records: [{ a: "é" }] },
    },
    excludeAttribute: {
      bytes: '<t><r k="1"><a>x</a></r></t>',
      base: { rowTag: "r" },
      option: true,
      without: { records: [{ _k: 1, a: "x" }] },
      with: { records: [{ a: "x" }] },
    },
    treatEmptyValuesAsNulls: {
      bytes: "<t><r><a> </a></r></t>",
      base: { rowTag: "r" },
      option: true,
      without: { records: [{ a: " " }] },
      with: { records: [{ a: null }] },
    },
    attributePrefix: {
      bytes: '<t><r k="1"><a>x</a></r></t>',
      base: { rowTag: "r" },
      option: "at_",
      without: { records: [{ _k: 1, a: "x" }] },
      with: { records: [{ at_k: 1, a: "x" }] },
    },
    valueTag: {
      bytes: '<t><r><a k="1">x</a></r></t>',
      base: { rowTag: "r" },
      option: "text",
      without: { records: [{ a: { _k: 1, _VALUE: "x" } }] },
      with: { records: [{ a: { _k: 1, text: "x" } }] },
    },
    ignoreSurroundingSpaces: {
      bytes: "<t><r><a> x </a></r></t>",
      base: { rowTag: "r" },
      option: true,
      without: { records: [{ a: " x " }] },
      with: { records: [{ a: "x" }] },
    },
    withSchema: {
      bytes: "<t><r><a>1</a><b>2</b></r></t>",
      base: { rowTag: "r" },
      option: structOf({ a: STRING }),
      without: { records: [{ a: 1, b: 2 }] },
      with: { records: [{ a: "1" }] },
    },
  },
  avro: {
    version: {
      bytes: AVRO,
      option: "1.8",
      without: { records: [{ day: 19782 }] },
      with: { records: [{ day: "2024-02-29" }] },
    },
    withSchema: {
      bytes: AVRO,
      option: structOf({ day: STRING }),
      without: { records: [{ day: 19782 }] },
      with: { records: [{ day: "19782" }] },
    },
  },
  parquet: {
    withSchema: {
      bytes: PARQUET,
      option: structOf({ id: STRING }),
      without: { records: [{ id: 1, gone: "x" }] },
      with: { records: [{ id: "1" }] },
    },
    // accepted: of writers, and how fast Glue reads
    optimizePerformance: { bytes: PARQUET, option: true, ...same([{ id: 1, gone: "x" }]) },
    useGlueParquetWriter: { bytes: PARQUET, option: true, ...same([{ id: 1, gone: "x" }]) },
    compression: { bytes: PARQUET, option: "snappy", ...same([{ id: 1, gone: "x" }]) },
    blockSize: { bytes: PARQUET, option: "134217728", ...same([{ id: 1, gone: "x" }]) },
    pageSize: { bytes: PARQUET, option: "1048576", ...same([{ id: 1, gone: "x" }]) },
  },
  grokLog: {
    logFormat: { bytes: "a 1\n", option: LOG, without: { code: "BAD_OPTION" }, with: { records: [{ w: "a", n: 1 }] } },
    customPatterns: {
      bytes: "id-7\n",
      base: { logFormat: "%{KEY:k}" },
      option: "KEY id-\\d+",
      without: { code: "BAD_OPTION" },
      with: { records: [{ k: "id-7" }] },
    },
    MISSING: {
      bytes: "none 1\n",
      base: { logFormat: LOG },
      option: "none",
      without: { records: [{ w: "none", n: 1 }] },
      with: { records: [{ w: null, n: 1 }] },
    },
    LineCount: {
      bytes: "a 1\n",
      base: { logFormat: LOG },
      option: 2,
      without: { records: [{ w: "a", n: 1 }] },
      with: { code: "UNSUPPORTED_OPTION" },
    },
    StrictMode: {
      bytes: "a 99999999999\n",
      base: { logFormat: LOG },
      option: true,
      without: { records: [{ w: "a", n: "99999999999" }] },
      with: { records: [], errors: 1 },
    },
    withSchema: {
      bytes: "a 1\n",
      base: { logFormat: LOG },
      option: structOf({ n: STRING }),
      without: { records: [{ w: "a", n: 1 }] },
      with: { records: [{ n: "1" }] },
    },
  },
  orc: {},
};

/** Zigzag, seven bits a byte. */
function long(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  return Buffer.from([...bytes, rest]);
}

function avroFile(schema: object, record: Buffer): Buffer {
  const text = (value: string): Buffer => Buffer.concat([long(Buffer.byteLength(value)), Buffer.from(value)]);
  const sync = Buffer.alloc(16, 7);
  return Buffer.concat([
    Buffer.from("Obj\u0001", "latin1"),
    long(1),
    text("avro.schema"),
    text(JSON.stringify(schema)),
    long(0),
    sync,
    long(1),
    long(record.length),
    record,
    sync,
  ]);
}
