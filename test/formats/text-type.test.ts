import fc from "fast-check";
import { typedText } from "../../src/formats/text-type.js";
import { Decimal } from "../../src/types/value.js";
import { typeOfCell } from "../shapes/cell-oracle.js";

const number = fc
  .tuple(
    fc.constantFrom("", "+", "-", " ", "\t+"),
    fc.oneof(
      fc.bigInt().map(String),
      fc.nat().map(String),
      fc.stringMatching(/^[0-9]{1,42}$/),
      fc.double({ noNaN: true }).map(String),
      fc.stringMatching(/^[0-9]{0,3}\.[0-9]{0,3}$/),
    ),
    fc.constantFrom("", "e5", "E-3", "e", " ", "\n", "f", "x"),
  )
  .map((parts) => parts.join(""));
const text = fc.oneof(
  number,
  fc.string({ maxLength: 6 }),
  fc.constantFrom(
    "true",
    "False",
    " true",
    "tru",
    "NaN",
    "Infinity",
    "-inf",
    "0x10",
    "1_000",
    "007",
    "-0",
    "00",
    "0.0",
    "2024-02-29",
    ".",
    "+",
    "-",
    "1e400",
    "2147483648",
    "-2147483648",
    "9223372036854775808",
  ),
);

test("texts have the type that a cell of CSV has, but days and times are strings", () => {
  fc.assert(
    fc.property(text, (given) => {
      const cell = typeOfCell(given);
      const expected = given === "" || cell === "date" || cell === "timestamp" ? "string" : cell;
      expect([given, typedText(given).value.tag]).toEqual([given, expected]);
    }),
    { numRuns: 2000 },
  );
});

test("values are exact, and keep their text", () => {
  const value = (given: string): unknown => typedText(given).value.value;
  expect([
    value("-0"),
    value("+7"),
    value("3000000000"),
    value("9007199254740993"),
    value(" 1e3 "),
    value(".5"),
    value("TRUE"),
    value("007"),
  ]).toEqual([0, 7, 3000000000, 9007199254740993n, 1000, 0.5, true, "007"]);
  expect(value("99999999999999999999")).toEqual(new Decimal(99999999999999999999n, 0));
  fc.assert(
    fc.property(number, (given) => {
      const { value: scalar } = typedText(given);
      if (scalar.tag !== "string") expect(scalar.text).toBe(given);
      else expect(scalar.value).toBe(given);
    }),
  );
});
