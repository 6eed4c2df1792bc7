/** Avro written on both engines, read by avsc and read back. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";
import avsc from "avsc";
import * as fc from "fast-check";
import { decompress } from "fzstd";
import bunzip from "seek-bzip";
import { uncompress } from "snappyjs";
import { GlueContext, type DynamicFrame } from "../../../src/index.js";

let folder: string;
const contexts: GlueContext[] = [];
let writes = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-avro-out-"));
  for (const engine of ["duckdb", "reference"] as const)
    contexts.push(await GlueContext.open({ catalog: join(folder, engine), engine }));
});
afterAll(async () => {
  for (const glue of contexts) await glue.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(glue: GlueContext, frame: DynamicFrame, formatOptions = {}, more = {}): Promise<string> {
  const path = join(folder, `out-${writes++}`);
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path, ...more },
    format: "avro",
    formatOptions,
  });
  return path;
}
const read = (glue: GlueContext, path: string, formatOptions = {}): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path },
    format: "avro",
    formatOptions,
  });

/** What the package avsc makes of the one file in the folder. */
async function oracle(path: string): Promise<{ readonly schema: unknown; readonly records: unknown[] }> {
  const [name = ""] = await readdir(path);
  const bytes = await readFile(join(path, name));
  const inflate = promisify(zlib.inflateRaw);
  const decoder = new avsc.streams.BlockDecoder({
    codecs: {
      null: (data: Buffer, done: (error: Error | null, data?: Buffer) => void) => done(null, data),
      deflate: (data: Buffer, done: (error: Error | null, data?: Buffer) => void) =>
        void inflate(data).then(
          (b) => done(null, b),
          (e: Error) => done(e),
        ),
      snappy: (data: Buffer, done: (error: Error | null, data?: Buffer) => void) =>
        done(null, uncompress(data.subarray(0, -4))),
      zstandard: (data: Buffer, done: (error: Error | null, data?: Buffer) => void) =>
        done(null, Buffer.from(decompress(data))),
      bzip2: (data: Buffer, done: (error: Error | null, data?: Buffer) => void) =>
        done(null, Buffer.from(bunzip.decode(data, undefined, false))),
    },
  } as never);
  let schema: unknown;
  const records: unknown[] = [];
  decoder.on("metadata", (type: avsc.Type) => {
    schema = type.schema({ exportAttrs: true } as never);
  });
  decoder.on("data", (record: unknown) => records.push(JSON.parse(JSON.stringify(record))));
  const ended = new Promise<void>((resolve, reject) => {
    decoder.once("end", resolve);
    decoder.once("error", reject);
  });
  decoder.end(bytes);
  await ended;
  return { schema, records };
}

const orders = join(__dirname, "files", "orders-null.avro");
const json = async (frame: DynamicFrame): Promise<unknown> =>
  JSON.parse(
    JSON.stringify(await frame.records(), (_key, v: unknown) =>
      typeof v === "bigint"
        ? v.toString()
        : v instanceof Uint8Array
          ? Buffer.from(v).toString("hex")
          : v instanceof Map
            ? Object.fromEntries(v)
            : v,
    ),
  );

test.each(["none", "deflate", "snappy", "zstd", "bzip2"])(
  "%s: every type that was read is written and comes back, version 1.8",
  async (compression) => {
    for (const glue of contexts) {
      const frame = read(glue, orders, { version: "1.8" });
      const path = await write(glue, frame, { version: "1.8" }, { compression });
      const back = read(glue, path, { version: "1.8" });
      expect(await back.schemaTree()).toBe(await frame.schemaTree());
      expect(await json(back)).toEqual(await json(frame));
      // avsc reads no longs past 2^52
      const { records } = await oracle(
        await write(glue, frame.dropFields(["id"]), { version: "1.8" }, { compression }),
      );
      expect(records).toHaveLength(40);
      expect(records[1]).toMatchObject({
        small: -2147483648,
        text: "🦆",
        state: "PAID",
        maybe: "x",
        either: 1,
        day: -1,
        at_us: -1,
      });
    }
  },
);

test("the schema names nested records for their path, all of them nullable", async () => {
  const glue = contexts[0] as GlueContext;
  const frame = glue.createDynamicFrame.fromRows([
    { a: { x: 1 }, b: { a: { x: "s" } }, list: [{ x: 1.5 }], c: { x: true } },
    { c: [{ x: 1 }], d: null },
  ]);
  const { schema, records } = await oracle(await write(glue, frame));
  expect(schema).toMatchObject({
    type: "record",
    name: "dynaframe.record",
    fields: [
      {
        name: "a",
        type: ["null", { type: "record", name: "dynaframe.a.a", fields: [{ name: "x", type: ["null", "int"] }] }],
      },
      {
        name: "b",
        type: [
          "null",
          {
            type: "record",
            name: "dynaframe.b.b",
            fields: [{ name: "a", type: ["null", { type: "record", name: "dynaframe.b.a.a" }] }],
          },
        ],
      },
      {
        name: "list",
        type: ["null", { type: "array", items: ["null", { type: "record", name: "dynaframe.list.list" }] }],
      },
      {
        name: "c",
        type: [
          "null",
          { type: "array", items: ["null", { name: "dynaframe.c.c" }] },
          { type: "record", name: "dynaframe.c.c_2" },
        ],
      },
      { name: "d", type: "null" },
    ],
  });
  expect(records).toHaveLength(2);
});

test("version 1.7 writes decimals, dates and timestamps as text", async () => {
  for (const glue of contexts) {
    const path = await write(
      glue,
      read(glue, orders, { version: "1.8" }).selectFields(["price", "day", "at_us", "local_us"]),
    );
    expect((await oracle(path)).records[0]).toEqual({
      price: "12.30",
      day: "2024-02-29",
      at_us: "1969-12-31 23:59:59.999999",
      local_us: "2024-02-29 12:00:00.000001",
    });
    expect((await read(glue, path).schemaTree()).trimEnd()).toBe(
      "root\n|-- price: string\n|-- day: string\n|-- at_us: string\n|-- local_us: string",
    );
  }
});

test("partitions become folders, and a written table can be read from the catalog with its types", async () => {
  const glue = contexts[0] as GlueContext;
  await glue.catalog?.createDatabase({ Name: "shop" });
  const frame = read(glue, orders, { version: "1.8" }).selectFields(["state", "price", "day"]);
  const path = await write(
    glue,
    frame,
    { version: "1.8" },
    { partitionKeys: ["state"], enableUpdateCatalog: true, catalogDatabase: "shop", catalogTableName: "orders" },
  );
  expect((await readdir(path)).sort()).toEqual(["state=NEW", "state=PAID"]);
  const table = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "orders" });
  expect((await table.schemaTree()).trimEnd()).toBe("root\n|-- price: decimal\n|-- day: date\n|-- state: string");
  expect(await table.count()).toBe(40);
});

test("what Avro cannot say is refused, with the path", async () => {
  for (const glue of contexts) {
    const named = glue.createDynamicFrame.fromRows([{ ok: { "a.b": 1 } }]);
    await expect(write(glue, named)).rejects.toMatchObject({ code: "UNSUPPORTED_NAME", path: "ok.`a.b`" });
    await expect(
      write(glue, glue.createDynamicFrame.fromRows([{ a: 1 }]), {}, { compression: "gzip" }),
    ).rejects.toMatchObject({ code: "BAD_OPTION", hint: "gzip can be read, but is not written here." });
    await expect(write(glue, glue.createDynamicFrame.fromRows([{ a: 1 }]), { versoin: "1.8" })).rejects.toMatchObject({
      code: "BAD_OPTION",
      hint: "Did you mean version?",
    });
  }
});

const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((n) => BigInt.asIntN(32, n) !== n),
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((d) => !Number.isInteger(d)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c_1", "_"), tie("value"), { maxKeys: 3 }),
  ),
})).value;

test("random drifting records come back with the same types and values", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), value, { minKeys: 1, maxKeys: 3 }), {
        minLength: 1,
        maxLength: 6,
      }),
      async (rows) => {
        const seen = [];
        for (const glue of contexts) {
          const frame = glue.createDynamicFrame.fromRows(rows as object[]);
          const back = read(glue, await write(glue, frame));
          expect((await back.records()).map(withoutNulls)).toEqual((await frame.records()).map(withoutNulls));
          seen.push(await back.schemaTree());
        }
        expect(new Set(seen).size).toBe(1);
      },
    ),
    { numRuns: 25 },
  );
});

/** A missing field is written as null; an empty struct that is there stays. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => withoutNulls(v) ?? null);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([k, v]): [string, unknown] => [k, withoutNulls(v)])
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
