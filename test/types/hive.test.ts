import fc from "fast-check";
import {
  ATOMIC_KINDS,
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
  UNKNOWN,
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
import { hiveType, lowerCaseFields, parseHiveType, parseTypeName } from "../../src/types/hive.js";
import { anyType } from "./arbitraries.js";
import { failure } from "../failure.js";

describe("hiveType", () => {
  const cases: readonly (readonly [DataType, string])[] = [
    [BYTE, "tinyint"],
    [SHORT, "smallint"],
    [INT, "int"],
    [LONG, "bigint"],
    [FLOAT, "float"],
    [DOUBLE, "double"],
    [decimal(38, 0), "decimal(38,0)"],
    [NULL, "string"],
    [UNKNOWN, "string"],
    [enumOf(["a"]), "string"],
    [TIMESTAMPNTZ, "timestamp"],
    [BINARY, "binary"],
    [BOOLEAN, "boolean"],
    [DATE, "date"],
    [set(INT), "array<int>"],
    [map(LONG), "map<string,bigint>"],
    [array(array(NULL)), "array<array<string>>"],
    [struct(), "struct<>"],
    [structOf({ a: INT, b: structOf({ "c d": STRING, "e-f": DATE }) }), "struct<a:int,b:struct<c d:string,e-f:date>>"],
    [structOf({ "a:b": INT, "": INT, "x`y": INT, " z": INT }), "struct<`a:b`:int,``:int,`x``y`:int,` z`:int>"],
    [choice([INT, LONG]), "bigint"],
    [choice([INT, DOUBLE]), "double"],
    [choice([LONG, DOUBLE]), "double"],
    [choice([BYTE, SHORT]), "smallint"],
    [choice([FLOAT, INT]), "double"],
    [choice([INT, STRING]), "string"],
    [choice([INT, decimal(38, 0)]), "string"],
    [choice([BOOLEAN, INT]), "string"],
    [choice([structOf({ a: INT }), STRING]), "string"],
    [choice([array(INT), STRING]), "string"],
    [choice([TIMESTAMP, TIMESTAMPNTZ]), "timestamp"],
    [choice([array(INT), set(LONG)]), "array<bigint>"],
    [array(choice([INT, DOUBLE])), "array<double>"],
    [structOf({ p: choice([DOUBLE, STRING]) }), "struct<p:string>"],
  ];
  test.each(cases)("%j → %s", (type, text) => {
    expect(hiveType(type)).toBe(text);
  });

  test("lower case folds at every level and merges what clashes", () => {
    const type = structOf({ Id: INT, inner: array(structOf({ A: INT, a: STRING, Ä: INT })), ID: LONG });
    expect(hiveType(type, { lowerCase: true })).toBe("struct<id:bigint,inner:array<struct<a:string,ä:int>>>");
    expect(lowerCaseFields(structOf({ B: INT, b: INT }))).toEqual(structOf({ b: INT }));
    expect(hiveType(type)).toContain("Id:int");
  });
});

describe("parseHiveType", () => {
  const cases: readonly (readonly [string, DataType])[] = [
    ["INT", INT],
    ["integer", INT],
    ["long", LONG],
    ["BigInt", LONG],
    ["bool", BOOLEAN],
    ["tinyint", BYTE],
    ["double precision", DOUBLE],
    ["real", FLOAT],
    ["decimal", decimal(10, 0)],
    ["decimal(5)", decimal(5, 0)],
    ["DECIMAL( 5 , 2 )", decimal(5, 2)],
    ["numeric(3,1)", decimal(3, 1)],
    ["char(3)", STRING],
    ["varchar(65535)", STRING],
    ["timestamp", TIMESTAMP],
    ["timestamp with local time zone", TIMESTAMP],
    ["timestamp_ntz", TIMESTAMPNTZ],
    ["void", NULL],
    ["array<int>", array(INT)],
    ["ARRAY < STRUCT < a : INT , b : string > >", array(structOf({ a: INT, b: STRING }))],
    ["map<string,array<double>>", map(array(DOUBLE))],
    ["map<int,string>", map(STRING)],
    ["struct<>", struct()],
    ["struct<a-b:int,c d:bigint,Ef:string>", structOf({ "a-b": INT, "c d": LONG, Ef: STRING })],
    ["struct<`a:b`:int,`x``y`:date>", structOf({ "a:b": INT, "x`y": DATE })],
    ["struct<a:int comment 'it''s, b:x',b:string>", structOf({ a: INT, b: STRING })],
    ["struct<comment:int,a:int>", structOf({ comment: INT, a: INT })],
    [" int ", INT],
    ["set<int>", set(INT)],
  ];
  test.each(cases)("%s", (text, type) => {
    expect(parseHiveType(text)).toEqual(type);
  });

  test.each([
    ["", 0],
    ["nope", 0],
    ["array<nope>", 6],
    ["array<int", 9],
    ["array", 5],
    ["int>", 3],
    ["decimal(39,0)", 7],
    ["decimal(3,4)", 7],
    ["struct<a>", 7],
    ["struct<a:int,a:int>", 13],
    ["map<array<int>,int>", 4],
    ["map<string>", 10],
    ["struct<`a:int>", 7],
    ["varchar(x)", 8],
    ["struct<:int>", 7],
    ["int string", 4],
  ])("refuses %j at %d", (text, offset) => {
    expect(failure(() => parseHiveType(text))).toMatchObject({ code: "BAD_TYPE_TEXT", offset });
  });
  test("union types and depth have codes of their own", () => {
    expect(failure(() => parseHiveType("array<uniontype<int,string>>"))).toMatchObject({
      code: "UNSUPPORTED_TYPE",
      offset: 6,
    });
    expect(failure(() => parseHiveType("array<".repeat(100_000))).code).toBe("TOO_DEEP");
  });

  const hiveAtoms = ATOMIC_KINDS.filter((kind) => !["null", "unknown", "timestampntz"].includes(kind));
  test("round trip of every type that Hive has, whatever the names", () => {
    fc.assert(
      fc.property(anyType({ atoms: hiveAtoms, choices: false, sets: false, enums: false }), (type) => {
        expect(parseHiveType(hiveType(type))).toEqual(type);
      }),
    );
  });
  test("hiveType is valid Hive for every type, and stable", () => {
    fc.assert(
      fc.property(anyType(), (type) => {
        expect(hiveType(parseHiveType(hiveType(type)))).toBe(hiveType(type));
      }),
    );
  });
});

describe("parseTypeName", () => {
  test.each<readonly [string, DataType]>([
    ["Date", DATE],
    ["decimal(5,0)", decimal(5, 0)],
    ["decimal", decimal(10, 2)],
    ["bigint", LONG],
    ["array", array(UNKNOWN)],
    ["STRUCT", struct()],
    ["map", map(UNKNOWN)],
    ["set", set(UNKNOWN)],
    ["array<int>", array(INT)],
    ["struct<a:array>", structOf({ a: array(UNKNOWN) })],
    ["null", NULL],
    ["timestampNTZ", TIMESTAMPNTZ],
    ["enum", enumOf([])],
  ])("%s", (text, type) => {
    expect(parseTypeName(text)).toEqual(type);
  });
  test("every type name of Glue but choice", () => {
    for (const kind of ATOMIC_KINDS) expect(parseTypeName(kind.toUpperCase()).kind).toBe(kind);
    expect(failure(() => parseTypeName("choice")).code).toBe("BAD_TYPE_TEXT");
  });
});
