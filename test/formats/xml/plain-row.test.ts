/** Plain rows are read without the XML parser: whatever it would say of them must come out, and all else must be left to it. */
import * as fc from "fast-check";
import { readPlainRow } from "../../../src/formats/xml/plain-row.js";
import { RowParser, type ParsedRow } from "../../../src/formats/xml/row-parser.js";

const OPTIONS = { attributePrefix: "_", valueTag: "_VALUE", excludeAttribute: false, treatEmptyValuesAsNulls: false, ignoreSurroundingSpaces: false };
const parse = (text: string): ParsedRow => new RowParser(OPTIONS).parse(text, Buffer.byteLength(text), 1000);
const isPlain = (text: string): boolean => readPlainRow(text, 500, { opened: () => undefined, attribute: () => undefined, content: () => undefined, characters: () => undefined, closed: () => undefined });
/** The same row for the XML parser: a comment at its very end moves nothing. */
const throughParser = (text: string): ParsedRow => parse(text.replace(/<\/[^<]*$/, (end) => `<!---->${end}`));

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.:-]{0,4}$/).filter((n) => !/^xmlns/i.test(n));
const space = fc.constantFrom(" ", "\n", "\t", " \n ");
const content = fc.stringMatching(/^[a-zé\u{1F986} \n\t0-9.>'"=/-]{0,6}$/u);
const attribute = fc.record({ name, value: fc.stringMatching(/^[a-zé 0-9.>=/-]{0,5}$/), quote: fc.constantFrom('"', "'"), before: space, around: fc.constantFrom("", " ") });
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc.tuple(name, fc.uniqueArray(attribute, { maxLength: 3, selector: (a) => a.name }), fc.array(fc.oneof({ maxDepth: 3 }, content, tie("element")), { maxLength: 4 }), fc.boolean(), fc.constantFrom("", " ", "\n")).map(([tag, attributes, inner, selfClosing, end]) => {
    const start = `<${tag}${attributes.map((a) => `${a.before}${a.name}${a.around}=${a.around}${a.quote}${a.value}${a.quote}`).join("")}${end}`;
    return inner.length === 0 && selfClosing ? `${start}/>` : `${start}>${inner.join("")}</${tag}${end}>`;
  }),
}));
const row = element.map((inner) => `<r>${inner}</r>`);

test("random rows are plain, and read as the XML parser reads them, places and all", () => {
  fc.assert(fc.property(row, (text) => {
    expect([text, isPlain(text)]).toEqual([text, true]);
    expect(parse(text)).toEqual(throughParser(text));
  }), { numRuns: 500 });
});

test("what is changed in a row is either plain and read the same, or left to the parser", () => {
  const junk = fc.constantFrom("<", ">", "&", "&amp;", "/", "=", '"', "'", " ", "\r", "\u0001", "]]>", "<!--x-->", "<a", "</a>", "\u0085", "\ufffe", "ö", "xmlns", "<![CDATA[x]]>");
  let plain = 0;
  fc.assert(fc.property(row, fc.nat(), fc.nat(3), junk, (text, at, cut, piece) => {
    // by characters: bytes that are not UTF-8 do not come so far
    const characters = [...text], from = 1 + at % (characters.length - 1);
    const broken = [...characters.slice(0, from), piece, ...characters.slice(from + cut)].join("");
    if (!isPlain(broken)) return;
    plain++;
    expect(parse(broken)).toEqual(throughParser(broken));
  }), { numRuns: 3000 });
  expect(plain).toBeGreaterThan(100);
});

test.each(["<r>&lt;</r>", "<r>a\rb</r>", "<r><!-- --></r>", "<r><![CDATA[x]]></r>", "<r a='1' a='2'/>", "<r><a></b></r>", "<r a=1></r>", "<r a='<'></r>", "<r a='\t'></r>", "<r><a b='1'c='2'/></r>", "<r>]]></r>", "<ö></ö>", "<r>x</r>y", "<r><a></r>", "<r", "<r/>", ""])("%j is left to the parser", (text) => {
  expect(isPlain(text)).toBe(false);
});
