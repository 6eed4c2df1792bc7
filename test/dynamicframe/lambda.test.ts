/**
 * JavaScript functions over records: exact tags in, exact tags out, errors with their context, async functions in order
 * and bounded.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import {
  DateValue,
  Decimal,
  GlueContext,
  TimestampValue,
  typeTag,
  type DynamicFrame,
  type PlainRecord,
} from "../../src/index.js";
import { recordJson } from "../../src/dynamicframe/print-record.js";

let folder: string;
let duckdb: GlueContext;
let reference: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-lambda-"));
  duckdb = await GlueContext.open({ catalog: join(folder, "d"), engine: "duckdb", threads: 2 });
  reference = await GlueContext.open({ catalog: join(folder, "r"), engine: "reference" });
});
afterAll(async () => {
  await duckdb.close();
  await reference.close();
  await rm(folder, { recursive: true, force: true });
});

/**
 * An integer past 64 bits is decimal(38,0): a path cannot hold one and fractions of decimals too (VALUE_DOES_NOT_FIT),
 * so records have one or the other.
 */
const recordsWith = (wide: unknown): fc.Arbitrary<Record<string, unknown>[]> => {
  const atom: fc.Arbitrary<unknown> = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -0,
      1,
      2.5,
      NaN,
      Infinity,
      9007199254740993n,
      -(2n ** 63n),
      wide,
      4294967296,
      "",
      "x",
      "é",
      new Decimal(1n, 0),
      new DateValue(19000),
      new TimestampValue(1_000_001n),
      new Uint8Array([0, 255]),
    ),
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 3 }),
  );
  const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      { weight: 5, arbitrary: atom },
      { weight: 1, arbitrary: fc.array(tie("value"), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.dictionary(fc.constantFrom("a", "b", "c.d", ""), tie("value"), { maxKeys: 3 }) },
    ),
  })).value;
  const record = fc.dictionary(fc.constantFrom("a", "b", "id", "constructor", "c.d"), value, {
    minKeys: 1,
    maxKeys: 4,
  });
  return fc.array(record, { minLength: 1, maxLength: 8 });
};
const records = fc.oneof(recordsWith(2n ** 70n), recordsWith(new Decimal(150n, 2)));

async function seen(frame: DynamicFrame): Promise<unknown> {
  return {
    schema: await frame.schemaTree(),
    rows: (await frame.records()).map((r) => recordJson(r)).sort(),
    errors: await frame.errorsCount(),
  };
}

test("a function may return one object, changed, for every record: each result is as it was when it was returned", async () => {
  const kept = { n: 0, inner: { list: [0] } };
  const frame = duckdb.createDynamicFrame.fromRows(Array.from({ length: 3000 }, (_, i) => ({ i }))).map((r) => {
    kept.n = Number(r["i"]);
    kept.inner.list = [...Array.from({ length: kept.n % 3 }, (_, k) => kept.n + k)];
    return kept;
  });
  const rows = await frame.records();
  rows.sort((a, b) => Number(a["n"]) - Number(b["n"]));
  expect(rows).toEqual(
    Array.from({ length: 3000 }, (_, n) => ({ n, inner: { list: Array.from({ length: n % 3 }, (_, k) => n + k) } })),
  );
}, 60_000);

describe("map(r => r) changes nothing", () => {
  const unchanged = (glue: () => GlueContext, f: (r: PlainRecord) => unknown, numRuns: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const frame = glue().createDynamicFrame.fromRows(rows);
        expect(await seen(frame.map(f))).toEqual(await seen(frame));
      }),
      { numRuns, endOnFailure: true },
    );
  test(
    "on the reference, where null and missing stay apart at every depth",
    () =>
      unchanged(
        () => reference,
        (r) => r,
        150,
      ),
    60_000,
  );
  test("nor does a copy, nor an async function", async () => {
    await unchanged(
      () => reference,
      (r) => ({ ...r }),
      40,
    );
    await unchanged(
      () => reference,
      async (r) => r,
      40,
    );
  }, 60_000);
  test(
    "on DuckDB, where null and missing are one once rows are loaded",
    () =>
      fc.assert(
        fc.asyncProperty(records, async (rows) => {
          const frame = duckdb.createDynamicFrame.fromRows(rows);
          const nulls = (value: unknown): unknown =>
            recordJson(JSON.parse(recordJson(value).replaceAll(/NaN|Infinity|-Infinity/g, "null")));
          const rowsOf = async (f: DynamicFrame): Promise<unknown> =>
            (await f.records()).map((r) => nulls(withoutNulls(r))).sort();
          expect(await frame.map((r) => r).schemaTree()).toBe(await frame.schemaTree());
          expect(await rowsOf(frame.map((r) => r))).toEqual(await rowsOf(frame));
        }),
        { numRuns: 12, endOnFailure: true },
      ),
    90_000,
  );
});

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((v) => withoutNulls(v) ?? null);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined)
      .map(([k, v]): [string, unknown] => [k, withoutNulls(v)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

test("many records through a file: the identity keeps schema and values of drifting orders", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({
    id: i % 10 === 0 ? `A-${i}` : i,
    price: i % 7 === 0 ? i : i + 0.5,
    big: i % 2 === 0 ? 2n ** 62n + BigInt(i) : 1,
    tags: i % 3 === 0 ? "one" : ["a", i % 2 === 0 ? 1 : "b"],
    at: new TimestampValue(BigInt(i)),
    items: [{ qty: i % 5 === 0 ? "2" : 2 }, null, {}],
    maybe: i % 2 === 0 ? { x: { y: new Decimal(BigInt(i), 2) } } : null,
  }));
  const frame = duckdb.createDynamicFrame.fromRows(rows);
  const mapped = frame.map((r) => ({ ...r }));
  expect(await mapped.schemaTree()).toBe(await frame.schemaTree());
  const texts = async (f: DynamicFrame): Promise<string[]> =>
    (await f.records()).map((r) => recordJson(withoutNulls(r))).sort();
  expect(await texts(mapped)).toEqual(await texts(frame));
  expect(await texts(frame.filter(() => true))).toEqual(await texts(frame));
}, 60_000);

test("typeTag tells the exact types", async () => {
  const tags: unknown[] = [];
  const rows = [
    {
      i: 1,
      l: 4294967296,
      b: 2n ** 70n,
      d: 1.5,
      s: "1",
      n: null,
      c: { x: [1, "t", { y: new DateValue(1) }] },
      t: new TimestampValue(1n),
      bin: new Uint8Array([1]),
      ok: true,
      dec: new Decimal(15n, 1),
    },
  ];
  const paths = [
    "i",
    "l",
    "b",
    "d",
    "s",
    "n",
    "c",
    "c.x",
    "t",
    "bin",
    "ok",
    "dec",
    "none",
    "c.none",
    ["c", "x", 0],
    ["c", "x", 1],
    ["c", "x", 2, "y"],
    ["c", "x", 9],
  ];
  await reference.createDynamicFrame
    .fromRows(rows)
    .map((r) => {
      tags.push(...paths.map((p) => typeTag(r, p)));
      return r;
    })
    .count();
  expect(tags).toEqual([
    "int",
    "long",
    "decimal",
    "double",
    "string",
    "null",
    "struct",
    "array",
    "timestamp",
    "binary",
    "boolean",
    "decimal",
    undefined,
    undefined,
    "int",
    "string",
    "date",
    undefined,
  ]);
  expect(() => typeTag({}, "x")).toThrow(expect.objectContaining({ code: "NOT_A_RECORD" }) as Error);
  const wholes: unknown[] = [];
  await reference.createDynamicFrame
    .fromRows([{ p: 1.5 }, { p: "x" }])
    .union(reference.createDynamicFrame.fromRows([{ p: 2.5 }]))
    .filter((r) => {
      wholes.push(typeTag(r, "p"));
      return true;
    })
    .count();
  expect(wholes).toEqual(["double", "string", "double"]);
});

test("what a function leaves alone keeps its type, a whole number where doubles were stays one, new paths are inferred", async () => {
  const frame = reference.createDynamicFrame.fromRows([
    { p: 4.5, l: 2 ** 40, i: 1, c: "x" },
    { p: 1.5, l: 2 ** 41, i: 2, c: 1 },
  ]);
  const mapped = frame.map((r) => ({ p: 4, l: 1, i: 1.5, c: r["c"], fresh: 1, big: 2n ** 70n }));
  expect(await mapped.schemaTree()).toBe(
    [
      "root",
      "|-- p: double",
      "|-- l: long",
      "|-- i: double",
      "|-- c: choice",
      "|    |-- int",
      "|    |-- string",
      "|-- fresh: int",
      "|-- big: decimal",
      "",
    ]
      .join("\n")
      .replace("big: decimal", (await mapped.schemaTree()).match(/big: \S+/)?.[0] ?? ""),
  );
});

test.each([null, undefined, false, 0, "", {}])(
  "a falsy or empty result (%j) is an error record with Glue's text",
  async (result) => {
    const frame = reference.createDynamicFrame.fromRows([{ a: 1 }, { a: 2 }]).map((r) => (r["a"] === 1 ? r : result));
    expect(await frame.count()).toBe(1);
    const [error] = await frame.errorsAsDynamicFrame().records();
    expect(error).toMatchObject({
      error: { msg: "User-specified function returned None instead of DynamicRecord", dynamicRecord: { a: 2 } },
    });
  },
);

test("errors carry the call site, the info, the stack and the record", async () => {
  const frame = reference.createDynamicFrame.fromRows([{ a: 1 }]).map(
    async function broken() {
      throw new Error("no luck");
    },
    { transformationCtx: "clean", info: "orders" },
  );
  const [row] = await frame.errorsAsDynamicFrame().records();
  expect(row).toMatchObject({
    error: { callsite: { site: "clean", info: "orders" }, msg: "no luck", dynamicRecord: { a: 1 } },
  });
  expect((row?.["error"] as { stackTrace: string }).stackTrace).toContain("lambda.test");
  expect([await frame.errorsCount(), await frame.stageErrorsCount(), await frame.count()]).toEqual([1, 1, 0]);
});

test("whatever a function throws is an error record, also what fails when it is looked at", async () => {
  const fails = (): never => {
    throw new Error("looked at");
  };
  const thrown: readonly unknown[] = [
    undefined,
    null,
    0,
    "text",
    Symbol("s"),
    { toString: fails },
    Object.create(null),
    Object.defineProperty(new Error("x"), "message", { get: fails }),
    new Proxy({}, { get: fails, getPrototypeOf: fails }),
    Object.assign(new Error("x"), { message: { toString: fails } }),
    Object.assign(new Error("y"), { stack: 5 }),
  ];
  const rows = reference.createDynamicFrame.fromRows(thrown.map((_, at) => ({ at })));
  const throws = ({ at }: { readonly [name: string]: unknown }): unknown => {
    throw thrown[Number(at)];
  };
  const untold = "The function threw something that cannot be told: looking at it failed.";
  const expected = ["undefined", "null", "0", "text", "Symbol(s)", untold, untold, untold, untold, untold, "y"];
  for (const failed of [rows.map(throws), rows.map(async (record) => throws(record))]) {
    expect((await failed.errorsAsDynamicFrame().records()).map((r) => (r["error"] as { msg: unknown }).msg)).toEqual(
      expected,
    );
    expect(await failed.count()).toBe(0);
  }
  // TypeError among them would be a record left out: none is
  expect(await rows.filter(throws).errorsCount()).toBe(thrown.length);
});

test("a value that no type carries is an error of its record, and leaves no trace in the schema", async () => {
  const frame = reference.createDynamicFrame
    .fromRows([{ a: 1 }, { a: 2 }])
    .map((r) => (r["a"] === 1 ? { a: "text", fresh: { x: 1 }, f: () => 1 } : r));
  expect([await frame.count(), await frame.errorsCount(), await frame.schemaTree()]).toEqual([
    1,
    1,
    "root\n|-- a: int\n",
  ]);
});

test.each([[{ stageThreshold: 2 }], [{ totalThreshold: 2 }]])(
  "a function that fails for every record passes %j",
  async (threshold) => {
    const frame = reference.createDynamicFrame.fromRows([{ a: 1 }, { a: 2 }, { a: 3 }]).map(() => {
      throw new Error("never");
    }, threshold);
    await expect(frame.assertErrorThreshold()).rejects.toMatchObject({ code: "ERROR_THRESHOLD_EXCEEDED", found: "3" });
    await expect(frame.count()).rejects.toMatchObject({ code: "ERROR_THRESHOLD_EXCEEDED" });
    const most = reference.createDynamicFrame.fromRows([{ a: 1 }, { a: 2 }]).map(() => {
      throw new Error("never");
    }, threshold);
    expect([await most.count(), await most.errorsCount()]).toEqual([0, 2]);
  },
);

test("filter leaves out what it cannot look up, sync and async, and keeps other failures as errors", async () => {
  const named = (name: string): Error => Object.assign(new Error(name), { name });
  const failures = [
    new TypeError("t"),
    new RangeError("r"),
    named("KeyError"),
    named("ValueError"),
    new Error("other"),
    named("SyntaxError"),
  ];
  const frame = reference.createDynamicFrame.fromRows(failures.map((_, i) => ({ i })));
  for (const f of [
    (r: PlainRecord) => {
      throw failures[Number(r["i"])] as Error;
    },
    async (r: PlainRecord) => {
      throw failures[Number(r["i"])] as Error;
    },
  ]) {
    const filtered = frame.filter(f);
    expect([await filtered.count(), await filtered.errorsCount()]).toEqual([0, 2]);
  }
  expect(await frame.filter(async (r) => Number(r["i"]) > 3).count()).toBe(2);
});

test("what is no function is a wrong call, not records that fail", () => {
  const frame = duckdb.createDynamicFrame.fromRows([{ a: 1 }]);
  expect(() => frame.filter({ a: 1 } as never)).toThrow(
    expect.objectContaining({ code: "BAD_ARGUMENT", path: "filter", found: "object" }) as Error,
  );
  expect(() => frame.map(null as never)).toThrow(
    expect.objectContaining({ code: "BAD_ARGUMENT", path: "map", found: "null" }) as Error,
  );
});

test("async functions are bounded, and their results keep the order", async () => {
  let running = 0;
  let most = 0;
  const frame = reference.createDynamicFrame.fromRows(Array.from({ length: 40 }, (_, i) => ({ i }))).map(
    async (r) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => {
        setTimeout(resolve, (Number(r["i"]) * 7) % 5);
      });
      running--;
      return { i: r["i"] };
    },
    { concurrency: 4 },
  );
  expect((await frame.records()).map((r) => r["i"])).toEqual(Array.from({ length: 40 }, (_, i) => i));
  expect(most).toBe(4);
  expect(() => frame.map((r) => r, { concurrency: 0 })).toThrow(
    expect.objectContaining({ code: "BAD_OPTION" }) as Error,
  );
});

test("absent and null stay apart for a function over JSON, on both engines", async () => {
  const path = join(folder, "absent.json");
  await writeFile(path, '{"a":null,"s":{"x":null}}\n{"s":{}}\n{"a":1,"s":null}\n');
  for (const glue of [duckdb, reference]) {
    const keys: string[] = [];
    await glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" })
      .filter((r) => {
        keys.push(`${Object.keys(r).join()}:${r["s"] === null ? "null" : Object.keys(r["s"] as object).join()}`);
        return true;
      })
      .count();
    expect(keys.sort()).toEqual(["a,s:null", "a,s:x", "s:"]);
  }
});
