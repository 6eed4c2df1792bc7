/** Avro files of other writers: fastavro's (files/make.py), and avsc's of random schemas. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import avsc from "avsc";
import * as fc from "fast-check";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";

let folder: string;
const contexts: GlueContext[] = [];
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-avro-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const made = (name: string): string => join(__dirname, "files", name);
const frameOf = (path: string, formatOptions = {}, glue = contexts[0] as GlueContext): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path },
    format: "avro",
    formatOptions,
  });

/** Values as plain JSON: big integers, decimals and times as their text, bytes as hexadecimal, maps as objects. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value as { toString(): string });
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}

/** As make.py has it. */
const order = (i: number) => ({
  id: [1, "9007199254740993", "-9223372036854775808"][i % 3],
  small: [7, -2147483648, 2147483647][i % 3],
  ok: i % 2 === 0,
  f: 1.5,
  d: [0.1, -1e300, 5e-324][i % 3],
  text: ["é", "🦆", ""][i % 3],
  raw: `00ff${i.toString(16).padStart(2, "0")}`,
  nothing: null,
  hash: "0001feff",
  state: ["NEW", "PAID"][i % 2],
  time: 3723004,
  key: `00000000-0000-0000-0000-0000000000${i.toString(16).padStart(2, "0")}`,
  maybe: [null, "x"][i % 2],
  either: [null, i, String(i), { x: 0.5 }][i % 4],
  items: Array.from({ length: i % 4 }, (_, j) => ({ sku: `a${j}`, where: j % 2 === 0 ? null : { x: j } })),
  tags: Object.fromEntries(Array.from({ length: i % 3 }, (_, j) => [`t${j}`, [null, j][j % 2]])),
});
const logical = (i: number) => ({
  ...order(i),
  price: ["12.30", "-0.01", "99999999.99"][i % 3],
  exact: ["1234567890123456789012345678.0123456789", "-0.0000000001", "0.0000000000"][i % 3],
  day: ["2024-02-29", "1969-12-31", "0001-01-01"][i % 3],
  at_ms: "2024-02-29 12:00:00.123",
  at_us: "1969-12-31 23:59:59.999999",
  local_us: "2024-02-29 12:00:00.000001",
});
const bare = (i: number) => ({
  ...order(i),
  price: ["04ce", "ff", "02540be3ff"][i % 3],
  exact: ["0949b0f6f0023313c449904ecc674515", "f".repeat(32), "0".repeat(32)][i % 3],
  day: [19782, -1, -719162][i % 3],
  at_ms: 1709208000123,
  at_us: -1,
  local_us: 1709208000000001,
});

test.each(["null", "deflate", "snappy", "zstandard", "bzip2"])(
  "%s: all values exactly, both versions, both engines",
  async (codec) => {
    const path = join(folder, `orders-${codec}.avro`);
    await copyFile(made(`orders-${codec}.avro`), path);
    for (const glue of contexts) {
      for (const [version, expected] of [
        ["1.8", logical],
        ["1.7", bare],
        [undefined, bare],
      ] as const) {
        const frame = frameOf(path, version === undefined ? {} : { version }, glue);
        expect((await frame.records()).map(plain)).toEqual(Array.from({ length: 40 }, (_, i) => expected(i)));
        expect(await frame.errorsCount()).toBe(0);
      }
    }
  },
);

test("types: what the schema declares, unions as choices", async () => {
  const tree = async (version: string): Promise<string> =>
    (await frameOf(made("orders-null.avro"), { version }).schemaTree()).trimEnd();
  const middle =
    "|-- either: choice\n|    |-- int\n|    |-- string\n|    |-- struct\n|-- items: array\n|    |-- element: struct\n|    |    |-- sku: string\n|    |    |-- where: struct\n|    |    |    |-- x: double\n|-- tags: map\n|    |-- keyType: string\n|    |-- valueType: long";
  const head =
    "root\n|-- id: long\n|-- small: int\n|-- ok: boolean\n|-- f: float\n|-- d: double\n|-- text: string\n|-- raw: binary\n|-- nothing: null\n|-- hash: binary\n|-- state: string\n";
  expect(await tree("1.8")).toBe(
    `${head}|-- price: decimal\n|-- exact: decimal\n|-- day: date\n|-- time: int\n|-- at_ms: timestamp\n|-- at_us: timestamp\n|-- local_us: timestampntz\n|-- key: string\n|-- maybe: string\n${middle}`,
  );
  expect(await tree("1.7")).toBe(
    `${head}|-- price: binary\n|-- exact: binary\n|-- day: int\n|-- time: int\n|-- at_ms: long\n|-- at_us: long\n|-- local_us: long\n|-- key: string\n|-- maybe: string\n${middle}`,
  );
});

test("files of different schemas make one frame", async () => {
  const path = join(folder, "versions");
  await mkdir(path);
  for (const name of ["v1.avro", "v2.avro", "v3.avro"]) await copyFile(made(name), join(path, name));
  const frame = frameOf(path);
  expect((await frame.schemaTree()).trimEnd()).toBe(
    "root\n|-- a: choice\n|    |-- int\n|    |-- long\n|    |-- string\n|-- b: choice\n|    |-- double\n|    |-- string",
  );
  expect(await frame.records()).toEqual([
    { a: 1 },
    { a: 2 ** 40, b: "x" },
    { b: null, a: "three" },
    { b: 0.5, a: "4" },
  ]);
});

describe("bad files are reports, not failures", () => {
  const reasons = async (frame: DynamicFrame): Promise<unknown[]> =>
    (await frame.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: string }).msg);
  test.each([
    ["tree.avro", "RECURSIVE_SCHEMA", "the type Tree, which contains itself", 1],
    ["numbers.avro", "NOT_AN_OBJECT", "expected a record, found int", 3],
    [
      "orders-xz.avro",
      "UNSUPPORTED_COMPRESSION",
      "packed with xz; null, deflate, snappy, zstandard and bzip2 are read",
      1,
    ],
  ])("%s: %s", async (name, code, message, count) => {
    const frame = frameOf(made(name));
    expect([await frame.count(), await frame.errorsCount()]).toEqual([0, count]);
    expect((await reasons(frame))[0]).toContain(message);
    const { malformedRecords } = (await frame.drift()) as unknown as { malformedRecords?: readonly { code: string }[] };
    if (malformedRecords !== undefined) expect(malformedRecords[0]?.code).toBe(code);
  });
  test("a cut, a bad block and a bad sync marker cost their block only, with the place", async () => {
    const whole = await readFile(made("orders-deflate.avro"));
    const sync = Buffer.from("0123456789abcdef");
    const ends: number[] = [];
    for (let at = whole.indexOf(sync); at >= 0; at = whole.indexOf(sync, at + 1)) ends.push(at + 16);
    const [header = 0, first = 0] = ends;
    expect(ends.length).toBeGreaterThan(3); // a header and some blocks
    const read = async (
      bytes: Buffer,
    ): Promise<{
      readonly ids: readonly unknown[];
      readonly messages: readonly unknown[];
      readonly sources: readonly unknown[];
    }> => {
      const path = join(folder, `bad-${files++}.avro`);
      await writeFile(path, bytes);
      const frame = frameOf(path);
      const errors = (await frame.errorsAsDynamicFrame().records()).map(
        (r) => r["error"] as { msg: string; source: string },
      );
      return {
        ids: (await frame.records()).map((r) => (r["key"] as string).slice(-2)),
        messages: errors.map((e) => e.msg),
        sources: errors.map((e) => e.source.replace(/^.*:/, "")),
      };
    };
    const all = (await read(whole)).ids;
    const inFirst = (await read(whole.subarray(0, first))).ids;
    expect(all).toHaveLength(40);
    const cut = await read(whole.subarray(0, first + 100));
    expect(cut).toMatchObject({
      ids: inFirst,
      messages: [expect.stringContaining("the file ends in a block of")],
      sources: [`${first}-${first + 100}`],
    });
    const spoilt = Buffer.from(whole);
    spoilt.fill(0xff, header + 30, header + 60);
    expect(await read(spoilt)).toMatchObject({
      ids: all.slice(inFirst.length),
      messages: [expect.stringContaining("the block cannot be inflated")],
      sources: [`${header}-${first}`],
    });
    const unsynced = Buffer.from(whole);
    unsynced[first - 1] = 0;
    const lost = await read(unsynced);
    // the marker is searched for from the bad block on: the next block is behind the next marker
    expect(lost.messages).toEqual([expect.stringContaining("does not end where it says")]);
    expect(all.slice(-lost.ids.length)).toEqual(lost.ids);
    expect(lost.ids.length).toBeGreaterThan(0);
    expect((await read(whole.subarray(0, header - 20))).messages).toEqual(["its header is cut off or damaged"]);
    expect((await read(Buffer.from("Objective"))).messages).toEqual(["it does not begin as Avro does"]);
  });
  test("a few bytes cannot stand for endless values", async () => {
    const encode = (n: number): Buffer => avsc.Type.forSchema("long").toBuffer(n);
    const type = avsc.Type.forSchema({
      type: "record",
      name: "R",
      fields: [{ name: "n", type: { type: "array", items: "null" } }],
    } as never);
    const header = avsc.Type.forSchema({ type: "map", values: "bytes" } as never).toBuffer({
      "avro.schema": Buffer.from(JSON.stringify(type.schema())),
    });
    const sync = Buffer.alloc(16, 7);
    const block = Buffer.concat([encode(2 ** 50), Buffer.from([0])]);
    const path = join(folder, "endless.avro");
    await writeFile(
      path,
      Buffer.concat([Buffer.from("Obj\u0001"), header, sync, encode(1), encode(block.length), block, sync]),
    );
    const frame = frameOf(path);
    expect([await frame.count(), await frame.errorsCount()]).toEqual([0, 1]);
    expect((await reasons(frame))[0]).toContain("more values than it has bytes for");
  });
  test("options", () => {
    expect(() => frameOf(folder, { version: "1.9" })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", path: "version" }),
    );
    expect(() => frameOf(folder, { verson: "1.8" })).toThrow(
      expect.objectContaining({ code: "BAD_OPTION", hint: "Did you mean version?" }),
    );
  });
});

type Made = {
  readonly schema: object | string;
  readonly value: fc.Arbitrary<unknown>;
  readonly expected: (value: never) => unknown;
};
const primitives: readonly Made[] = [
  { schema: "int", value: fc.integer(), expected: (v) => v },
  { schema: "boolean", value: fc.boolean(), expected: (v) => v },
  { schema: "string", value: fc.string({ unit: "grapheme" }), expected: (v) => v },
  // avsc rounds longs past 2^52; fastavro's files hold larger ones
  { schema: "double", value: fc.double({ noNaN: true }).map((d) => (Object.is(d, -0) ? 0 : d)), expected: (v) => v },
  { schema: "long", value: fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), expected: (v) => v },
  {
    schema: "bytes",
    value: fc.uint8Array({ maxLength: 5 }).map((b) => Buffer.from(b)),
    expected: (v: Buffer) => v.toString("hex"),
  },
];
let names = 0;
const typed: fc.Arbitrary<Made> = fc.letrec<{ type: Made; record: Made }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(...primitives),
    tie("type").map(({ schema, value, expected }): Made => ({
      schema: { type: "array", items: schema },
      value: fc.array(value, { maxLength: 3 }),
      expected: (v: never[]) => v.map(expected),
    })),
    fc
      .constantFrom(...primitives)
      .map(({ schema, value, expected }): Made => ({
        schema: ["null", schema],
        value: fc.option(value),
        expected: (v: never) => (v === null ? null : expected(v)),
      })),
    tie("record"),
  ),
  record: fc
    .array(tie("type"), { minLength: 1, maxLength: 4 })
    .map((types): Made => ({
      schema: {
        type: "record",
        name: `R${names++}`,
        fields: types.map(({ schema }, i) => ({ name: `f${i}`, type: schema })),
      },
      value: fc
        .tuple(...types.map(({ value }) => value))
        .map((values) => Object.fromEntries(values.map((v, i) => [`f${i}`, v]))),
      expected: (v: Record<string, never>) =>
        Object.fromEntries(types.map(({ expected }, i) => [`f${i}`, expected(v[`f${i}`] as never)])),
    })),
})).record;

test("random records written by avsc read back the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      typed.chain((type) => fc.tuple(fc.constant(type), fc.array(type.value, { minLength: 1, maxLength: 6 }))),
      async ([{ schema, expected }, values]) => {
        const path = join(folder, `random-${files++}.avro`);
        const encoder = new avsc.streams.BlockEncoder(avsc.Type.forSchema(schema as never), {
          codec: "deflate",
          blockSize: 64,
        } as never);
        const parts: Buffer[] = [];
        encoder.on("data", (part: Buffer) => parts.push(part));
        const ended = new Promise<void>((resolve) => encoder.once("end", resolve));
        for (const value of values) encoder.write(value);
        encoder.end();
        await ended;
        await writeFile(path, Buffer.concat(parts));
        const records = await frameOf(path, {}, contexts[1]).records();
        expect(records.map(plain)).toEqual(values.map((value) => expected(value as never)));
      },
    ),
    { numRuns: 40 },
  );
});

test("a last block that is shorter than it says is one error; the blocks before it are read", async () => {
  const whole = await readFile(made("orders-null.avro"));
  const path = join(folder, "short-block.avro");
  await writeFile(path, Buffer.concat([whole.subarray(0, -40), whole.subarray(-35)]));
  for (const glue of contexts) {
    const frame = frameOf(path, {}, glue);
    expect([await frame.errorsCount(), (await frame.records()).length < 40]).toEqual([1, true]);
    expect(await frame.errorsAsDynamicFrame().count()).toBe(1);
  }
});
