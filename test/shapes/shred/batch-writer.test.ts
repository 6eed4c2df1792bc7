/** Rows written as Parquet by JavaScript are read back by DuckDB as they were, whatever their types. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duckdbEngine } from "../../../src/engine/duckdb/index.js";
import type { EngineSession } from "../../../src/engine/index.js";
import { canWriteBatches } from "../../../src/shapes/shred/batch-writer.js";
import { fileStorage } from "../../../src/storage/file.js";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  NULL,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  array,
  choice,
  decimal,
  map,
  structOf,
  type StructType,
} from "../../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row } from "../../../src/types/value.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-rows-"));
let session: EngineSession;
beforeAll(async () => {
  session = await duckdbEngine.open({ storage: fileStorage(), stagingDirectory: join(folder, "s"), threads: 2 });
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Enough rows that they go through a file. */
const many = (make: (i: number) => Row): Row[] => Array.from({ length: 2500 }, (_, i) => make(i));
async function* once(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}

async function readBack(rows: readonly Row[], type: StructType): Promise<readonly Row[]> {
  const relation = await session.load(once(rows), type);
  const found: Row[] = [];
  for await (const batch of session.rows(relation)) found.push(...batch);
  expect(await session.count(relation)).toBe(rows.length);
  return found.sort((a, b) => Number(a["i"]) - Number(b["i"]));
}

test("every type of value, its extremes, and nulls between them", async () => {
  const type = structOf({
    i: INT,
    byte: BYTE,
    short: SHORT,
    long: LONG,
    float: FLOAT,
    double: DOUBLE,
    boolean: BOOLEAN,
    string: STRING,
    binary: BINARY,
    date: DATE,
    ts: TIMESTAMP,
    ntz: TIMESTAMPNTZ,
    dec: decimal(38, 3),
    none: NULL,
  });
  const pick = <T>(i: number, list: readonly T[]): T | null =>
    i % (list.length + 1) === list.length ? null : (list[i % (list.length + 1)] as T);
  const rows = many((i) => ({
    i,
    byte: pick(i, [-128, 127, 0]),
    short: pick(i, [-32768, 32767]),
    long: pick(i, [
      -9223372036854775808n,
      9223372036854775807n,
      9007199254740993n,
      -1,
      4294967296,
      -4294967297,
      Number.MIN_SAFE_INTEGER,
    ]),
    float: pick(i, [1.5, -Infinity]),
    double: pick(i, [NaN, Infinity, -0, 5e-324, 1.1]),
    boolean: pick(i, [true, false]),
    string: pick(i, [
      "",
      "short",
      "é",
      "🦆 and ducks",
      "\u0000",
      "a text that is longer than thirty-two characters",
      `${"x".repeat(31)}é`,
      "\ufeffmark",
    ]),
    binary: pick(i, [new Uint8Array([0, 255]), new Uint8Array()]),
    date: pick(i, [new DateValue(-1), new DateValue(19000)]),
    ts: pick(i, [new TimestampValue(-1n), new TimestampValue(1_700_000_000_000_001n)]),
    ntz: pick(i, [new TimestampValue(0n)]),
    dec: pick(i, [new Decimal(1n, 3), new Decimal(-15n, 1), new Decimal(10n ** 37n, 3)]),
    none: null,
  }));
  const normal = rows.map((row) => ({
    ...row,
    dec:
      row["dec"] instanceof Decimal ? new Decimal(row["dec"].unscaled * 10n ** BigInt(3 - row["dec"].scale), 3) : null,
  }));
  expect(await readBack(rows, type)).toEqual(normal);
}, 120_000);

test("lists, structs and choices at every depth: empty, null, missing, nested in each other", async () => {
  const inner = structOf({ a: choice([INT, STRING]), l: array(array(INT)) });
  const type = structOf({
    i: INT,
    s: inner,
    list: array(inner),
    mixed: choice([array(INT), inner, STRING]),
    empty: structOf({}),
    names: structOf({ id: INT, Id: STRING }),
  });
  const arm = (i: number): ArmValue | null =>
    i % 3 === 0 ? new ArmValue("int", i) : i % 3 === 1 ? new ArmValue("string", `t${i}`) : null;
  const struct = (i: number): Row | null =>
    i % 5 === 0 ? null : { a: arm(i), l: i % 4 === 0 ? null : i % 4 === 1 ? [] : [[], null, [i, null]] };
  const rows = many((i) => ({
    i,
    s: struct(i),
    list: i % 7 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => struct(i + k)),
    mixed:
      i % 4 === 0
        ? null
        : i % 4 === 1
          ? new ArmValue("array", i % 8 === 1 ? [] : [i, null])
          : i % 4 === 2
            ? new ArmValue("struct", { a: arm(i), l: null })
            : new ArmValue("string", "t"),
    empty: i % 2 === 0 ? null : {},
    names: { id: i, Id: null },
  }));
  expect(await readBack(rows, type)).toEqual(rows);
}, 120_000);

test("a value that is not of its type is named", async () => {
  const load = (rows: readonly Row[], type: StructType): Promise<unknown> => session.load(once(rows), type);
  await expect(
    load(
      many((i) => ({ s: { x: i === 2000 ? 2 ** 31 : i } })),
      structOf({ s: structOf({ x: INT }) }),
    ),
  ).rejects.toMatchObject({ code: "VALUE_NOT_OF_TYPE", path: "s.x" });
  await expect(
    load(
      many(() => ({ l: ["x", 1] })),
      structOf({ l: array(STRING) }),
    ),
  ).rejects.toMatchObject({ code: "VALUE_NOT_OF_TYPE", path: "l[]" });
  await expect(
    load(
      many(() => ({ c: new ArmValue("int", 1) })),
      structOf({ c: choice([STRING, BOOLEAN]) }),
    ),
  ).rejects.toMatchObject({ code: "VALUE_NOT_OF_TYPE", path: "c" });
});

test("maps go another way", () => {
  expect(canWriteBatches(structOf({ m: array(structOf({ x: map(INT) })) }))).toBe(false);
  expect(canWriteBatches(structOf({ m: array(structOf({ x: INT })) }))).toBe(true);
});
