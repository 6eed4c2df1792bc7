import * as fc from "fast-check";
import { parseCsv } from "../../src/engine/reference/read-csv.js";
import { parseCsvText } from "../../src/formats/csv-text.js";

test("cells, quotes, escapes and line ends", () => {
  expect(parseCsvText('a,"b,""c""",\r\n\n1|2,x\n', {})).toEqual([
    ["a", 'b,"c"', ""],
    ["1|2", "x"],
  ]);
  expect(parseCsvText("a|'b|c'|d", { separator: "|", quoteChar: "'" })).toEqual([["a", "b|c", "d"]]);
  expect(parseCsvText('a\\,b,"', { escaper: "\\", quoteChar: -1 })).toEqual([["a,b", '"']]);
  expect(parseCsvText('"a\nb",c', { multiLine: true })).toEqual([["a\nb", "c"]]);
  expect(() => parseCsvText('a,"b\nc",d', {})).toThrow(
    expect.objectContaining({ code: "CSV_UNTERMINATED_QUOTE", offset: 2 }),
  );
});

test("as the oracle of files reads whole rows", () => {
  const piece = fc.constantFrom("a", "b", ",", '"', '""', "\n", "\r\n", "\\", "n", " ", "\r");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      fc.option(fc.constant("\\"), { nil: undefined }),
      fc.constantFrom<'"' | -1>('"', -1),
      (pieces, multiLine, escaper, quoteChar) => {
        const text = pieces.join("");
        const rows = parseCsv(text, {
          separator: ",",
          quoteChar: quoteChar === -1 ? undefined : quoteChar,
          escaper,
          multiLine,
        });
        const options = { multiLine, quoteChar, ...(escaper === undefined ? {} : { escaper }) };
        if (rows.every((row) => row.whole))
          expect(parseCsvText(text, options)).toEqual(rows.map((row) => row.cells.map((c) => c.text)));
        else expect(() => parseCsvText(text, options)).toThrow();
      },
    ),
    { numRuns: 2000 },
  );
});
