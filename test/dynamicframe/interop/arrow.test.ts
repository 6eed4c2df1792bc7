import { tableFromIPC, tableToIPC } from "apache-arrow";
import { arrowRows } from "../../../src/dynamicframe/interop/from-arrow.js";
import { rowsToArrow } from "../../../src/dynamicframe/interop/to-arrow.js";
import {
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
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

const type: StructType = structOf({
  b: BOOLEAN,
  i8: BYTE,
  i16: SHORT,
  i: INT,
  l: LONG,
  f: FLOAT,
  d: DOUBLE,
  s: STRING,
  bin: BINARY,
  day: DATE,
  ts: TIMESTAMP,
  local: TIMESTAMPNTZ,
  money: decimal(38, 10),
  list: array(array(INT)),
  m: map(STRING),
  rec: structOf({ x: INT, y: array(structOf({ z: STRING })) }),
});

const full: Row = {
  b: true,
  i8: -128,
  i16: 32767,
  i: -2147483648,
  l: 9223372036854775807n,
  f: 0.5,
  d: 1e-300,
  s: "naïve 🦆",
  bin: new Uint8Array([0, 255]),
  day: new DateValue(-719162),
  ts: new TimestampValue(253402300799999999n),
  local: new TimestampValue(-62135596800000000n),
  money: new Decimal(-12345678901234567890123456789012345678n, 10),
  list: [[1, null, 3], null, []],
  m: new Map([
    ["k", "v"],
    ["", null],
  ]),
  rec: { x: 1, y: [{ z: "q" }, { z: null }] },
};
const empty: Row = Object.fromEntries(type.fields.map((f) => [f.name, null]));

async function* batches(...groups: Row[][]): AsyncIterable<readonly Row[]> {
  yield* groups;
}
async function back(table: Parameters<typeof arrowRows>[0]): Promise<{ type: StructType; rows: Row[] }> {
  const read = await arrowRows(table);
  const rows: Row[] = [];
  for await (const batch of read.rows()) rows.push(...batch);
  return { type: read.type, rows };
}

test("every type goes to Arrow and back exactly, through the IPC form too", async () => {
  const table = await rowsToArrow(type, batches([full, empty], [full]));
  const read = await back(tableFromIPC(tableToIPC(table)));
  expect(read.type).toEqual(type);
  expect(read.rows).toEqual([full, empty, full]);
});

test("longs are numbers while they are safe", async () => {
  const table = await rowsToArrow(structOf({ l: LONG }), batches([{ l: 5 }, { l: 9007199254740993n }]));
  expect((await back(table)).rows).toEqual([{ l: 5 }, { l: 9007199254740993n }]);
});

test("a choice becomes a struct of its arms", async () => {
  const table = await rowsToArrow(
    structOf({ v: choice([INT, STRING]) }),
    batches([{ v: new ArmValue("int", 1) }, { v: new ArmValue("string", "x") }, { v: null }]),
  );
  const read = await back(table);
  expect(read.type).toEqual(structOf({ v: structOf({ int: INT, string: STRING }) }));
  expect(read.rows).toEqual([{ v: { int: 1, string: null } }, { v: { int: null, string: "x" } }, { v: null }]);
});

test("no rows make an empty table with its schema", async () => {
  const table = await rowsToArrow(type, batches());
  expect(table.numRows).toBe(0);
  expect((await back(table)).type).toEqual(type);
});
