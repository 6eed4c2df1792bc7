/**
 * What is written as Parquet comes back: frames of random types, one or several of them in a folder, types told by the
 * files alone.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { DuckDBInstance } from "@duckdb/node-api";
import {
  DOUBLE,
  FLOAT,
  GlueContext,
  INT,
  STRING,
  array,
  choice,
  map,
  mergeDataTypes,
  schemaTree,
  structOf,
  type DataType,
  type DynamicFrame,
} from "../../src/index.js";
import { valueText } from "../engine/contract.js";
import { typedFrames } from "./typed-frames.js";

let folder: string;
let glue: GlueContext;
let writes = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-round-trip-"));
  glue = await GlueContext.open({ catalog: join(folder, "c"), threads: 2 });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

/** Values in arms form: an int is not a double of the same value. */
async function armsOf(frame: DynamicFrame): Promise<readonly string[]> {
  const { relation } = await glue.environment.resolve(frame.node);
  const texts: string[] = [];
  for await (const rows of (await glue.environment.session.engine()).rows(relation)) texts.push(...rows.map(valueText));
  return texts.sort();
}

/** The type with the arms of each choice in one order: that of the files is of their names. */
const inOrder = (type: DataType): unknown =>
  JSON.parse(
    JSON.stringify(type, (_, v: unknown) =>
      Array.isArray(v) ? [...v].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : v,
    ),
  );

const read = (path: string): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "parquet" });

test(
  "a frame of any type",
  () =>
    fc.assert(
      fc.asyncProperty(typedFrames, async ({ type, rows }) => {
        const path = join(folder, `one-${writes++}`);
        const frame = glue.createDynamicFrame.fromRows(rows, { schema: type });
        expect(await frame.write("file", { path }, "parquet")).toMatchObject({
          read: rows.length,
          written: rows.length,
          balanced: true,
        });
        const back = read(path);
        expect(await back.schemaTree()).toBe(schemaTree(type));
        expect(await armsOf(back)).toEqual(await armsOf(frame));
      }),
      { numRuns: 80 },
    ),
  120_000,
);

test(
  "several frames in one folder: a file keeps its types, the folder has them all",
  () =>
    fc.assert(
      fc.asyncProperty(fc.array(typedFrames, { minLength: 2, maxLength: 3 }), async (frames) => {
        const path = join(folder, `many-${writes++}`);
        for (const { type, rows } of frames)
          await glue.createDynamicFrame.fromRows(rows, { schema: type }).write("file", { path }, "parquet");
        const back = read(path);
        const merged = frames.map(({ type }): DataType => type).reduce(mergeDataTypes);
        const [first, ...others] = frames.map(({ type, rows }) =>
          glue.createDynamicFrame.fromRows(rows, { schema: type }),
        );
        if (first === undefined || merged.kind !== "struct") throw new Error("frames are of structs");
        // names are random, so the order of the files and of their fields is
        expect((await back.schemaTree()).split("\n").sort()).toEqual(schemaTree(merged).split("\n").sort());
        expect(await armsOf(back)).toEqual(await armsOf(others.reduce((all, other) => all.union(other), first)));
      }),
      { numRuns: 25 },
    ),
  120_000,
);

test.each(["parquet", "avro"] as const)(
  "lists and maps at one path, in one file or in several: each has its own types (%s)",
  async (format) => {
    const kinds = [array(STRING), map(INT), map(array(INT)), array(map(DOUBLE))];
    const rows = [
      { x: ["a", "b"] },
      { x: new Map([["k", 7]]) },
      { x: new Map([["k", [1]]]) },
      { x: [new Map([["d", 1.5]])] },
    ];
    const path = join(folder, `apart-${format}`);
    const both = join(folder, `both-${format}`);
    for (const [i, kind] of kinds.entries())
      await glue.createDynamicFrame
        .fromRows([rows[i] ?? {}], { schema: structOf({ x: kind }) })
        .write("file", { path }, format);
    await glue.createDynamicFrame.fromRows(rows.slice(0, 2)).write("file", { path: both }, format);
    const of = (at: string): DynamicFrame =>
      glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: at }, format });
    const sorted = async (frame: DynamicFrame): Promise<unknown> => inOrder(await frame.schema());
    expect(await sorted(of(path))).toEqual(
      inOrder(structOf({ x: choice([array(choice([map(DOUBLE), STRING])), map(choice([array(INT), INT]))]) })),
    );
    expect(await sorted(of(both))).toEqual(inOrder(structOf({ x: choice([array(STRING), map(INT)]) })));
    expect(
      new Set(
        (await of(path).records()).map(({ x }) =>
          JSON.stringify(x, (_, v: unknown) => (v instanceof Map ? [...(v as Map<unknown, unknown>)] : v)),
        ),
      ),
    ).toEqual(new Set(['["a","b"]', '[["k",7]]', '[["k",[1]]]', '[[["d",1.5]]]']));
    // crawled, stored and read again, the ledger keeps them apart
    await glue.crawl({ database: `apart_${format}`, includes: [path], tablePrefix: "t_" });
    const [table] = (await glue.crawl({ database: `apart_${format}`, includes: [path], tablePrefix: "t_" })).tables;
    expect(
      await sorted(glue.createDynamicFrame.fromCatalog({ database: `apart_${format}`, tableName: table?.name ?? "" })),
    ).toEqual(await sorted(of(path)));
  },
);

describe("0 and -0 in one column keep their signs", () => {
  const number = (i: number): number => [0, -0, 1.5, -0][i % 4] ?? 0;
  const one = structOf({ d: DOUBLE });
  const type = structOf({
    i: INT,
    d: DOUBLE,
    f: FLOAT,
    s: structOf({ d: DOUBLE }),
    l: array(DOUBLE),
    n: array(one),
    m: map(DOUBLE),
    c: choice([DOUBLE, STRING]),
    ll: array(array(FLOAT)),
    p: STRING,
  });
  const row = (i: number, at: string): object => {
    const d = (name: string): number => (name === at ? number(i) : 2.5);
    return {
      i,
      d: d("d"),
      f: d("f"),
      s: { d: d("s") },
      l: [1, d("l")],
      n: [{ d: d("n") }],
      m: new Map([["k", d("m")]]),
      c: i % 7 === 0 ? "x" : d("c"),
      ll: [[], [d("ll")]],
      p: i % 2 === 0 ? "even" : "odd",
    };
  };
  const texts = async (frame: DynamicFrame): Promise<string[]> =>
    (await frame.records())
      .map((r) =>
        JSON.stringify(r, (_, v: unknown) =>
          Object.is(v, -0) ? "-0" : v instanceof Map ? [...(v as Map<unknown, unknown>)] : v,
        ),
      )
      .sort();

  test.each(["d", "f", "s", "l", "n", "m", "c", "ll", "none"])("in %s", async (at) => {
    const frame = glue.createDynamicFrame.fromRows(
      Array.from({ length: 3000 }, (_, i) => row(i, at)),
      { schema: type },
    );
    const path = join(folder, `zeros-${at}`);
    expect(await frame.write("file", { path }, "parquet")).toMatchObject({ read: 3000, written: 3000, balanced: true });
    const found = await texts(read(path));
    expect(found).toEqual(await texts(frame));
    expect(found.filter((line) => line.includes('"-0"')).length > 0).toBe(at !== "none");
    // without one of them a file has its dictionaries
    const db = await DuckDBInstance.create(":memory:");
    const connection = await db.connect();
    const encodings = (
      await connection.runAndReadAll(
        `SELECT DISTINCT encodings FROM parquet_metadata('${path}/*.parquet') WHERE path_in_schema = 'p'`,
      )
    ).getRowsJson();
    expect(JSON.stringify(encodings).includes("DICTIONARY")).toBe(at === "none");
    connection.closeSync();
    db.closeSync();
  });

  test("in partitions and parts, after verbs; a file is not left twice", async () => {
    const frame = glue.createDynamicFrame
      .fromRows(
        Array.from({ length: 3000 }, (_, i) => row(i, "d")),
        { schema: type },
      )
      .filter("i >= 4");
    for (const [name, given, more] of [
      ["keys", frame, { partitionKeys: ["p"] }],
      ["parts", frame.repartition(3), {}],
    ] as const) {
      const path = join(folder, `zeros-${name}`);
      const report = await glue.writeDynamicFrame.fromOptions({
        frame: given,
        connectionType: "file",
        connectionOptions: { path, ...more },
        format: "parquet",
      });
      expect(report).toMatchObject({ read: 2996, written: 2996, balanced: true });
      expect(report.files).toHaveLength(name === "keys" ? 2 : 3);
      const back = read(path);
      expect((await texts(back.selectFields(["i", "d"]))).length).toBe(2996);
      expect(await texts(back.selectFields(["i", "d"]))).toEqual(await texts(frame.selectFields(["i", "d"])));
    }
  });
});
