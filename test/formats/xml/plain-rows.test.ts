/**
 * Plain rows are read without the XML parser: whatever it would say of them must come out, and all else must be left to
 * it.
 */
import * as fc from "fast-check";
import { typedText } from "../../../src/formats/text-type.js";
import { PlainRows } from "../../../src/formats/xml/plain-rows.js";
import { RowParser, type ParsedRow } from "../../../src/formats/xml/row-parser.js";
import { FlatRows } from "../../../src/shapes/records/flat-rows.js";
import type { SourceStruct } from "../../../src/shapes/records/record-reader.js";

const OPTIONS = {
  attributePrefix: "_",
  valueTag: "_VALUE",
  excludeAttribute: false,
  treatEmptyValuesAsNulls: false,
  ignoreSurroundingSpaces: false,
};
const BASE = 1000;

/**
 * The rows of one reader, one after the other; undefined for one that is left to the parser. What is behind it in
 * memory shall not matter.
 */
function plainReader(options = OPTIONS): (text: string) => SourceStruct | undefined {
  const flat = new FlatRows((text, at) => typedText(text, at).value);
  const rows = new PlainRows("r", options, flat);
  return (text) => {
    const bytes = Buffer.from(`</r>${text}</r><a></a>`);
    const end = 4 + Buffer.byteLength(text);
    flat.clear();
    flat.bytes = bytes;
    flat.base = BASE - 4;
    const read = rows.read(bytes, 4, end);
    // one that is whole before is no row of the splitter's
    if (read !== end) return undefined;
    return flat.struct(rows.entry);
  };
}
const throughParser = (text: string, options = OPTIONS): ParsedRow =>
  new RowParser(options).parse(text, Buffer.byteLength(text), BASE);
const isPlain = (text: string): boolean => plainReader()(text) !== undefined;
const asRecord = (value: SourceStruct | undefined): unknown => ({ kind: "record", value, hazards: [] });

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.:-]{0,4}$/).filter((n) => !/^xmlns/i.test(n));
const space = fc.constantFrom(" ", "\n", "\t", " \n ");
const content = fc.stringMatching(/^[a-zé\u{1F986} \n\t0-9.>'"=/-]{0,6}$/u);
const attribute = fc.record({
  name,
  value: fc.stringMatching(/^[a-zé 0-9.>=/-]{0,5}$/),
  quote: fc.constantFrom('"', "'"),
  before: space,
  around: fc.constantFrom("", " "),
});
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.uniqueArray(attribute, { maxLength: 3, selector: (a) => a.name }),
      fc.array(fc.oneof({ maxDepth: 3 }, content, tie("element")), { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom("", " ", "\n"),
    )
    .map(([tag, attributes, inner, selfClosing, end]) => {
      const start = `<${tag}${attributes.map((a) => `${a.before}${a.name}${a.around}=${a.around}${a.quote}${a.value}${a.quote}`).join("")}${end}`;
      return inner.length === 0 && selfClosing ? `${start}/>` : `${start}>${inner.join("")}</${tag}${end}>`;
    }),
}));
const row = element.map((inner) => `<r>${inner}</r>`);

test("random rows are plain, and read as the XML parser reads them, places and all", () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 4 }), (texts) => {
      // paths are learnt from the rows before
      const read = plainReader();
      for (const text of texts) {
        const value = read(text);
        // text in pieces is not
        if (value === undefined) {
          expect(text).toMatch(/>[^<]*[^<\s][^<]*<[^/]|\/[^<>]*>[^<]*[^<\s][^<]*</);
          continue;
        }
        plain++;
        expect(asRecord(value)).toEqual(throughParser(text));
      }
    }),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(300);
});

test("with every option", () => {
  const options = fc.record({
    attributePrefix: fc.constantFrom("", "_", "a"),
    valueTag: fc.constantFrom("_VALUE", "a", "_a"),
    excludeAttribute: fc.boolean(),
    treatEmptyValuesAsNulls: fc.boolean(),
    ignoreSurroundingSpaces: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), options, (texts, given) => {
      const read = plainReader(given);
      for (const text of texts) {
        const value = read(text);
        if (value !== undefined) expect(asRecord(value)).toEqual(throughParser(text, given));
      }
    }),
    { numRuns: 500 },
  );
});

test("what is changed in a row is either plain and read the same, or left to the parser", () => {
  const junk = fc.constantFrom(
    "<",
    ">",
    "&",
    "&amp;",
    "/",
    "=",
    '"',
    "'",
    " ",
    "\r",
    "\u0001",
    "]]>",
    "<!--x-->",
    "<a",
    "</a>",
    "\u0085",
    "\ufffe",
    "ö",
    "xmlns",
    "<![CDATA[x]]>",
  );
  let plain = 0;
  fc.assert(
    fc.property(row, fc.nat(), fc.nat(3), junk, (text, at, cut, piece) => {
      // by characters: bytes that are not UTF-8 do not come so far
      const characters = [...text];
      const from = 1 + (at % (characters.length - 1));
      const broken = [...characters.slice(0, from), piece, ...characters.slice(from + cut)].join("");
      const value = plainReader()(broken);
      if (value === undefined) return;
      plain++;
      expect(asRecord(value)).toEqual(throughParser(broken));
    }),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(100);
});

const NUMBERS = [
  "0",
  "-0",
  "+0",
  "-0.0",
  "7",
  "+7",
  "007",
  "-007.50",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "999999999999999",
  "1000000000000000",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "1.",
  ".5",
  ".",
  "+",
  "-",
  "+.",
  "1.5",
  "0.1",
  "0.30000000000000004",
  "123456789012.345",
  "1234567890123456.5",
  "1e5",
  "1E-3",
  "1e",
  "1e400",
  ".e1",
  "e1",
  "1.5e+3",
  " 1",
  "1 ",
  "\t1.5\n",
  " - 1",
  "1 2",
  "1.5 x",
  "12-3",
  "1,5",
  "1/2",
  "0x10",
  "true",
  "TRUE",
  "False",
  " true",
  "truely",
  "trued",
  "t",
  "f",
  "Infinity",
  "NaN",
  "1\u00a0",
  "é1",
  "5e-324",
  "1e-400",
];
test.each(NUMBERS)("%j is typed as a text is", (number) => {
  const text = `<r a="${number.replace(/[\t\n]/g, " ")}"><b>${number}</b><b/></r>`;
  const value = plainReader()(text);
  if (value === undefined) expect(throughParser(text)).toMatchObject({ hazards: [{}, {}] });
  else expect(asRecord(value)).toEqual(throughParser(text));
});

test.each([
  "<r>&lt;</r>",
  "<r>a\rb</r>",
  "<r><!-- --></r>",
  "<r><![CDATA[x]]></r>",
  "<r a='1' a='2'/>",
  "<r><a></b></r>",
  "<r a=1></r>",
  "<r a='<'></r>",
  "<r a='\t'></r>",
  "<r><a b='1'c='2'/></r>",
  "<r>]]></r>",
  "<r><ö></ö></r>",
  "<r>x</r>y",
  "<r><a></r>",
  "<r",
  "<r/>",
  "",
  "<r>x<a/>y</r>",
  "<r>" + "<a>".repeat(500) + "</a>".repeat(500) + "</r>",
])("%.60j is left to the parser", (text) => {
  expect(isPlain(text)).toBe(false);
});

test("bytes that are not UTF-8 are left to the parser", () => {
  const rows = new PlainRows("r", OPTIONS, new FlatRows((text, at) => typedText(text, at).value));
  expect(rows.read(Buffer.from([0x3c, 0x72, 0x3e, 0xff, 0x3c, 0x2f, 0x72, 0x3e]), 0, 8)).toBe(-1);
});
