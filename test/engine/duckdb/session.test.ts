/** What is DuckDB's own: the SQL, Parquet of many schemas, memory limits, interrupts, failures of the disk. */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { EngineSession } from "../../../src/engine/index.js";
import {
  arm,
  cast,
  choiceOf,
  field,
  filter,
  inputOf,
  isNull,
  listMap,
  literal,
  materialize,
  nullOf,
  number,
  project,
  structOf as packed,
  unnest,
  values,
} from "../../../src/plan/ir/build.js";
import type { Relation, ScanFile, ScanRelation } from "../../../src/plan/ir/relation.js";
import type { Scalar } from "../../../src/plan/ir/scalar.js";
import { fileStorage } from "../../../src/storage/file.js";
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  STRING,
  TIMESTAMP,
  array,
  choice,
  field as typeField,
  map,
  struct,
  structOf,
  type DataType,
  type StructType,
} from "../../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value } from "../../../src/types/value.js";
import { valueText } from "../contract.js";
import { collect, openSession, type Opened } from "./session.js";

let opened: Opened;
let session: EngineSession;
let directory: string;
beforeAll(async () => {
  opened = await openSession();
  ({ session } = opened);
  directory = await mkdtemp(join(tmpdir(), "dynaframe-session-"));
});
afterAll(async () => {
  await opened.close();
  await rm(directory, { recursive: true, force: true });
});

const of = (relation: Relation, name: string): Scalar => field(inputOf(relation), name);
const pick = (relation: Relation, fields: Readonly<Record<string, Scalar>>): Relation =>
  project(
    relation,
    Object.entries(fields).map(([name, value]) => ({ name, value })),
  );
const sorted = (rows: readonly Row[]): string[] => rows.map(valueText).sort();
const fileOf = async (path: string): Promise<ScanFile> => {
  const ref = await fileStorage().stat(path);
  if (!ref) throw new Error(`no ${path}`);
  return ref;
};
const scan = (
  id: string,
  files: readonly ScanFile[],
  type: StructType,
  partitionKeys: readonly string[] = [],
): ScanRelation => ({ kind: "scan", id, format: "parquet", options: {}, files, partitionKeys, type });
const writeParquet = async (rows: readonly Row[], type: StructType, into: string): Promise<string> => {
  const [file] = await session.write(values(rows, type), {
    format: "parquet",
    options: {},
    partitionKeys: [],
    directory: into,
  });
  if (!file) throw new Error("nothing written");
  return file.localFile;
};

describe("SQL", () => {
  const type = structOf({ id: choice([INT, STRING]), items: array(structOf({ q: INT })), n: STRING });
  const source = values([], type);

  it.each<[string, () => Relation, string]>([
    [
      "project",
      () => pick(source, { k: arm(of(source, "id"), "int"), n: cast(of(source, "n"), INT, "n") }),
      `WITH "~t2" AS NOT MATERIALIZED (SELECT struct_extract("~r"."id", 'int') AS "k", TRY_CAST("dynaframe"."main"."df_text_to_long"("~r"."n") AS INTEGER) AS "n" FROM "values of 0 rows" AS "~r")
SELECT * FROM "~t2"`,
    ],
    [
      "filter over project",
      () => {
        const p = pick(source, { 'a"b': of(source, "n") });
        return filter(p, isNull(field(inputOf(p), 'a"b')), "filter");
      },
      `WITH "~t2" AS NOT MATERIALIZED (SELECT "~r"."n" AS "a""b" FROM "values of 0 rows" AS "~r"),
"~t3" AS NOT MATERIALIZED (SELECT * FROM "~t2" AS "~r" WHERE ("~r"."a""b" IS NULL))
SELECT * FROM "~t3"`,
    ],
    [
      "unnest",
      () => unnest(source, of(source, "items"), ["n"], "i", "e"),
      `WITH "~t2" AS NOT MATERIALIZED (SELECT "~k0" AS "n", CAST(generate_subscripts("~l", 1) - 1 AS INTEGER) AS "i", unnest("~l") AS "e" FROM (SELECT "~r"."n" AS "~k0", "~r"."items" AS "~l" FROM "values of 0 rows" AS "~r"))
SELECT * FROM "~t2"`,
    ],
    [
      "choice and list-map",
      () =>
        pick(source, {
          c: choiceOf([{ arm: "string", value: of(source, "n") }], choice([INT, STRING])),
          l: listMap(of(source, "items"), "e", (e) => field(e, "q")),
        }),
      `WITH "~t2" AS NOT MATERIALIZED (SELECT CASE WHEN "~r"."n" IS NULL THEN NULL ELSE {'int': CAST(NULL AS INTEGER), 'string': "~r"."n"} END AS "c", list_transform("~r"."items", lambda "~v1": struct_extract("~v1", 'q')) AS "l" FROM "values of 0 rows" AS "~r")
SELECT * FROM "~t2"`,
    ],
    [
      "struct with nullIf",
      () =>
        pick(source, {
          s: packed(
            [
              { name: "Id", value: of(source, "n") },
              { name: "id", value: nullOf(INT) },
            ],
            isNull(of(source, "n")),
          ),
        }),
      `WITH "~t2" AS NOT MATERIALIZED (SELECT CASE WHEN ("~r"."n" IS NULL) THEN NULL ELSE {'Id': "~r"."n", 'id~2': CAST(NULL AS INTEGER)} END AS "s" FROM "values of 0 rows" AS "~r")
SELECT * FROM "~t2"`,
    ],
    [
      "number",
      () => number(source, "no", 3),
      `WITH "~t2" AS NOT MATERIALIZED (SELECT "~r"."id" AS "id", "~r"."items" AS "items", "~r"."n" AS "n", CAST(row_number() OVER () + 3 - 1 AS BIGINT) AS "no" FROM "values of 0 rows" AS "~r")
SELECT * FROM "~t2"`,
    ],
  ])("%s: the text, and it binds", async (_name, build, sql) => {
    const explained = await session.explain(build());
    expect(
      explained
        .split("\n")
        .filter((line) => !line.startsWith("-- "))
        .join("\n"),
    ).toBe(sql);
    expect(await collect(session, build())).toEqual([]);
  });

  it("explain() computes nothing", async () => {
    const failing = materialize(
      pick(source, { v: { kind: "cast", of: literal("x", STRING), type: INT, onError: "fail" } }),
      "never",
    );
    expect(await session.explain(failing)).toContain("materialize never: not computed yet");
  });
});

describe("Parquet", () => {
  it("files of different schemas: one group each, union of arms, absent fields null", async () => {
    const into = join(directory, "drift");
    const ints = await writeParquet(
      [
        { id: 1, price: 5 },
        { id: 2, price: null },
      ],
      structOf({ id: INT, price: INT }),
      into,
    );
    const doubles = await writeParquet([{ price: 1.5, id: 3 }], structOf({ price: DOUBLE, id: INT }), into);
    const texts = await writeParquet(
      [{ id: 4, price: "n/a", extra: true }],
      structOf({ id: INT, price: STRING, extra: BOOLEAN }),
      into,
    );
    const type = structOf({ id: INT, price: choice([DOUBLE, INT, STRING]), extra: BOOLEAN });
    const files = await Promise.all([ints, doubles, texts].map(fileOf));
    const relation = scan("drift", files, type);
    expect(sorted(await collect(session, relation))).toEqual(
      sorted([
        { id: 1, price: new ArmValue("int", 5) },
        { id: 2 },
        { id: 3, price: new ArmValue("double", 1.5) },
        { id: 4, price: new ArmValue("string", "n/a"), extra: true },
      ]),
    );
    expect(await session.explain(relation)).toContain("3 groups of one schema each");
    expect(sorted(await collect(session, { ...relation, type: structOf({ extra: BOOLEAN }) }))).toEqual(
      sorted([{}, {}, {}, { extra: true }]),
    );
  });

  it("nested drift conforms inside lists and structs", async () => {
    const into = join(directory, "nested");
    const one = await writeParquet(
      [{ l: [{ q: 1 }, null], s: { a: 1 } }],
      structOf({ l: array(structOf({ q: INT })), s: structOf({ a: INT }) }),
      into,
    );
    const two = await writeParquet(
      [{ l: [{ q: "x", r: 2 }], s: null }],
      structOf({ l: array(structOf({ q: STRING, r: INT })), s: structOf({ a: INT }) }),
      into,
    );
    const type = structOf({ l: array(structOf({ q: choice([INT, STRING]), r: INT })), s: structOf({ a: INT }) });
    expect(sorted(await collect(session, scan("nested", await Promise.all([one, two].map(fileOf)), type)))).toEqual(
      sorted([
        { l: [{ q: new ArmValue("int", 1) }, null], s: { a: 1 } },
        { l: [{ q: new ArmValue("string", "x"), r: 2 }] },
      ]),
    );
  });

  it("paths with pattern characters mean themselves", async () => {
    const into = join(directory, "we[i]rd *?");
    const file = await writeParquet([{ a: 1 }], structOf({ a: INT }), into);
    await mkdir(join(directory, "weird x"), { recursive: true });
    expect(await collect(session, scan("weird", [await fileOf(file)], structOf({ a: INT })))).toEqual([{ a: 1 }]);
    const partitioned = { ...(await fileOf(file)), partition: ["7"] };
    expect(await collect(session, scan("weird-p", [partitioned], structOf({ a: INT, p: INT }), ["p"]))).toEqual([
      { a: 1, p: 7 },
    ]);
  });

  it("a thousand partitions, typed", async () => {
    const file = await fileOf(await writeParquet([{ a: 1 }, { a: 2 }], structOf({ a: INT }), join(directory, "many")));
    const other = await fileOf(await writeParquet([{ a: 3 }], structOf({ a: INT }), join(directory, "many")));
    const relation = scan(
      "many",
      [
        { ...file, partition: ["2024-01-02", null] },
        { ...other, partition: ["x", "1.5"] },
      ],
      structOf({ a: INT, day: DATE, f: DOUBLE }),
      ["day", "f"],
    );
    expect(sorted(await collect(session, relation))).toEqual(
      sorted([
        { a: 1, day: new DateValue(19724) },
        { a: 2, day: new DateValue(19724) },
        { a: 3, f: 1.5 },
      ]),
    );
  });

  it("a file that changed or went after listing is an error that names it", async () => {
    const path = await writeParquet([{ a: 1 }], structOf({ a: INT }), join(directory, "changed"));
    const ref = await fileOf(path);
    await truncate(path, 10);
    await expect(collect(session, scan("changed", [ref], structOf({ a: INT })))).rejects.toMatchObject({
      code: "FILE_CHANGED",
      file: ref.path,
    });
    // the damaged bytes themselves are one malformed record: no row
    expect(await collect(session, scan("damaged", [await fileOf(path)], structOf({ a: INT })))).toEqual([]);
    await rm(path);
    await expect(collect(session, scan("gone", [ref], structOf({ a: INT })))).rejects.toMatchObject({
      code: "PATH_NOT_FOUND",
      file: ref.path,
    });
  });
});

describe("flat domains", () => {
  it("are read from tables staged once", async () => {
    const path = join(directory, "domains.json");
    await writeFile(path, '{"id":1,"items":[{"q":5},{"q":"x"}]}\n{"id":2,"items":[]}\n{"id":3}\n');
    const recordType = structOf({ id: INT, items: array(structOf({ q: choice([INT, STRING]) })) });
    const base = {
      kind: "scan" as const,
      id: "domains",
      format: "json" as const,
      options: {},
      files: [await fileOf(path)],
      partitionKeys: [],
    };
    const root: ScanRelation = {
      ...base,
      domain: { name: "", recordType },
      type: structOf({ "#row": LONG, c0: INT, c1: LONG }),
    };
    expect(sorted(await collect(session, root))).toEqual(
      sorted([
        { "#row": 1, c0: 1, c1: 1 },
        { "#row": 2, c0: 2, c1: 2 },
        { "#row": 3, c0: 3 },
      ]),
    );
    const child: ScanRelation = {
      ...base,
      domain: { name: "items[]", recordType },
      type: structOf({ "#id": LONG, "#index": INT, c0: INT, c1: STRING }),
    };
    expect(sorted(await collect(session, child))).toEqual(
      sorted([
        { "#id": 1, "#index": 0, c0: 5 },
        { "#id": 1, "#index": 1, c1: "x" },
      ]),
    );
  });
});

describe("writing", () => {
  it("compresses and counts rows per file, also in partitioned text with line breaks", async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({ k: `k${i % 3}`, v: i, s: i % 7 === 0 ? 'a\n"b"\nc' : "x" }));
    const source = values(rows, structOf({ k: STRING, v: INT, s: STRING }));
    for (const [format, compression] of [
      ["csv", "none"],
      ["csv", "gzip"],
      ["json", "zstd"],
      ["csv", "zstd"],
      ["json", "gzip"],
      ["csv", "bzip2"],
      ["json", "snappy"],
      ["parquet", "zstd"],
    ] as const) {
      const files = await session.write(source, {
        format,
        options: {},
        compression,
        partitionKeys: ["k"],
        directory: join(directory, `${format}-${compression}`),
      });
      const byFolder = new Map<string, number>();
      for (const file of files) byFolder.set(file.folder, (byFolder.get(file.folder) ?? 0) + file.rows);
      expect([...byFolder].sort()).toEqual([
        ["k=k0", 1667],
        ["k=k1", 1667],
        ["k=k2", 1666],
      ]);
      // of Parquet both ends of the write are known (decision 0180)
      expect(files.map(({ given }) => given)).toEqual(
        files.map(({ rows: held }) => (format === "parquet" ? held : undefined)),
      );
    }
  });

  it.each([
    ["parquet", "lz77"],
    ["json", "lzo"],
  ] as const)("%s refuses compression %s", async (format, compression) => {
    const directoryOf = join(directory, "refused");
    await expect(
      session.write(values([], structOf({ a: INT })), {
        format,
        options: {},
        compression,
        partitionKeys: [],
        directory: directoryOf,
      }),
    ).rejects.toMatchObject({ code: "BAD_OPTION" });
  });

  it("a target that cannot be written is WRITE_FAILED with the path and what to do", async () => {
    const blocker = join(directory, "a-file");
    await writeFile(blocker, "");
    await expect(
      session.write(values([{ a: 1 }], structOf({ a: INT })), {
        format: "parquet",
        options: {},
        partitionKeys: [],
        directory: join(blocker, "x"),
      }),
    ).rejects.toMatchObject({
      code: "WRITE_FAILED",
      file: join(blocker, "x"),
      hint: expect.stringContaining("Nothing was written"),
    });
  });

  it("refuses to partition by every field", async () => {
    await expect(
      session.write(values([{ a: 1 }], structOf({ a: INT })), {
        format: "parquet",
        options: {},
        partitionKeys: ["a"],
        directory,
      }),
    ).rejects.toMatchObject({ code: "BAD_OPTION" });
  });
});

describe("session", () => {
  const thousand = values(
    Array.from({ length: 2000 }, (_, i) => ({ i })),
    structOf({ i: INT }),
  );
  /** 8·10^9 pairs: minutes of work. */
  const endless: Relation = {
    kind: "aggregate",
    input: cross(cross(thousand, thousand), thousand),
    keys: [],
    aggregates: [{ name: "n", fn: "count" }],
    type: structOf({ n: LONG }),
  };
  function cross(left: Relation, right: Relation): Relation {
    const joined: Relation = {
      kind: "join",
      how: "inner",
      left,
      right,
      leftKeys: [],
      rightKeys: [],
      type: structOf({ left: left.type, right: right.type }),
    };
    return filter(
      pick(joined, {
        i: {
          kind: "hash",
          values: [field(inputOf(joined), "left"), field(inputOf(joined), "right")].map((side) => field(side, "i")),
          type: LONG,
        },
      }),
      literal(true, BOOLEAN),
      "filter",
    );
  }

  it("a signal stops a running query, rows and counts, and leaves the session usable", async () => {
    await session.count(thousand);
    for (const run of [
      () => session.count(endless, signalled(100)),
      () => session.materialize(endless, signalled(100)),
      async () => {
        for await (const _ of session.rows(cross(cross(thousand, thousand), thousand), signalled(100))) void _;
      },
    ]) {
      const start = Date.now();
      await expect(run()).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(Date.now() - start).toBeLessThan(10_000);
    }
    expect(await session.count(thousand)).toBe(2000);
  });
  const signalled = (ms: number): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(ms) });

  it("one of two callers of a materialize may give up", async () => {
    const slow = materialize(pick(cross(thousand, thousand), { i: literal(1, INT) }), "shared");
    const impatient = session.count(slow, signalled(5)).catch((error: { code?: string }) => error.code);
    expect(await session.count(slow)).toBe(4_000_000);
    expect(["INTERRUPTED", 4_000_000]).toContain(await impatient);
  });

  it("a signal stops staging, and the next caller stages again", async () => {
    const path = join(directory, "interrupted.json");
    await writeFile(path, '{"a":1}\n'.repeat(200_000));
    const relation: ScanRelation = {
      kind: "scan",
      id: "interrupted",
      format: "json",
      options: {},
      files: [await fileOf(path)],
      partitionKeys: [],
      type: structOf({ a: INT }),
    };
    const controller = new AbortController();
    const first = session
      .count(relation, { signal: controller.signal })
      .catch((error: { code?: string }) => error.code);
    setTimeout(() => controller.abort(), 1);
    expect(["INTERRUPTED", 200_000]).toContain(await first);
    expect(await session.count(relation)).toBe(200_000);
  });

  it("close() ends what runs", async () => {
    const other = await openSession();
    const running = other.session.count(endless).catch((error: { code?: string }) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await other.close();
    expect(await running).toBe("INTERRUPTED");
  });

  it("with a memory limit tables are in a file of the staging folder, more than the memory holds", async () => {
    const limited = await openSession({ memoryLimit: "200MB" });
    const big = values(
      Array.from({ length: 20_000 }, (_, i) => ({ i, s: `${i}${"0123456789abcdef".repeat(64)}` })),
      structOf({ i: INT, s: STRING }),
    );
    const copies = unionOf(await limited.session.materialize(big), 20);
    const hashed = pick(copies, {
      i: of(copies, "i"),
      s: of(copies, "s"),
      h: { kind: "hash", values: [of(copies, "s")], type: LONG },
    });
    const stored = await limited.session.materialize(hashed);
    expect(await limited.session.count(stored)).toBe(400_000);
    expect((await stat(join(limited.directory, "staging", "work.duckdb"))).isFile()).toBe(true);
    await limited.session.close();
    expect(await readdir(limited.directory)).toEqual([]);
    await limited.close();
  }, 60_000);
  const unionOf = (relation: Relation, times: number): Relation => ({
    kind: "union",
    inputs: Array.from({ length: times }, () => relation),
    type: relation.type,
  });

  it("rows that are not of the type are refused with their path", async () => {
    const wrong: readonly [Value, DataType, string][] = [
      ["x", INT, "v"],
      [2 ** 31, INT, "v"],
      [1.5, LONG, "v"],
      [1n << 63n, LONG, "v"],
      [1, choice([INT, STRING]), "v"],
      [new ArmValue("long", 1), choice([INT, STRING]), "v"],
      [[{ a: "x" }], array(structOf({ a: INT })), "v[].a"],
      [new Decimal(10n ** 38n, 0), BIGINT, "v"],
    ];
    for (const [value, type, path] of wrong) {
      await expect(collect(session, values([{ v: value }], structOf({ v: type })))).rejects.toMatchObject({
        code: "VALUE_NOT_OF_TYPE",
        path,
      });
    }
  });
});

/** A random type and values of it. */
const typed: fc.Arbitrary<{ type: DataType; value: fc.Arbitrary<Value> }> = fc.letrec<{
  any: { type: DataType; value: fc.Arbitrary<Value> };
}>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<{ type: DataType; value: fc.Arbitrary<Value> }>(
      { type: INT, value: fc.integer() },
      { type: DOUBLE, value: fc.double() },
      { type: BOOLEAN, value: fc.boolean() },
      { type: STRING, value: fc.string({ unit: "binary" }) },
      {
        type: LONG,
        value: fc
          .bigInt(-(2n ** 63n), 2n ** 63n - 1n)
          .map((n): Value => (n >= -(2n ** 53n) + 1n && n < 2n ** 53n ? Number(n) : n)),
      },
      { type: BIGINT, value: fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n).map((n) => new Decimal(n, 0)) },
      { type: BINARY, value: fc.uint8Array() },
      { type: DATE, value: fc.integer({ min: -719162, max: 2932896 }).map((d) => new DateValue(d)) },
      { type: TIMESTAMP, value: fc.bigInt(-62135596800000000n, 253402300799999999n).map((m) => new TimestampValue(m)) },
    ),
    tie("any").map(({ type, value }) => ({ type: array(type), value: fc.array(fc.option(value), { maxLength: 4 }) })),
    tie("any").map(({ type, value }) => ({
      type: map(type),
      value: fc
        .array(fc.tuple(fc.string(), fc.option(value)), { maxLength: 3 })
        .map((entries) => new Map<string, Value>(entries)),
    })),
    fc
      .uniqueArray(fc.tuple(fc.string({ maxLength: 3 }), tie("any")), { maxLength: 4, selector: ([name]) => name })
      .map((fields) => ({
        type: struct(fields.map(([name, { type }]) => typeField(name, type))),
        value: fc
          .tuple(...fields.map(([, { value }]) => fc.option(value)))
          .map((parts) => Object.fromEntries(fields.map(([name], i) => [name, parts[i]])) as Row),
      })),
    fc
      .uniqueArray(
        tie("any").filter(({ type }) => type.kind !== "choice"),
        { minLength: 2, maxLength: 3, selector: ({ type }) => type.kind },
      )
      .map((members) => ({
        type: choice(members.map(({ type }) => type)),
        value: fc.oneof(...members.map(({ type, value }) => value.map((v) => new ArmValue(type.kind, v)))),
      })),
  ),
})).any;

it("any rows come back through a table and through Parquet", async () => {
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      typed.chain(({ type, value }) => fc.tuple(fc.constant(type), fc.array(fc.option(value), { maxLength: 8 }))),
      async ([type, given]) => {
        const rowType = structOf({ i: INT, v: type });
        const rows = given.map((v, i) => ({ i, v }));
        const relation = values(rows, rowType);
        expect(sorted(await collect(session, relation))).toEqual(sorted(rows));
        const path = await writeParquet(rows, rowType, join(directory, "property"));
        expect(sorted(await collect(session, scan(`property-${++n}`, [await fileOf(path)], rowType)))).toEqual(
          sorted(rows),
        );
      },
    ),
    { numRuns: 30 },
  );
}, 120_000);
