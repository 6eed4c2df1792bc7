import fc from "fast-check";
import { columnNames, parseCsv, type CsvDialect } from "../../../src/engine/reference/read-csv.js";

const dialect = (over: Partial<CsvDialect> = {}): CsvDialect => ({
  separator: ",",
  quoteChar: '"',
  escaper: undefined,
  multiLine: true,
  ...over,
});
const texts = (text: string, over: Partial<CsvDialect> = {}): string[][] =>
  parseCsv(text, dialect(over))
    .filter(({ whole }) => whole)
    .map(({ cells }) => cells.map((cell) => cell.text));

it.each<[string, Partial<CsvDialect>, string[][]]>([
  [
    "a,b\n1,2\n",
    {},
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "a,b\r\n1,2",
    {},
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ['"a,1","b""2",""\n', {}, [["a,1", 'b"2', ""]]],
  ['"a\nb",c\n', {}, [["a\nb", "c"]]],
  ["a;b\n", { separator: ";" }, [["a", "b"]]],
  ['"a",b\n', { quoteChar: undefined }, [['"a"', "b"]]],
  ["a\\,b,c\n", { escaper: "\\" }, [["a,b", "c"]]],
  ["a,,\n", {}, [["a", "", ""]]],
  ["\n\na\n", {}, [["a"]]],
  ['""\n', {}, [[""]]],
  ['"a"b,c\n', {}, [["ab", "c"]]],
  ['a"b,c\n', {}, [['a"b', "c"]]],
  ["a\\nb,\\x\n", { escaper: "\\" }, [["a\nb", "x"]]],
  ['1\n"open\n2\n', { multiLine: false }, [["1"], ["2"]]],
  ['"open\n2\n', {}, [["2"]]],
  ["a\rb\r\n", {}, [["a\rb"]]],
  ["a,b\n", { separator: "b" }, [["a,", ""]]],
])("%j with %j", (text, over, records) => expect(texts(text, over)).toEqual(records));

it("reads back whatever was quoted as RFC 4180 says", () => {
  const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é") });
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (records) => {
      const text = records.map((r) => `${r.map((c) => `"${c.replaceAll('"', '""')}"`).join()}\n`).join("");
      expect(texts(text)).toEqual(records);
    }),
  );
});

it("names columns apart", () => {
  expect(columnNames(["a", "", "a", "a_2", "a"])).toEqual(["a", "col1", "a_3", "a_2", "a_4"]);
});
