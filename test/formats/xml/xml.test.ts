import fc from "fast-check";
import { xmlReader, type XmlOptions } from "../../../src/formats/xml/xml-reader.js";
import type { SourceValue } from "../../../src/shapes/records/record-reader.js";
import { faultsOf, hazardsOf, readEvents, recordsOf, type Plain } from "../read-events.js";

const DEFAULTS: XmlOptions = {
  rowTag: "row",
  encoding: undefined,
  attributePrefix: "_",
  valueTag: "_VALUE",
  excludeAttribute: false,
  treatEmptyValuesAsNulls: false,
  ignoreSurroundingSpaces: false,
};
const read = (text: string | Uint8Array, options: Partial<XmlOptions> = {}, piece?: number) =>
  readEvents(xmlReader({ ...DEFAULTS, ...options }), text, piece);
const records = async (text: string, options?: Partial<XmlOptions>): Promise<Plain[]> =>
  recordsOf(await read(text, options));

describe("a row as a record", () => {
  test("elements, attributes, nesting, and text beside them", async () => {
    expect(await records('<t><row id="7" name="a b"><x>1</x><y z="q">text</y><n><m>2.5</m></n></row></t>')).toEqual([
      {
        _id: "int 7",
        _name: "string a b",
        x: "int 1",
        y: { _z: "string q", _VALUE: "string text" },
        n: { m: "double 2.5" },
      },
    ]);
  });

  test("elements of one name are a list, in the order of the document; one alone is a value", async () => {
    expect(await records("<row><a>1</a><b/><a>x</a><a><c>2</c></a></row><row><a>3</a></row>")).toEqual([
      { a: ["int 1", "string x", { c: "int 2" }], b: "null null" },
      { a: "int 3" },
    ]);
  });

  test("text typed by itself, and by options", async () => {
    expect(
      await records(
        "<row><a>1</a><b>3000000000</b><c>9223372036854775808</c><d>1.50</d><e>1e3</e><f>TRUE</f><g>007</g><h>2024-01-01</h><i> 5 </i><j> x </j><k>NaN</k><l>+5</l></row>",
      ),
    ).toEqual([
      {
        a: "int 1",
        b: "long 3000000000",
        c: "bigint 9223372036854775808",
        d: "double 1.5",
        e: "double 1000",
        f: "boolean true",
        g: "string 007",
        h: "string 2024-01-01",
        i: "int 5",
        j: "string  x ",
        k: "string NaN",
        l: "int 5",
      },
    ]);
    expect(await records("<row><j> x </j><k> </k></row>", { ignoreSurroundingSpaces: true })).toEqual([
      { j: "string x", k: "string " },
    ]);
  });

  test("no content is null; white space is a text unless treatEmptyValuesAsNulls", async () => {
    const text = '<row e="" w=" "><a/><b></b><c> </c></row>';
    expect(await records(text)).toEqual([
      { _e: "string ", _w: "string  ", a: "null null", b: "null null", c: "string  " },
    ]);
    expect(await records(text, { treatEmptyValuesAsNulls: true })).toEqual([
      { _e: "null null", _w: "null null", a: "null null", b: "null null", c: "null null" },
    ]);
  });

  test("prefix, value tag and attributes left out", async () => {
    const text = '<row id="1"><p c="EUR">5</p></row>';
    expect(await records(text, { attributePrefix: "@", valueTag: "#" })).toEqual([
      { "@id": "int 1", p: { "@c": "string EUR", "#": "int 5" } },
    ]);
    expect(await records(text, { excludeAttribute: true })).toEqual([{ p: "int 5" }]);
  });

  test("a row of text only, an empty row, and rows inside rows", async () => {
    expect(
      await records("<row>5</row><row></row><row> </row><row a='1'> </row><row><row><x>1</x></row></row>"),
    ).toEqual([{ _VALUE: "int 5" }, {}, {}, { _a: "int 1" }, { row: { x: "int 1" } }]);
  });

  test("a row element that closes itself is no record, and is counted; inside a row it is a field", async () => {
    const events = await read('<t><row a="1"/><row><row/></row></t>');
    expect(recordsOf(events)).toEqual([{ row: "null null" }]);
    expect(hazardsOf(events)).toEqual([["SELF_CLOSING_ROW", 3, undefined]]);
  });

  test("CDATA, comments, instructions, entities and characters by number", async () => {
    expect(
      await records(
        "<!-- <row><x>9</x></row> --><?pi <row> ?><t><row><a><![CDATA[<row>&amp;]]></a><b>&lt;&amp;&#65;&#x1F600;&quot;</b><c>x<!-- y -->z</c><d>1<![CDATA[2]]></d></row></t>",
      ),
    ).toEqual([{ a: "string <row>&amp;", b: 'string <&A😀"', c: "string xz", d: "int 12" }]);
  });

  test("a DOCTYPE with a subset is passed over; names of its entities are not known", async () => {
    const text =
      '<?xml version="1.0"?><!DOCTYPE t [ <!ENTITY a "x>y"> <!-- don\'t ]> --> <!ENTITY lol "&a;&a;"> ]><t><row><x>&a;</x></row><row><x>1</x></row></t>';
    const events = await read(text);
    expect(recordsOf(events)).toEqual([{ x: "int 1" }]);
    expect(faultsOf(events)).toEqual([["INVALID_XML", text.indexOf("<row>"), text.indexOf("</row>") + 6]]);
  });

  test("namespaces: names keep their prefix, declarations are no data", async () => {
    expect(await records('<n:row xmlns:n="u" xmlns="v" n:a="1"><n:b>2</n:b></n:row>', { rowTag: "n:row" })).toEqual([
      { "_n:a": "int 1", "n:b": "int 2" },
    ]);
  });

  test("mixed content keeps its text together", async () => {
    expect(await records("<row><p>Hello <b>big</b> world</p></row>")).toEqual([
      { p: { b: "string big", _VALUE: "string Hello  world" } },
    ]);
  });

  test("other elements whose name begins like the row's are none", async () => {
    expect(await records("<rows><row2><x>1</x></row2><row><x>2</x></row></rows>")).toEqual([{ x: "int 2" }]);
  });
});

test("every value is placed at its element, attributes at their names, whatever comes before", async () => {
  const text = '<t>é😀<row id="1" é="2">\r\n <a>ü</a><b c="d">e</b><a>f</a></row></t>';
  const bytes = Buffer.from(text);
  const [event] = await read(text);
  if (event?.kind !== "record") throw new Error("no record");
  expect(bytes.toString("utf8", event.offset, event.offset + event.length)).toBe(
    text.slice(text.indexOf("<row"), text.indexOf("</t>")),
  );
  const found: string[] = [];
  const visit = (name: string, value: SourceValue): void => {
    found.push(`${name}:${bytes.toString("utf8", value.at, (value.at ?? 0) + 2)}`);
    if (value.tag === "struct") for (const [key, item] of value.fields) visit(key, item);
    if (value.tag === "array") for (const item of value.elements) visit(`${name}[]`, item);
  };
  visit("", event.value);
  expect(found).toEqual([":<r", "_id:id", "_é:é", "a:<a", "a[]:<a", "a[]:<a", "b:<b", "_c:c=", "_VALUE:e<"]);
});

describe("documents that are broken", () => {
  test("a malformed row costs itself only, with its place", async () => {
    const text = "<t><row><a>1</a></row><row><a>2</b></row><row a=1/></row><row><a>3</a></row></t>";
    const events = await read(text);
    expect(recordsOf(events)).toEqual([{ a: "int 1" }, { a: "int 3" }]);
    expect(faultsOf(events)).toEqual([
      ["INVALID_XML", 22, 41],
      ["INVALID_XML", 51, 57],
    ]);
    const [bad] = events.filter((event) => event.kind === "malformed");
    expect(bad).toMatchObject({
      text: "<row><a>2</b></row>",
      reason: expect.stringMatching(/at byte \d+ of the row$/),
    });
  });

  test("a document that is cut: the row in hand is reported to its end, all before it are kept", async () => {
    const text = "<t><row><a>1</a></row><row><a>2</a></row><row><a>3";
    const events = await read(text);
    expect(recordsOf(events)).toEqual([{ a: "int 1" }, { a: "int 2" }]);
    expect(faultsOf(events)).toEqual([["TRUNCATED", text.lastIndexOf("<row>"), text.length]]);
  });

  test("cut between rows: nothing is lost of what is there, but that more is missing is told", async () => {
    const text = "<t><row><a>1</a></row>";
    expect(faultsOf(await read(text))).toEqual([["TRUNCATED", text.length, text.length]]);
    expect(faultsOf(await read("<row><a>1</a></row>"))).toEqual([]);
  });

  test("a row that never closes is broken up to the next one; those behind it are kept", async () => {
    const text = "<t><row><a>1</a><row><a>2</a></row><row><a>3</a></row></t>";
    const events = await read(text);
    expect(recordsOf(events)).toEqual([{ a: "int 2" }, { a: "int 3" }]);
    expect(faultsOf(events)).toEqual([["TRUNCATED", 3, 16]]);
  });

  test.each([
    ["text", "id,name\n1,2\n"],
    ["JSON", '{"row": 1}'],
    ["bytes", "\0\x01\x02"],
    ["a declaration only", '<?xml version="1.0"?>'],
    ["a comment only", "<!-- <row>1</row> -->"],
  ])("a document without any element (%s) is one error record, whatever the pieces", async (_what, text) => {
    for (const piece of [undefined, 1])
      expect(faultsOf(await read(text, {}, piece))).toEqual([["INVALID_XML", 0, text.length]]);
  });

  test.each([
    ["nothing", ""],
    ["white space", " \n\t"],
    ["no rows", "<t><other/></t>"],
  ])("%s is no fault", async (_what, text) => {
    expect(await read(text)).toEqual([]);
  });

  test("elements around rows that do not match", async () => {
    const events = await read("<t><u></t><row><a>1</a></row></t>");
    expect(recordsOf(events)).toEqual([{ a: "int 1" }]);
    expect(faultsOf(events)).toEqual([
      ["INVALID_XML", 6, 10],
      ["INVALID_XML", 29, 33],
    ]);
  });

  test("bytes that are not UTF-8 cost their row", async () => {
    const text = Buffer.concat([
      Buffer.from("<t><row><a>"),
      Buffer.from([0xff]),
      Buffer.from("</a></row><row><a>é</a></row></t>"),
    ]);
    const events = await read(text);
    expect(recordsOf(events)).toEqual([{ a: "string é" }]);
    expect(faultsOf(events)).toEqual([["INVALID_UTF8", 3, 22]]);
  });

  test("nesting past 500 levels is TOO_DEEP, 500 are read", async () => {
    const nested = (depth: number): string => `<row>${"<a>".repeat(depth - 1)}x${"</a>".repeat(depth - 1)}</row>`;
    const events = await read(`<t>${nested(500)}${nested(501)}${nested(100_000)}<row><b>1</b></row></t>`);
    expect(recordsOf(events)).toHaveLength(2);
    expect(faultsOf(events).map(([code]) => code)).toEqual(["TOO_DEEP", "TOO_DEEP"]);
  });

  test("a row past the limit is skipped to its end without being held", async () => {
    const big = `<row><a>${"x".repeat(3_000_000)}</a></row>`;
    const events = await readEvents(xmlReader(DEFAULTS, 1 << 20), `<t>${big}<row><a>1</a></row></t>`, 64 << 10);
    expect(recordsOf(events)).toEqual([{ a: "int 1" }]);
    expect(faultsOf(events)).toEqual([["RECORD_TOO_LARGE", 3, 3 + big.length]]);
  });

  test("a text of 50 MB in one element is read", async () => {
    const events = await read(`<t><row><a>${"y".repeat(50 << 20)}</a></row></t>`);
    const [record] = events;
    expect(record?.kind === "record" && record.length).toBe((50 << 20) + 18);
  });

  test("numbers that no type holds are strings, told with their path", async () => {
    const events = await read(`<row><a><b>${"9".repeat(39)}</b></a><c>1e999</c><d>1e-999</d></row>`);
    expect(recordsOf(events)).toEqual([{ a: { b: `string ${"9".repeat(39)}` }, c: "string 1e999", d: "double 0" }]);
    expect(hazardsOf(events).map(([hazard, , path]) => [hazard, path])).toEqual([
      ["NUMBER_TOO_LONG", "a.b"],
      ["NUMBER_OVERFLOW", "c"],
      ["NUMBER_UNDERFLOW", "d"],
    ]);
  });

  test("an element of one name with an entity that expands without end is refused at once", async () => {
    const bomb = `<!DOCTYPE t [<!ENTITY a0 "x">${Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join("")}]>`;
    expect(faultsOf(await read(`${bomb}<t><row><a>&a30;</a></row></t>`)).map(([code]) => code)).toEqual([
      "INVALID_XML",
    ]);
    expect(
      faultsOf(await read('<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><t><row><a>&x;</a></row></t>')).map(
        ([code]) => code,
      ),
    ).toEqual(["INVALID_XML"]);
  });
});

describe("encodings", () => {
  const latin = (text: string): Buffer => Buffer.from(text, "latin1");
  test("of the declaration, or of the option", async () => {
    const declared = await read(latin('<?xml version="1.0" encoding="ISO-8859-1"?><t><row><a>Zoë</a></row></t>'));
    expect(recordsOf(declared)).toEqual([{ a: "string Zoë" }]);
    expect(hazardsOf(declared)).toEqual([["TRANSCODED", 0, undefined]]);
    expect(recordsOf(await read(latin("<t><row><a>Zoë</a></row></t>"), { encoding: "ISO-8859-1" }))).toEqual([
      { a: "string Zoë" },
    ]);
    expect(
      recordsOf(
        await read(Buffer.from([0x3c, 0x72, 0x6f, 0x77, 0x3e, 0x83, 0x41, 0x3c, 0x2f, 0x72, 0x6f, 0x77, 0x3e]), {
          encoding: "Shift_JIS",
        }),
      ),
    ).toEqual([{ _VALUE: "string ア" }]);
  });
  test("UTF-16 without a mark", async () => {
    const text = '<?xml version="1.0" encoding="UTF-16"?><row><a>é</a></row>';
    expect(recordsOf(await read(Buffer.from(text, "utf16le")))).toEqual([{ a: "string é" }]);
    expect(recordsOf(await read(Buffer.from(text, "utf16le").swap16()))).toEqual([{ a: "string é" }]);
  });
  test("a declared encoding that is not known is reported, and UTF-8 is tried", async () => {
    const events = await read('<?xml version="1.0" encoding="klingon"?><row><a>1</a></row>');
    expect(recordsOf(events)).toEqual([{ a: "int 1" }]);
    expect(faultsOf(events)).toEqual([["INVALID_XML", 0, 0]]);
  });
});

// A writer of its own: a tree of texts, with how each is spelled chosen at random.
type Tree = {
  readonly attributes: readonly (readonly [string, string])[];
  readonly children: readonly (readonly [string, Tree | string])[];
};
const name = fc.constantFrom("a", "b", "c", "d-1", "é", "n:x");
const content = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom("x", " ", "<", "&", ">", '"', "'", "é", "😀", "]", "-", "1", "\t"),
      minLength: 1,
      maxLength: 8,
    }),
    fc.constantFrom("12", "-3", "0.5", "true", "007", "x y", "1e3"),
  )
  .filter((text) => text.trim() !== "");
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.record({
    attributes: fc.uniqueArray(fc.tuple(name, content), { selector: ([key]) => key, maxLength: 2 }),
    children: fc.array(fc.tuple(name, fc.oneof({ depthSize: "small", withCrossShrink: true }, content, tie("tree"))), {
      maxLength: 4,
    }),
  }),
}));
const spelled = fc.infiniteStream(fc.nat({ max: 5 }));

function escaped(text: string, pick: () => number): string {
  return [...text]
    .map((c) => {
      if (c === "<") return "&lt;";
      if (c === "&") return "&amp;";
      if (c === ">") return pick() % 2 ? "&gt;" : "&#62;";
      if (c === '"') return "&quot;";
      if (c === "'") return "&apos;";
      if (c === "\t") return "&#9;";
      return pick() === 0 ? `&#x${(c.codePointAt(0) ?? 0).toString(16)};` : c;
    })
    .join("");
}

function writeTree(tag: string, node: Tree | string, pick: () => number): string {
  const gap = (): string => ["", " ", "\n  ", "<!-- <row> -->", "<?x y?>", ""][pick()] ?? "";
  if (typeof node === "string") {
    const body = pick() === 1 && !node.includes("]]>") ? `<![CDATA[${node}]]>` : escaped(node, pick);
    return `<${tag}>${body}</${tag}>`;
  }
  const attributes = node.attributes
    .map(([key, value]) => ` ${key}=${pick() % 2 ? `"${escaped(value, pick)}"` : `'${escaped(value, pick)}'`}`)
    .join("");
  return `<${tag}${attributes}${pick() === 2 ? " " : ""}>${node.children.map(([key, child]) => gap() + writeTree(key, child, pick)).join("")}${gap()}</${tag}>`;
}

function expected(node: Tree | string): Plain {
  if (typeof node === "string") return expectedText(node);
  const fields: { [name: string]: Plain } = {};
  const add = (key: string, value: Plain): void => {
    const held = fields[key];
    fields[key] = held === undefined ? value : Array.isArray(held) ? [...held, value] : [held, value];
  };
  for (const [key, value] of node.attributes) add(`_${key}`, expectedText(value));
  for (const [key, child] of node.children)
    add(
      key,
      typeof child !== "string" && child.attributes.length + child.children.length === 0 ? "?" : expected(child),
    );
  return fields;
}
function expectedText(text: string): Plain {
  const trimmed = text.trim();
  if (/^[+-]?(0|[1-9]\d*)$/.test(trimmed)) return `int ${Number(trimmed)}`;
  if (/^[+-]?(\d+\.\d*|\.\d+|\d+e\d+)$/.test(trimmed)) return `double ${Number(trimmed)}`;
  return text === "true" ? "boolean true" : `string ${text}`;
}
/**
 * An element without attributes and children may be null, a text of white space, or nothing but comments: the writer's
 * gaps decide.
 */
const blanked = (value: Plain): Plain => {
  if (Array.isArray(value)) return value.map(blanked);
  if (typeof value === "object")
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, blanked(item)]));
  return value === "null null" || /^string \s*$/.test(value) ? "?" : value;
};

test("random records, written by another hand and cut into pieces of any size, read back the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(tree, { maxLength: 6 }),
      spelled,
      fc.integer({ min: 1, max: 60 }),
      async (trees, stream, piece) => {
        const pick = (): number => stream.next().value as number;
        const text = `<?xml version="1.0"?>\n<t>${trees.map((node) => writeTree("row", node, pick)).join("\n")}</t>`;
        const events = await read(text, {}, piece);
        expect(faultsOf(events)).toEqual([]);
        expect(recordsOf(events).map(blanked)).toEqual(trees.map((node) => blanked(expected(node))));
        expect(await read(text)).toEqual(events);
      },
    ),
    { numRuns: Number(process.env["XML_RUNS"] ?? 300) },
  );
});

test("bytes of any kind end with every row accounted for and no exception", async () => {
  const noise = fc.array(
    fc.constantFrom(
      "<row>",
      "</row>",
      "<row/>",
      "<a>",
      "</a>",
      "x",
      "<",
      ">",
      "&",
      "&amp;",
      '"',
      "'",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<!DOCTYPE ",
      "[",
      "]",
      "<?",
      "?>",
      "<row a='",
      "=",
      " ",
      "é",
      "\u0001",
    ),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(noise, fc.integer({ min: 1, max: 30 }), async (parts, piece) => {
      const text = parts.join("");
      const events = await read(text, {}, piece);
      expect(await read(text)).toEqual(events);
      const size = Buffer.byteLength(text);
      for (const event of events) {
        if (event.kind === "record")
          expect(text.slice(Buffer.from(text).subarray(0, event.offset).toString().length).startsWith("<row")).toBe(
            true,
          );
        if (event.kind === "malformed") expect(event.offset <= event.end && event.end <= size).toBe(true);
      }
    }),
    { numRuns: Number(process.env["XML_RUNS"] ?? 500) },
  );
});
