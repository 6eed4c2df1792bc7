import { csvValue } from "../../../src/engine/reference/csv-value.js";
import {
  BOOLEAN,
  choice,
  DATE,
  decimal,
  DOUBLE,
  INT,
  LONG,
  STRING,
  TIMESTAMP,
  type DataType,
} from "../../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Value } from "../../../src/types/value.js";

it.each<[string, DataType, boolean, Value]>([
  ["12", STRING, true, "12"],
  ["", STRING, true, null],
  ["", STRING, false, ""],
  ["", INT, false, null],
  ["12", INT, true, 12],
  ["012", INT, true, null],
  ["x", INT, true, null],
  ["1.5", INT, true, null],
  ["12", choice([INT, STRING]), true, new ArmValue("int", 12)],
  ["012", choice([INT, STRING]), true, new ArmValue("string", "012")],
  ["12", choice([INT, STRING]), false, new ArmValue("string", "12")],
  [".097", DOUBLE, true, 0.097],
  ["5.", choice([DOUBLE, STRING]), true, new ArmValue("double", 5)],
  ["+1", INT, true, 1],
  [" 7 ", INT, true, 7],
  ["1d", choice([DOUBLE, STRING]), true, new ArmValue("string", "1d")],
  ["1", choice([DOUBLE, INT]), true, new ArmValue("int", 1)],
  ["1.0", choice([DOUBLE, INT]), true, new ArmValue("double", 1)],
  ["3000000000", LONG, true, 3000000000],
  ["1.25", decimal(5, 2), true, new Decimal(125n, 2)],
  ["TRUE", BOOLEAN, true, true],
  ["yes", BOOLEAN, true, null],
  ["2024-02-29", DATE, true, new DateValue(19782)],
  ["2023-02-29", choice([DATE, STRING]), true, new ArmValue("string", "2023-02-29")],
  ["1970-01-01 00:00:01.5", TIMESTAMP, true, new TimestampValue(1500000n)],
  ["1970-01-01T01:00:00+01:00", TIMESTAMP, true, new TimestampValue(0n)],
])("%j as %j, types told by text: %s", (text, type, inferTypes, value) =>
  expect(csvValue({ text, plain: true }, type, inferTypes)).toEqual(value),
);

it("takes an escaped cell for text", () => {
  expect(csvValue({ text: "12", plain: false }, choice([INT, STRING]), true)).toEqual(new ArmValue("string", "12"));
});
