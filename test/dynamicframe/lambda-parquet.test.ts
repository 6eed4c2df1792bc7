/**
 * Functions over Parquet: files are read without an engine, column by column, and what passes a function is copied as
 * it lies in them. None of it may show.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { readableFile } from "../../src/formats/parquet/columns/read-rows.js";
import { GlueContext, type DynamicFrame, type PlainRecord } from "../../src/index.js";
import { field, INT, struct } from "../../src/types/data-type.js";
import { DateValue, Decimal, TimestampValue } from "../../src/types/value.js";

const TEXTS = ["", "twelve bytes", "thirteen byte", "éééééx", "\uFEFFmark, and longer", null, "word", "word"];
const LONGS = [0, -1, 2 ** 32, Number.MIN_SAFE_INTEGER, 9007199254740993n, -(2n ** 63n), null];
const ROWS = 9000;
const orders: readonly PlainRecord[] = Array.from({ length: ROWS }, (_, i) => ({
  id: i,
  text: TEXTS[i % 8],
  own: i % 3 === 0 ? null : `number ${i} ${"x".repeat(i % 30)}`,
  long: LONGS[i % 7],
  flag: i % 5 === 0 ? null : i % 2 === 0,
  half: i % 11 === 0 ? null : i / 2,
  mixed: i < 8500 ? i : i % 2 === 0 ? `text ${i}` : i,
  same: { a: { b: i % 4 } },
  inner:
    i % 7 === 0
      ? null
      : {
          name: `n${i % 9}`,
          deep: i % 6 === 0 ? null : { x: i % 10, y: i % 4 === 0 ? null : "why" },
          tags:
            i % 8 === 0 ? null : Array.from({ length: i % 3 }, (__, k) => (k === 1 && i % 5 === 0 ? null : `t${k}`)),
        },
  items:
    i % 13 === 0
      ? null
      : Array.from({ length: i % 4 }, (__, k) => ({
          sku: `s${k}`,
          qty: i % 50 === 3 ? `${k}` : k,
          discounts:
            k === 2
              ? null
              : Array.from({ length: (i + k) % 3 }, (___, n) => ({ code: n % 2 === 0 ? `D${n}` : null, amt: n + 0.5 })),
        })),
  price: i % 9 === 0 ? null : new Decimal(BigInt(i) * 101n - 7n, 2),
  day: new DateValue(i - 700),
  at: new TimestampValue(BigInt(i) * 86_400_000_001n - 5n),
  never: null,
}));

/** Files of the same records, as others write them. */
const FILES = {
  snappy: "COMPRESSION snappy",
  gzip: "COMPRESSION gzip",
  plain: "COMPRESSION uncompressed, ROW_GROUP_SIZE 2048",
  groups: "COMPRESSION snappy, ROW_GROUP_SIZE 6144",
  zstd: "COMPRESSION zstd",
  v2: "PARQUET_VERSION V2",
};
type Kind = keyof typeof FILES;
const KINDS = Object.keys(FILES) as Kind[];

let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-parquet-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromRows(orders),
    connectionType: "file",
    connectionOptions: { path: join(folder, "ours") },
    format: "parquet",
  });
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  for (const kind of KINDS) {
    await mkdir(join(folder, kind));
    await connection.run(
      `COPY (SELECT * FROM read_parquet('${join(folder, "ours")}/*.parquet') ORDER BY id) TO '${join(folder, kind, "part.parquet")}' (FORMAT parquet, ${FILES[kind]})`,
    );
  }
  connection.disconnectSync();
  instance.closeSync();
}, 120_000);
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (kind: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, kind) },
    format: "parquet",
  });
const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}n` : value);
const text = (record: unknown): string => JSON.stringify(record, plain);
/** The records by their id, each as text. */
async function texts(frame: DynamicFrame): Promise<string[]> {
  const all: PlainRecord[] = [];
  for await (const record of frame.stream()) all.push(record);
  return all.sort((a, b) => Number(a["id"]) - Number(b["id"])).map(text);
}
const firstDifference = (found: readonly string[], expected: readonly string[]): string | undefined => {
  const at = expected.findIndex((one, i) => one !== found[i]);
  return at < 0 ? undefined : `${at}: ${found[at]} where ${expected[at]} was expected`;
};

test("which files are read without the engine: those whose codec and encodings are known", async () => {
  const type = await read("snappy").schema();
  expect(KINDS.filter((kind) => readableFile(join(folder, kind, "part.parquet"), type) !== undefined)).toEqual([
    "snappy",
    "gzip",
    "plain",
    "groups",
  ]);
});

test("every value is what was written", async () => {
  expect(firstDifference(await texts(read("ours")), orders.map(text))).toBeUndefined();
}, 60_000);

test.each(["snappy", "gzip", "plain", "groups", "v2"])(
  "every value of %s is what the engine reads",
  async (kind) => {
    expect(firstDifference(await texts(read(kind)), await texts(read("zstd")))).toBeUndefined();
  },
  60_000,
);

describe.each(["ours", "plain"])("functions over %s", (kind) => {
  const input = async (): Promise<readonly PlainRecord[]> =>
    kind === "ours" ? orders : (await read("zstd").records()).sort((a, b) => Number(a["id"]) - Number(b["id"]));
  test.each<[string, (record: PlainRecord) => unknown]>([
    ["the record itself", (r) => r],
    ["one field more", (r) => ({ ...r, lines: (r["items"] as unknown[] | null)?.length ?? -1 })],
    ["some dropped", (r) => (Number(r["id"]) % 3 === 0 ? null : r)],
    ["all of the beginning dropped", (r) => (Number(r["id"]) < 8300 ? null : r)],
    [
      "a field that changes late",
      (r) => {
        if (Number(r["id"]) === 8400) r["own"] = "changed";
        return r;
      },
    ],
    [
      "a field whose type changes late",
      (r) => {
        if (Number(r["id"]) > 8345) r["half"] = "a text";
        return r;
      },
    ],
    [
      "a struct changed inside",
      (r) => {
        if (Number(r["id"]) % 4000 === 1) (r["same"] as { a: { b: number } }).a.b = 77;
        return r;
      },
    ],
    ["fewer fields", (r) => ({ id: r["id"], inner: r["inner"], items: r["items"] })],
    ["fields in the place of others", (r) => ({ id: r["id"], inner: r["items"], items: r["inner"] })],
  ])(
    "%s",
    async (_, f) => {
      const frame = read(kind);
      const mapped = frame.map(f);
      const expected = (await input())
        .map((record) => f(JSON.parse(text(record), (__, value: unknown) => value) as PlainRecord))
        .filter((record) => record !== null);
      const exact = (json: string): string => json.replace(/"(-?\d+)n"/g, "$1");
      const found = (await texts(mapped)).map((json) => exact(json));
      expect(found.length).toBe(expected.length);
      expect(await mapped.errorsCount()).toBe(ROWS - expected.length);
      expect(
        firstDifference(
          found,
          expected.map((record) => exact(text(record))),
        ),
      ).toBeUndefined();
    },
    60_000,
  );

  test("filters, and a function after a function", async () => {
    const kept = read(kind)
      .filter((r) => Number(r["id"]) % 10 === 3)
      .map((r) => ({ ...r, again: true }))
      .filter((r) => r["flag"] !== null);
    expect(await texts(kept)).toEqual(
      (await input())
        .filter((r) => Number(r["id"]) % 10 === 3 && r["flag"] !== null)
        .map((r) => text({ ...r, again: true })),
    );
  }, 60_000);

  test("types are those of the values: of what the function keeps of them", async () => {
    const whole = await read(kind)
      .map((r) => r)
      .schema();
    const some = await read(kind)
      .map((r) => (Number(r["id"]) < 8000 ? r : null))
      .schema();
    if (kind === "ours") expect(whole.fields.find(({ name }) => name === "mixed")?.type.kind).toBe("choice");
    expect(some.fields.find(({ name }) => name === "mixed")?.type).toEqual(
      kind === "ours" ? INT : struct([field("int", INT), field("string", { kind: "null" })]),
    );
    expect(whole.fields.find(({ name }) => name === "never")?.type.kind).toBe("null");
  }, 60_000);
});
