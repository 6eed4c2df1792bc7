import fc from "fast-check";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  ATOMIC_KINDS,
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
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
  enumOf,
  map,
  set,
  struct,
  structOf,
  type DataType,
} from "../../src/types/data-type.js";
import { duckdbType, parseDuckdbType } from "../../src/types/duckdb.js";
import { anyType } from "./arbitraries.js";

describe("duckdbType", () => {
  test.each<readonly [DataType, string]>([
    [NULL, "INTEGER"],
    [BYTE, "TINYINT"],
    [TIMESTAMP, "TIMESTAMP WITH TIME ZONE"],
    [TIMESTAMPNTZ, "TIMESTAMP"],
    [enumOf(["a"]), "VARCHAR"],
    [decimal(38, 0), "DECIMAL(38,0)"],
    [array(array(INT)), "INTEGER[][]"],
    [set(STRING), "VARCHAR[]"],
    [map(LONG), "MAP(VARCHAR, BIGINT)"],
    [struct(), 'STRUCT("~" INTEGER)'],
    [
      structOf({ 'q"r': INT, A: INT, a: BINARY, "": DATE }),
      'STRUCT("q""r" INTEGER, "A" INTEGER, "a~2" BLOB, "~" DATE)',
    ],
    [choice([INT, structOf({ a: INT })]), 'STRUCT("int" INTEGER, "struct" STRUCT("a" INTEGER))'],
  ])("%j → %s", (type, text) => {
    expect(duckdbType(type)).toBe(text);
  });
});

describe("parseDuckdbType", () => {
  test.each<readonly [string, DataType]>([
    ["HUGEINT", decimal(38, 0)],
    ["UBIGINT", decimal(20, 0)],
    ["UINTEGER", LONG],
    ["USMALLINT", INT],
    ["UTINYINT", SHORT],
    ["DECIMAL(18,3)", decimal(18, 3)],
    ["DECIMAL", decimal(18, 3)],
    ["TIMESTAMP WITH TIME ZONE", TIMESTAMP],
    ["TIMESTAMP", TIMESTAMPNTZ],
    ["TIMESTAMP_NS", TIMESTAMPNTZ],
    ["TIME WITH TIME ZONE", STRING],
    ["UUID", STRING],
    ["JSON", STRING],
    ["INTERVAL", STRING],
    ["INTEGER[3][]", array(array(INT))],
    ["MAP(INTEGER, STRUCT(z DOUBLE)[])", map(array(structOf({ z: DOUBLE })))],
    ["ENUM('a', 'b''c')", enumOf(["a", "b'c"])],
    ['"NULL"', NULL],
    [
      'STRUCT("a b" INTEGER, "x""y" BOOLEAN[], z STRUCT("select" BLOB))',
      structOf({ "a b": INT, 'x"y': array(BOOLEAN), z: structOf({ select: BINARY }) }),
    ],
  ])("%s", (text, type) => {
    expect(parseDuckdbType(text)).toEqual(type);
  });

  test.each([
    ["UNION(a INTEGER)", "UNSUPPORTED_TYPE", 0],
    ["GEOMETRY[]", "UNSUPPORTED_TYPE", 0],
    ["STRUCT(a INTEGER", "BAD_TYPE_TEXT", 16],
    ["INTEGER]", "BAD_TYPE_TEXT", 7],
    ["", "BAD_TYPE_TEXT", 0],
    ["DECIMAL(39,0)", "BAD_TYPE_TEXT", 0],
  ])("refuses %s", (text, code, offset) => {
    expect(() => parseDuckdbType(text)).toThrow(expect.objectContaining({ code, offset }) as Error);
  });

  test("DuckDB accepts every type written and describes it as a type read back the same", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const atoms = ATOMIC_KINDS.filter((kind) => kind !== "null" && kind !== "unknown");
    const type = anyType({
      atoms,
      choices: false,
      sets: false,
      enums: false,
      names: fc.constantFrom("a", "b c", 'q"r', "select", "日本", "x.y", "'", "a,b", "c)", ""),
    }).filter((t) => !JSON.stringify(t).includes('"fields":[]') && !JSON.stringify(t).includes('"name":""'));
    await fc.assert(
      fc.asyncProperty(type, async (t) => {
        const reader = await connection.runAndReadAll(`DESCRIBE SELECT CAST(NULL AS ${duckdbType(t)}) AS x`);
        expect(parseDuckdbType(String(reader.getRows()[0]?.[1]))).toEqual(t);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(anyType(), async (t) => {
        const reader = await connection.runAndReadAll(`DESCRIBE SELECT CAST(NULL AS ${duckdbType(t)}) AS x`);
        // the physical type of the physical type is itself
        const physical = String(reader.getRows()[0]?.[1]);
        expect(duckdbType(parseDuckdbType(physical))).toBe(duckdbType(t));
      }),
      { numRuns: 60 },
    );
    connection.closeSync();
    instance.closeSync();
  });
});
