import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { referenceEngine } from "../../../src/engine/reference/index.js";
import type { EngineSession } from "../../../src/engine/index.js";
import type { Relation, ScanRelation } from "../../../src/plan/ir/relation.js";
import type { LiteralScalar, Scalar } from "../../../src/plan/ir/scalar.js";
import { fileStorage } from "../../../src/storage/file.js";
import {
  array,
  BIGINT,
  BOOLEAN,
  choice,
  DATE,
  DOUBLE,
  INT,
  LONG,
  STRING,
  struct,
  structOf,
  type DataType,
  type StructType,
} from "../../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, type Row, type Value } from "../../../src/types/value.js";

let directory: string;
let session: EngineSession;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "dynaframe-reference-"));
  session = await referenceEngine.open({ storage: fileStorage(), stagingDirectory: join(directory, "staging") });
});
afterEach(async () => {
  await session.close();
  await rm(directory, { recursive: true, force: true });
});

const values = (rows: readonly Row[], type: StructType): Relation => ({ kind: "values", rows, type });
const run = async (relation: Relation): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for await (const batch of session.rows(relation)) rows.push(...batch);
  return rows;
};
const lit = (
  value: LiteralScalar["value"],
  type: DataType = typeof value === "string" ? STRING : typeof value === "boolean" ? BOOLEAN : INT,
): LiteralScalar => ({ kind: "literal", value, type });
const nul = (type: DataType = BOOLEAN): LiteralScalar => lit(null, type);
const input = (type: StructType): Scalar => ({ kind: "input", type });
const fieldOf = (type: StructType, name: string, of: Scalar = input(type)): Scalar => ({
  kind: "field",
  of,
  name,
  type: type.fields.find((f) => f.name === name)?.type ?? INT,
});
/** The value of a scalar over one row. */
const evaluate = async (scalar: Scalar, row: Row = {}, type: StructType = struct()): Promise<Value> => {
  const [result] = await run({
    kind: "project",
    input: values([row], type),
    fields: [{ name: "v", value: scalar }],
    type: structOf({ v: scalar.type }),
  });
  return result?.["v"];
};

describe("scalars", () => {
  it("follows three-valued logic", async () => {
    const table = [true, false, null];
    for (const a of table)
      for (const b of table) {
        const args = [lit(a, BOOLEAN), lit(b, BOOLEAN)];
        const and = a === false || b === false ? false : a === null || b === null ? null : true;
        const or = a === true || b === true ? true : a === null || b === null ? null : false;
        expect(await evaluate({ kind: "logical", op: "and", args, type: BOOLEAN })).toBe(and);
        expect(await evaluate({ kind: "logical", op: "or", args, type: BOOLEAN })).toBe(or);
      }
    expect(await evaluate({ kind: "not", of: nul(), type: BOOLEAN })).toBeNull();
    expect(await evaluate({ kind: "compare", op: "=", left: nul(INT), right: nul(INT), type: BOOLEAN })).toBeNull();
    expect(await evaluate({ kind: "in", of: lit(1), values: [lit(2), nul(INT)], type: BOOLEAN })).toBeNull();
    expect(await evaluate({ kind: "in", of: lit(1), values: [lit(1), nul(INT)], type: BOOLEAN })).toBe(true);
    expect(await evaluate({ kind: "in", of: lit(1), values: [], type: BOOLEAN })).toBe(false);
  });

  it.each([
    ["a%", "abc", true],
    ["a_c", "abc", true],
    ["a_c", "ac", false],
    ["%", "", true],
    ["a.c", "abc", false],
    ["_", "😀", true],
    ["a%", "a\nb", true],
    ["[a]", "a", false],
  ])("like %s on %j is %s", async (pattern, text, expected) => {
    expect(await evaluate({ kind: "like", of: lit(text), pattern, type: BOOLEAN })).toBe(expected);
  });

  it("tells missing, null and present apart", async () => {
    const type = structOf({ a: INT });
    const present: Scalar = { kind: "present", of: input(type), name: "a", type: BOOLEAN };
    expect(await evaluate(present, {}, type)).toBe(false);
    expect(await evaluate(present, { a: null }, type)).toBe(true);
    expect(await evaluate({ kind: "is-null", of: fieldOf(type, "a"), type: BOOLEAN }, {}, type)).toBe(true);
    const [row] = await run({
      kind: "project",
      input: values([{}], type),
      fields: [{ name: "b", value: fieldOf(type, "a") }],
      type: structOf({ b: INT }),
    });
    expect(Object.keys(row ?? { x: 1 })).toEqual([]);
  });

  it("reads and builds choices", async () => {
    const c = choice([INT, STRING]);
    const type = structOf({ c });
    const tag: Scalar = { kind: "type-tag", of: fieldOf(type, "c"), type: STRING };
    expect(await evaluate(tag, { c: new ArmValue("string", "x") }, type)).toBe("string");
    expect(await evaluate(tag, { c: null }, type)).toBe("null");
    expect(
      await evaluate(
        { kind: "arm", of: fieldOf(type, "c"), arm: "int", type: INT },
        { c: new ArmValue("string", "x") },
        type,
      ),
    ).toBeNull();
    expect(
      await evaluate({
        kind: "choice",
        arms: [
          { arm: "int", value: nul(INT) },
          { arm: "string", value: lit("y") },
        ],
        type: c,
      }),
    ).toEqual(new ArmValue("string", "y"));
    expect(await evaluate({ kind: "choice", arms: [{ arm: "int", value: nul(INT) }], type: c })).toBeNull();
  });

  it("casts, counts what it nulls, and fails where asked to", async () => {
    const type = structOf({ s: STRING });
    const cast = (onError: "null" | "fail"): Scalar => ({
      kind: "cast",
      of: fieldOf(type, "s"),
      type: INT,
      onError,
      path: "s",
    });
    const rows = values([{ s: "1" }, { s: "x" }, { s: null }, { s: "2.7" }, { s: "y" }], type);
    const relation = (onError: "null" | "fail"): Relation => ({
      kind: "project",
      input: rows,
      fields: [{ name: "n", value: cast(onError) }],
      type: structOf({ n: INT }),
    });
    expect(await run(relation("null"))).toEqual([{ n: 1 }, { n: null }, { n: null }, { n: 2 }, { n: null }]);
    expect(await session.nulledCasts(relation("null"))).toEqual(new Map([["s", 2]]));
    await expect(run(relation("fail"))).rejects.toMatchObject({ code: "CAST_FAILED", path: "s", found: "x" });
  });

  it("matches types instead of converting where the cast says so", async () => {
    const match = (of: Scalar): Scalar => ({ kind: "cast", of, type: INT, onError: "null", path: "p", mode: "match" });
    expect(await evaluate(match(lit("1")))).toBeNull();
    expect(await evaluate(match(lit(1)))).toBe(1);
  });

  it("reads literals of every type from their text", async () => {
    expect(await evaluate(lit("9007199254740993", LONG))).toBe(9007199254740993n);
    expect(await evaluate(lit("1.50", { kind: "decimal", precision: 5, scale: 2 }))).toEqual(new Decimal(150n, 2));
    expect(await evaluate(lit("1970-01-02", DATE))).toEqual(new DateValue(1));
    await expect(evaluate(lit("x", DATE))).rejects.toMatchObject({ code: "INVALID_PLAN" });
  });

  it("maps lists and maps with nested variables", async () => {
    const type = structOf({ l: array(array(INT)) });
    const inner: Scalar = { kind: "variable", name: "y", type: INT };
    const body: Scalar = {
      kind: "list-map",
      list: { kind: "variable", name: "x", type: array(INT) },
      as: "y",
      body: { kind: "coalesce", values: [inner, lit(0)], type: INT },
      type: array(INT),
    };
    const mapped: Scalar = { kind: "list-map", list: fieldOf(type, "l"), as: "x", body, type: array(array(INT)) };
    expect(await evaluate(mapped, { l: [[1, null], null, []] }, type)).toEqual([[1, 0], null, []]);
    expect(await evaluate(mapped, {}, type)).toBeNull();
  });

  it("hashes texts as documented", async () => {
    const digest = createHash("md5").update("a\u001f\u00001".replace("\u00001", "\u0000\u001f1"), "utf8").digest("hex");
    const expected = BigInt(`0x${digest.slice(0, 16)}`) / 2n;
    const found = await evaluate({ kind: "hash", values: [lit("a"), nul(STRING), lit(1)], type: LONG });
    expect(BigInt(found as number | bigint)).toBe(expected);
  });
});

describe("relations", () => {
  const type = structOf({ k: STRING, n: INT });
  const rows = values(
    [
      { k: "a", n: 1 },
      { k: "b", n: 2 },
      { k: "a", n: null },
      { k: null, n: 4 },
    ],
    type,
  );

  it("unnests with positions: null elements are rows, null and empty lists are not", async () => {
    const t = structOf({ id: INT, l: array(STRING) });
    const relation: Relation = {
      kind: "unnest",
      input: values([{ id: 1, l: ["x", null] }, { id: 2, l: [] }, { id: 3, l: null }, { id: 4 }], t),
      list: fieldOf(t, "l"),
      keep: ["id"],
      index: "i",
      element: "e",
      type: structOf({ id: INT, i: INT, e: STRING }),
    };
    expect(await run(relation)).toEqual([
      { id: 1, i: 0, e: "x" },
      { id: 1, i: 1, e: null },
    ]);
  });

  it("joins with null equal to nothing", async () => {
    const right = values(
      [
        { k: "a", m: 10 },
        { k: "a", m: 11 },
        { k: null, m: 12 },
      ],
      structOf({ k: STRING, m: INT }),
    );
    const join = (how: "inner" | "left" | "semi" | "anti"): Relation => ({
      kind: "join",
      how,
      left: rows,
      right,
      leftKeys: [fieldOf(type, "k")],
      rightKeys: [fieldOf(type, "k", input(right.type))],
      type: structOf({ left: type, right: right.type }),
    });
    expect(await run(join("inner"))).toHaveLength(4);
    expect((await run(join("left"))).filter((r) => r["right"] === null).map((r) => (r["left"] as Row)["n"])).toEqual([
      2, 4,
    ]);
    expect((await run(join("semi"))).map((r) => (r["left"] as Row)["n"])).toEqual([1, null]);
    expect((await run(join("anti"))).map((r) => (r["left"] as Row)["n"])).toEqual([2, 4]);
  });

  it("aggregates groups, with null a group of its own, and one row over nothing", async () => {
    const of = fieldOf(type, "n");
    const aggregates = [
      { name: "c", fn: "count" as const },
      { name: "cn", fn: "count" as const, of },
      { name: "s", fn: "sum" as const, of },
      { name: "lo", fn: "min" as const, of },
    ];
    const out = structOf({ k: STRING, c: LONG, cn: LONG, s: LONG, lo: INT });
    expect(
      await run({
        kind: "aggregate",
        input: rows,
        keys: [{ name: "k", value: fieldOf(type, "k") }],
        aggregates,
        type: out,
      }),
    ).toEqual([
      { k: "a", c: 2, cn: 1, s: 1, lo: 1 },
      { k: "b", c: 1, cn: 1, s: 2, lo: 2 },
      { k: null, c: 1, cn: 1, s: 4, lo: 4 },
    ]);
    expect(await run({ kind: "aggregate", input: values([], type), keys: [], aggregates, type: out })).toEqual([
      { c: 0, cn: 0, s: null, lo: null },
    ]);
  });

  it("sums integers exactly past 2^53", async () => {
    const t = structOf({ n: LONG });
    const [row] = await run({
      kind: "aggregate",
      input: values([{ n: 9007199254740991 }, { n: 2 }], t),
      keys: [],
      aggregates: [{ name: "s", fn: "sum", of: fieldOf(t, "n") }],
      type: structOf({ s: BIGINT }),
    });
    expect(row).toEqual({ s: 9007199254740993n });
  });

  it("sorts, limits, numbers, unites and drops duplicates", async () => {
    const sorted: Relation = { kind: "sort", input: rows, by: [{ value: fieldOf(type, "n"), descending: true }], type };
    expect((await run(sorted)).map((r) => r["n"])).toEqual([4, 2, 1, null]);
    expect(await run({ kind: "limit", input: sorted, count: 1, type })).toEqual([{ k: null, n: 4 }]);
    expect((await run({ kind: "number", input: rows, as: "i", start: 5, type })).map((r) => r["i"])).toEqual([
      5, 6, 7, 8,
    ]);
    expect(await run({ kind: "distinct", input: { kind: "union", inputs: [rows, rows], type }, type })).toHaveLength(4);
  });

  it("computes a materialised input once, however often it is read", async () => {
    const once: Relation = { kind: "materialize", id: "m", input: rows, type };
    const read = await run({ kind: "union", inputs: [once, once], type });
    expect(read).toHaveLength(8);
    expect(read[0]).toBe(read[4]);
  });

  it("stops when asked to, refuses work after close, has no SQL", async () => {
    await expect(
      (async () => {
        for await (const batch of session.rows(rows, { signal: AbortSignal.abort() })) void batch;
      })(),
    ).rejects.toThrow();
    await expect(session.sql("select 1", new Map())).rejects.toMatchObject({ code: "UNSUPPORTED" });
    await session.close();
    await expect(session.count(rows)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });
});

describe("files", () => {
  const scan = async (
    name: string,
    content: string | Buffer,
    over: Partial<ScanRelation> & Pick<ScanRelation, "format" | "type">,
  ): Promise<readonly Row[]> => {
    const path = join(directory, name);
    await writeFile(path, content);
    const ref = await fileStorage().stat(path);
    if (!ref) throw new Error("no file");
    return run({
      kind: "scan",
      id: name,
      options: {},
      partitionKeys: [],
      files: [{ ...ref, partition: ["2024"] }],
      ...over,
    });
  };

  it("reads JSON lines into arms, compressed too, with partition values last", async () => {
    const type = structOf({ a: choice([DOUBLE, INT, STRING]), s: structOf({ x: LONG }), year: INT });
    const text = '{"a":1,"s":{"x":1}}\n{"a":1.0,"z":0}\n{"a":"q","s":null}\n{broken\n';
    const expected = [
      { a: new ArmValue("int", 1), s: { x: 1 }, year: 2024 },
      { a: new ArmValue("double", 1), year: 2024 },
      { a: new ArmValue("string", "q"), s: null, year: 2024 },
    ];
    expect(await scan("a.json", `\ufeff${text}`, { format: "json", type, partitionKeys: ["year"] })).toEqual(expected);
    expect(await scan("b.json.gz", gzipSync(text), { format: "json", type, partitionKeys: ["year"] })).toEqual(
      expected,
    );
    expect(
      await scan("c.json", Buffer.from(`\ufeff${text}`, "utf16le"), { format: "json", type, partitionKeys: ["year"] }),
    ).toEqual(expected);
  });

  it("drops a line that is not UTF-8 and keeps its neighbours", async () => {
    const content = Buffer.concat([
      Buffer.from('{"a":"é"}\n{"a":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"a":"z"}\n'),
    ]);
    expect(await scan("u.json", content, { format: "json", type: structOf({ a: STRING }) })).toEqual([
      { a: "é" },
      { a: "z" },
    ]);
  });

  it("reads CSV by header, and misfits of a typed column as strings", async () => {
    const type = structOf({ n: choice([INT, STRING]), t: STRING });
    expect(
      await scan("a.csv", 'n,t\n1,"a,b"\nx,\n', {
        format: "csv",
        type,
        options: { withHeader: true, inferTypes: true },
      }),
    ).toEqual([
      { n: new ArmValue("int", 1), t: "a,b" },
      { n: new ArmValue("string", "x"), t: null },
    ]);
  });

  it("writes JSON and CSV by partition", async () => {
    const type = structOf({ a: choice([INT, STRING]), d: DOUBLE, p: STRING });
    const rows = values(
      [
        { a: new ArmValue("int", 1), d: 1, p: "x/y" },
        { a: new ArmValue("string", "q"), d: null, p: null },
      ],
      type,
    );
    const files = await session.write(rows, {
      format: "json",
      options: {},
      directory: join(directory, "out"),
      partitionKeys: ["p"],
    });
    expect(files.map(({ folder, partition, rows: n }) => ({ folder, partition, n }))).toEqual([
      { folder: "p=x%2Fy", partition: ["x/y"], n: 1 },
      { folder: "p=__HIVE_DEFAULT_PARTITION__", partition: [null], n: 1 },
    ]);
    expect(await Promise.all(files.map(({ localFile }) => readFile(localFile, "utf8")))).toEqual([
      '{"a":1,"d":1.0}\n',
      '{"a":"q"}\n',
    ]);
    const plain = values(
      [
        { k: 'a"b', n: 1 },
        { k: null, n: 2 },
      ],
      structOf({ k: STRING, n: INT }),
    );
    const [csv] = await session.write(plain, {
      format: "csv",
      options: {},
      directory: join(directory, "csv"),
      partitionKeys: [],
    });
    expect(await readFile(csv?.localFile ?? "", "utf8")).toBe('k,n\n"a""b",1\n,2\n');
    await expect(
      session.write(rows, { format: "csv", options: {}, directory, partitionKeys: [] }),
    ).rejects.toMatchObject({ code: "UNRESOLVED_CHOICE", path: "a" });
    await expect(
      session.write(rows, { format: "parquet", options: {}, directory, partitionKeys: [] }),
    ).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });
});
