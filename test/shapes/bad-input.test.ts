/**
 * Every kind of bad input gives records that add up, and a stable code with its place; nothing throws but a changing
 * world.
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import type { FileLedger, LedgerNode } from "../../src/shapes/ledger.js";
import { MAX_KEPT_MALFORMED } from "../../src/shapes/ledger.js";
import { makeFixture, makeStorage } from "./scan-fixture.js";
import type { Fixture } from "./scan-fixture.js";

let fixture: Fixture;
beforeAll(() => {
  fixture = makeFixture();
});
afterAll(() => fixture.remove());

const codes = (ledger: FileLedger): string[] => ledger.malformedRecords.map(({ code }) => code);
const field = (node: LedgerNode, name: string): LedgerNode | undefined =>
  node.fields.find((f) => f.name === name)?.node;
const counts = (node: LedgerNode | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(node?.tags ?? {}).map(([tag, { count }]) => [tag, count]));
const hazards = (ledger: FileLedger): Record<string, number> =>
  Object.fromEntries(Object.entries(ledger.hazards).map(([name, { count }]) => [name, count]));
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

test("an empty file, and one of blank lines only, hold no records", async () => {
  for (const text of ["", "\n", "\r\n \t\n", "  "]) {
    for (const mode of ["auto", "lines", "values"] as const) {
      const ledger = await fixture.scanOne(text, { mode });
      expect([ledger.records, ledger.malformed, ledger.bytes, ledger.root.fields.length]).toEqual([
        0,
        0,
        text.length,
        0,
      ]);
    }
  }
});

test.each([
  ["NaN", '{"a":NaN}', 5],
  ["Infinity", '{"a":-Infinity}', 6],
  ["a trailing comma", '{"a":1,}', 7],
  ["a trailing comma in an array", '{"a":[1,]}', 8],
  ["single quotes", "{'a':1}", 1],
  ["a comment", '{"a":1/**/}', 6],
  ["a leading zero", '{"a":01}', 6],
  ["a plus sign", '{"a":+1}', 5],
  ["a control character in a string", '{"a":"\t"}', 6],
  ["a bad escape", '{"a":"\\x"}', 7],
  ["two records on a line", '{"a":1} {"a":2}', 8],
  ["a bare key", "{a:1}", 1],
])("%s is malformed at its byte", async (_, text, at) => {
  const ledger = await fixture.scanOne(`{"a":1}\n${text}\n{"a":2}\n`, { mode: "lines" });
  expect(ledger.malformedRecords).toEqual([
    expect.objectContaining({ code: "INVALID_JSON", offset: 8, end: 8 + text.length, at, text }),
  ]);
  expect(ledger.malformedRecords[0]?.reason).toContain(`at byte ${at} of the record`);
  expect(counts(field(ledger.root, "a"))).toEqual({ int: 2 });
});

test("nesting of 100,000 levels is a malformed record, 500 levels are not", async () => {
  const nested = (open: string, close: string, levels: number): string =>
    `{"a":${open.repeat(levels)}1${close.repeat(levels)}}`;
  const lines = [
    nested("[", "]", 499),
    nested("[", "]", 500),
    nested("[", "]", 100_000),
    nested('{"k":', "}", 100_000),
    `{"a":${"[".repeat(100_000)}`,
    '{"a":1}',
  ];
  const ledger = await fixture.scanOne(lines.join("\n"), { mode: "lines" });
  expect(ledger.records).toBe(2);
  expect(codes(ledger)).toEqual(Array(4).fill("TOO_DEEP"));
  const values = await fixture.scanOne(`[${lines.filter((_, i) => i !== 4).join(",")}]`);
  expect([values.records, codes(values)]).toEqual([2, Array(3).fill("TOO_DEEP")]);
});

test("a line of 50 MB is one record", async () => {
  const ref = fixture.write("wide.json", `{"s":"${"x".repeat(50 << 20)}","n":7}\n{"n":8}\n`);
  const [ledger] = await fixture.scan([ref]);
  expect([ledger?.records, ledger?.malformed]).toEqual([2, 0]);
  expect(field(ledger!.root, "n")?.tags.int?.first).toEqual({ file: ref.path, record: 0, offset: (50 << 20) + 12 });
});

test("a record past the limit is counted and skipped to the next line, in bounded memory", async () => {
  const big = `{"s":"${"x".repeat(5 << 20)}"}`;
  for (const tail of ["\n", ""]) {
    const ledger = await fixture.scanOne(`{"a":1}\n${big}\n{"a":2}\n${big}${tail}`, {
      mode: "lines",
      maxRecord: 2 << 20,
    });
    expect([ledger.records, ledger.malformed]).toEqual([2, 2]);
    expect(ledger.malformedRecords.map(({ code, offset, end }) => [code, offset, end])).toEqual([
      ["RECORD_TOO_LARGE", 8, 8 + big.length],
      ["RECORD_TOO_LARGE", 17 + big.length, 17 + 2 * big.length],
    ]);
  }
  const values = await fixture.scanOne(`[{"a":1},${big}]`, { mode: "values", maxRecord: 2 << 20 });
  expect([values.records, codes(values)]).toEqual([1, ["RECORD_TOO_LARGE"]]);
  expect(values.malformedRecords[0]?.end).toBe(big.length + 10);
});

test("of a key that comes twice the last value counts, at any depth", async () => {
  const ledger = await fixture.scanOne('{"a":1,"b":{"x":1,"x":"s"},"a":true,"\\u0061":[1]}\n{"a":2}\n');
  expect(counts(field(ledger.root, "a"))).toEqual({ array: 1, int: 1 });
  expect(counts(field(field(ledger.root, "b")!, "x"))).toEqual({ string: 1 });
  expect(ledger.hazards.DUPLICATE_KEY).toMatchObject({ count: 3, first: { record: 0, offset: 18 }, path: "b.x" });
  expect(ledger.shapes).toHaveLength(2);
});

test("keys that differ in case only, and the empty key, are counted", async () => {
  const ledger = await fixture.scanOne('{"Id":1,"id":"x"}\n{"ID":1}\n{"id":1,"Id":2,"":0}\n{"k":{"x":1,"X":2}}\n');
  expect(ledger.root.fields.map(({ name }) => name)).toEqual(["Id", "id", "ID", "", "k"]);
  expect(hazards(ledger)).toEqual({ CASE_CLASH: 3, EMPTY_KEY: 1 });
  expect(ledger.hazards.CASE_CLASH?.path).toBe("id");
});

test("odd keys stay what they are, however they are spelled", async () => {
  const keys = ["a.b", 'q"', "b\\", "`t`", "n\n", "\u{1f600}", 'a":1,"b', "ab", "key8byte", "key8byte9"];
  const record = JSON.stringify(Object.fromEntries(keys.map((key, i) => [key, i])));
  const escaped = `{${keys.map((key, i) => `"${[...key].map((c) => [...Array(c.length).keys()].map((k) => `\\u${c.charCodeAt(k).toString(16).padStart(4, "0")}`).join("")).join("")}":${i}`).join(",")}}`;
  const ledger = await fixture.scanOne(`${record}\n${escaped}\n${record}\n{"a\\":1,\\"b":5,"a":1,"b":2}\n`);
  for (const key of keys)
    expect([key, counts(field(ledger.root, key))]).toEqual([key, { int: key === 'a":1,"b' ? 4 : 3 }]);
  expect(ledger.root.fields).toHaveLength(keys.length + 2);
  expect(hazards(ledger)).toEqual({});
});

test("numbers past their types change nothing unseen", async () => {
  const ledger = await fixture.scanOne(
    `{"a":9223372036854775808,"b":${"9".repeat(38)},"c":${"9".repeat(39)},"d":1e400,"e":1e-400,"f":-0,"g":1.0}\n`,
  );
  expect(Object.fromEntries(ledger.root.fields.map(({ name, node }) => [name, Object.keys(node.tags)[0]]))).toEqual({
    a: "bigint",
    b: "bigint",
    c: "string",
    d: "string",
    e: "double",
    f: "int",
    g: "double",
  });
  expect(hazards(ledger)).toEqual({ NUMBER_TOO_LONG: 1, NUMBER_OVERFLOW: 1, NUMBER_UNDERFLOW: 1 });
});

test("lone surrogates are counted, in keys of every spelling too", async () => {
  const line = '{"\\ud800":"\\udc00\\ud83d\\ude00","x":"\\ud800\\ud800"}\n';
  const ledger = await fixture.scanOne(line + line);
  expect(hazards(ledger)).toEqual({ LONE_SURROGATE: 8 });
  expect(ledger.root.fields.map(({ name }) => name)).toEqual(["\ufffd", "x"]);
});

test("invalid UTF-8 is malformed, whole UTF-8 of every length is not", async () => {
  const good = bytes('{"k":"é한\u{1f600}\u{10ffff}"}\n');
  const bad = [
    [0xff],
    [0xc3],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xc0, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0x80],
  ];
  const ledger = await fixture.scanOne(
    Buffer.concat([good, ...bad.map((b) => bytes('{"k":"x', b, '"}\n')), bytes('{"', [0xc3], '":1}\n'), good]),
  );
  expect([ledger.records, codes(ledger)]).toEqual([2, Array(9).fill("INVALID_UTF8")]);
  expect(ledger.malformedRecords.map(({ at }) => at)).toEqual([...Array<number>(8).fill(7), 2]);
});

test("a byte order mark is skipped, UTF-16 is converted, CRLF is white space", async () => {
  const text = '{"a":"é"}\r\n{"a":1}\r\n';
  const expected = { records: 2, string: 1, int: 1 };
  const seen = (l: FileLedger): unknown => ({ records: l.records, ...counts(field(l.root, "a")) });
  const le = Buffer.from(`\ufeff${text}`, "utf16le");
  for (const [file, hazard] of [
    [text, {}],
    [`\ufeff${text}`, { BOM: 1 }],
    [le, { BOM: 1, TRANSCODED: 1 }],
    [Buffer.from(le).swap16(), { BOM: 1, TRANSCODED: 1 }],
    [zlib.gzipSync(le), { BOM: 1, TRANSCODED: 1 }],
    [zlib.gzipSync(`\ufeff${text}`), { BOM: 1 }],
  ] as const) {
    const ledger = await fixture.scanOne(file);
    expect([seen(ledger), hazards(ledger), ledger.malformed]).toEqual([expected, hazard, 0]);
  }
  const marked = await fixture.scanOne(`\ufeff${text}`);
  expect(field(marked.root, "a")?.tags.string?.first.offset).toBe(8);
});

test("records that are no objects are malformed as such", async () => {
  const ledger = await fixture.scanOne('{"a":1}\n1\n"x"\nnull\n[{"a":1}]\n[1\n', { mode: "lines" });
  expect(codes(ledger)).toEqual([...Array<string>(4).fill("NOT_AN_OBJECT"), "INVALID_JSON"]);
  expect([hazards(ledger), ledger.records]).toEqual([{ NOT_AN_OBJECT: 4 }, 1]);
});

test("binary posing as JSON gives malformed records, counted all and kept up to the limit", async () => {
  const noise = Buffer.alloc(3 << 20);
  for (let i = 0, x = 1; i < noise.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    noise[i] = x >>> 24;
  }
  for (const mode of ["auto", "lines", "values"] as const) {
    const ledger = await fixture.scanOne(noise, { mode });
    expect(ledger.records).toBe(0);
    expect(ledger.malformed).toBeGreaterThan(0);
    expect(ledger.malformedRecords.length).toBe(Math.min(ledger.malformed, MAX_KEPT_MALFORMED));
    expect(ledger.bytes).toBe(noise.length);
  }
  const lines = await fixture.scanOne("x\n".repeat(70_000));
  expect([lines.malformed, lines.malformedRecords.length, lines.malformedRecords[999]?.offset]).toEqual([
    70_000, 1000, 1998,
  ]);
});

test("compressed streams are told by content; one that ends too early keeps its records and says so", async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `{"i":${i},"s":"${(i * 7919) % 10007}"}\n`).join("");
  const whole = await fixture.scanOne(text);
  const half = text.indexOf("\n", text.length / 2) + 1;
  const packed = [
    zlib.gzipSync(text),
    Buffer.concat([zlib.gzipSync(text.slice(0, half)), zlib.gzipSync(text.slice(half))]),
  ];
  for (const file of packed) {
    const ledger = await fixture.scanOne(file);
    expect([ledger.root.tags.struct?.count, ledger.bytes, ledger.size]).toEqual([50_000, text.length, file.length]);
    expect(JSON.stringify(ledger.root).replaceAll(ledger.file, "")).toBe(
      JSON.stringify(whole.root).replaceAll(whole.file, ""),
    );
  }
  const cut = await fixture.scanOne(packed[0]!.subarray(0, packed[0]!.length / 2));
  expect(cut.records).toBeGreaterThan(20_000);
  expect(codes(cut).at(-1)).toBe("TRUNCATED");
  expect(cut.malformed).toBeLessThanOrEqual(2);
  const damaged = Buffer.from(packed[0]!);
  damaged.fill(0xff, damaged.length / 2, damaged.length / 2 + 64);
  const corrupt = await fixture.scanOne(damaged);
  expect(codes(corrupt).at(-1)).toBe("CORRUPT");
  expect(corrupt.malformedRecords.at(-1)?.reason).toMatch(/gzip stream is damaged/);
});

test("after a malformed record in an array or in pretty-printed JSON, the records behind it are read", async () => {
  const good = (i: number): string => JSON.stringify({ i, list: [{ x: 1 }] }, null, 2);
  const bad = ['{\n  "i": NaN,\n  "list": [{"x": 1}]\n}', "{'i': 1}", '{\n  "i": 1,\n}', '{"s": "un\nterminated}'];
  for (const text of bad) {
    const array = await fixture.scanOne(`[${good(1)},\n${text},\n${good(2)}]`);
    expect([text, array.records, array.malformedRecords.map(({ offset }) => offset)]).toEqual([
      text,
      2,
      [good(1).length + 3],
    ]);
    const concatenated = await fixture.scanOne(`${good(1)}\n${text}\n${good(2)}\n${good(3)}`);
    expect([text, concatenated.records, concatenated.malformed]).toEqual([text, 3, 1]);
  }
  const unclosed = await fixture.scanOne(`${good(1)}\n{\n  "i": 1\n${good(2)}\n${good(3)}`);
  expect([unclosed.records, unclosed.malformed, unclosed.malformedRecords[0]?.end]).toEqual([
    3,
    1,
    good(1).length + 11,
  ]);
  const hopeless = await fixture.scanOne(`[${JSON.stringify({ i: 1 })},{"i":[1,{"i":2},{"i":3}]`);
  expect([hopeless.records, hopeless.malformed]).toEqual([1, 2]);
  const open = await fixture.scanOne('[{"i":1},{"i":2}');
  expect([open.records, codes(open)]).toEqual([2, ["TRUNCATED"]]);
});

test("a file that changed or vanished between listing and reading is an error that names it", async () => {
  const changed = fixture.write("changed.json", '{"a":1}\n');
  fs.appendFileSync(changed.path, '{"a":2}\n');
  await expect(fixture.scan([changed])).rejects.toMatchObject({
    code: "SOURCE_CHANGED",
    file: changed.path,
    hint: expect.stringContaining("run again") as string,
  });
  const gone = fixture.write("gone.json", '{"a":1}\n');
  fs.rmSync(gone.path);
  for (const storage of [fixture.storage, makeStorage(false)]) {
    await expect(fixture.scan([gone], {}, { storage })).rejects.toMatchObject({
      code: "SOURCE_VANISHED",
      file: gone.path,
    });
  }
  await expect(fixture.scan([gone], { workersAbove: 0 }, { workers: 2 })).rejects.toMatchObject({
    code: "SOURCE_VANISHED",
    file: gone.path,
  });
  const folder = path.join(fixture.folder, "folder.json");
  fs.mkdirSync(folder);
  await expect(fixture.scan([{ ...gone, path: folder }])).rejects.toMatchObject({ code: "READ_FAILED", file: folder });
});
