/**
 * Functions that fail, and thresholds: on both engines every record is written, left out or an error, and the report
 * says how many.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GlueContext, type DynamicFrame } from "../../src/index.js";
import { bundleLibrary, runChild } from "./killed-child.js";
import { openWorld, refused, type World } from "./world.js";

let world: World;
let reference: GlueContext;
beforeEach(async () => {
  world = await openWorld();
  reference = await GlueContext.open({
    catalog: world.at("reference"),
    engine: "reference",
    onWarning: () => undefined,
  });
  // 10 records, two lines that are none
  world.write(
    "data/a.json",
    [
      ...Array.from({ length: 5 }, (_, i) => `{"i":${i}}`),
      "{broken",
      ...Array.from({ length: 5 }, (_, i) => `{"i":${i + 5}}`),
      "7",
    ].join("\n"),
  );
});
afterEach(async () => {
  await reference.close();
  await world.close();
});

let outs = 0;
const target = (): string => world.at(`functions-${outs++}`);
const source = (glue: GlueContext): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { paths: [world.at("data")] },
    format: "json",
  });
const write = (glue: GlueContext, frame: DynamicFrame, path: string) =>
  glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path }, format: "json" });
const written = (path: string): number[] =>
  readdirSync(path)
    .flatMap((name) => readFileSync(join(path, name), "utf8").trim().split("\n"))
    .map((line) => (JSON.parse(line) as { i: number }).i)
    .sort((a, b) => a - b);

const odd = (r: Readonly<Record<string, unknown>>): boolean => Number(r["i"]) % 2 === 1;
const fail = (): never => {
  throw new Error("of the function");
};
const CASES: Readonly<
  Record<
    string,
    {
      readonly make: (frame: DynamicFrame) => DynamicFrame;
      readonly kept: readonly number[];
      readonly errors: number;
      readonly filtered: number;
    }
  >
> = {
  "map throws": {
    make: (frame) => frame.map((r) => (odd(r) ? fail() : r)),
    kept: [0, 2, 4, 6, 8],
    errors: 7,
    filtered: 0,
  },
  "map throws what is no error": {
    make: (frame) =>
      frame.map((r) => {
        if (odd(r)) throw undefined;
        return r;
      }),
    kept: [0, 2, 4, 6, 8],
    errors: 7,
    filtered: 0,
  },
  "an async map is rejected": {
    make: (frame) => frame.map(async (r) => (odd(r) ? Promise.reject(new Error("later")) : r)),
    kept: [0, 2, 4, 6, 8],
    errors: 7,
    filtered: 0,
  },
  "map gives no record": {
    make: (frame) => frame.map((r) => (odd(r) ? ("text" as never) : r)),
    kept: [0, 2, 4, 6, 8],
    errors: 7,
    filtered: 0,
  },
  "map gives a value without a type": {
    make: (frame) => frame.map((r) => (odd(r) ? ({ ...r, f: () => 1 } as never) : r)),
    kept: [0, 2, 4, 6, 8],
    errors: 7,
    filtered: 0,
  },
  "filter throws": {
    make: (frame) => frame.filter((r) => (odd(r) ? fail() : Number(r["i"]) > 3)),
    kept: [4, 6, 8],
    errors: 7,
    filtered: 2,
  },
  "one after another": {
    make: (frame) =>
      frame
        .map((r) => (Number(r["i"]) < 2 ? fail() : r))
        .filter((r) => (Number(r["i"]) < 4 ? fail() : odd(r)))
        .map((r) => (Number(r["i"]) === 9 ? fail() : r)),
    kept: [5, 7],
    errors: 7,
    filtered: 3,
  },
};

test.each(Object.entries(CASES))(
  "%s: the rest is written, and read = written + errors + filtered",
  async (_name, { make, kept, errors, filtered }) => {
    for (const glue of [world.glue, reference]) {
      const path = target();
      const frame = make(source(glue));
      const report = await write(glue, frame, path);
      expect([report.read, report.written, report.errors, report.filtered, report.balanced]).toEqual([
        12,
        kept.length,
        errors,
        filtered,
        true,
      ]);
      expect(kept.length === 0 && !existsSync(path) ? [] : written(path)).toEqual(kept);
      expect(await frame.errorsCount()).toBe(errors);
      expect(await frame.errorsAsDynamicFrame().count()).toBe(errors);
    }
  },
);

test("the function of a partition has all records in its hands: what it throws ends the write as it is, and nothing is there", async () => {
  for (const glue of [world.glue, reference]) {
    const path = target();
    await expect(write(glue, source(glue).mapPartitions(fail), path)).rejects.toThrow("of the function");
    expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
  }
});

test.each([{ stageThreshold: 4 }, { totalThreshold: 6 }])(
  "past %j the write fails by code, and nothing is there",
  async (threshold) => {
    for (const glue of [world.glue, reference]) {
      const path = target();
      const error = await refused(() =>
        write(
          glue,
          source(glue).map((r) => (odd(r) ? fail() : r), threshold),
          path,
        ),
      );
      expect(error.code).toBe("ERROR_THRESHOLD_EXCEEDED");
      expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
    }
  },
);

test.each([{ stageThreshold: 5 }, { totalThreshold: 7 }, { stageThreshold: 0 }])(
  "at %j, no more errors than allowed, it is written",
  async (threshold) => {
    for (const glue of [world.glue, reference]) {
      const path = target();
      expect(
        await write(
          glue,
          source(glue).map((r) => (odd(r) ? fail() : r), threshold),
          path,
        ),
      ).toMatchObject({ written: 5, errors: 7, balanced: true });
      expect(written(path)).toEqual([0, 2, 4, 6, 8]);
    }
  },
);

test("isFailFast: the first malformed record ends the write by code and place, and nothing is there", async () => {
  for (const glue of [world.glue, reference]) {
    const path = target();
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: [world.at("data")], isFailFast: true },
      format: "json",
    });
    expect(await refused(() => write(glue, frame, path))).toMatchObject({
      code: "MALFORMED_INPUT",
      file: world.at("data/a.json"),
      offset: 40,
    });
    expect(existsSync(path) ? readdirSync(path) : []).toEqual([]);
  }
});

test("a promise left in a result is an error record, and its rejection does not end the process", async () => {
  const bundle = await bundleLibrary();
  try {
    const body = `const rows = Array.from({ length: 20 }, (_, i) => ({ i })), late = () => new Promise((_, reject) => setTimeout(reject, 5, new Error("late")));
      const boom = (r) => (r.i % 2 ? { ...r, a: Promise.reject(new Error("a")), b: [{ c: Promise.reject(new Error("c")) }], d: late() } : r);
      for (const f of [boom, async (r) => { if (r.i === 0) await new Promise((done) => setTimeout(done, 50)); return boom(r); }]) {
        const frame = glue.createDynamicFrame.fromRows(rows).map(f), counts = [await frame.count(), await frame.errorsCount()];
        if (counts.join() !== "10,10") throw new Error("counts " + counts);
      }
      await new Promise((done) => setTimeout(done, 50));`;
    expect((await runChild(bundle, world.at("child"), body)).finished).toBe(true);
  } finally {
    bundle.remove();
  }
});

test("a function of a partition that gives no records is refused by code", async () => {
  for (const nothing of [undefined, 5, {}, "text"])
    expect(
      (
        await refused(() =>
          source(world.glue)
            .mapPartitions(() => nothing as never)
            .count(),
        )
      ).code,
    ).toBe("NOT_A_RECORD");
});

const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = wrap(value);
  return value;
};
const inStruct = (inner: unknown): unknown => ({ a: inner });
const inList = (inner: unknown): unknown => [inner];
const inMap = (inner: unknown): unknown => new Map([["k", inner]]);
class Point {
  readonly x = 1;
  get y(): number {
    return 2;
  }
}

/**
 * What a function returns as `v` of one of three records. The text that is written as JSON, or the code of its error
 * record.
 */
const ODD: Readonly<Record<string, readonly [make: () => unknown, text: string | undefined, code?: string]>> = {
  "structs down to the limit": [() => nested(499, inStruct), `${'{"a":'.repeat(499)}1${"}".repeat(499)}`],
  "one more": [() => nested(500, inStruct), undefined, "TOO_DEEP"],
  "structs far below": [() => nested(100_000, inStruct), undefined, "TOO_DEEP"],
  "lists down to the limit": [() => nested(499, inList), `${"[".repeat(499)}1${"]".repeat(499)}`],
  "one list more": [() => nested(500, inList), undefined, "TOO_DEEP"],
  "maps": [() => nested(60, inMap), `${'{"k":'.repeat(60)}1${"}".repeat(60)}`],
  "sets in sets": [() => nested(501, (inner) => new Set([inner])), undefined, "TOO_DEEP"],
  "itself": [
    () => {
      const cyclic: Record<string, unknown> = {};
      return (cyclic["self"] = cyclic);
    },
    undefined,
    "CYCLIC_VALUE",
  ],
  "a list in itself": [
    () => {
      const cyclic: unknown[] = [];
      cyclic.push(cyclic);
      return cyclic;
    },
    undefined,
    "CYCLIC_VALUE",
  ],
  "a getter that throws": [
    () => ({
      get g(): never {
        return fail();
      },
    }),
    undefined,
    "",
  ],
  "a long integer": [() => 2n ** 62n, "4611686018427387904"],
  "an integer past all types": [() => 10n ** 40n, undefined, "VALUE_OUT_OF_RANGE"],
  "a symbol": [() => Symbol("s"), undefined, "UNSUPPORTED_VALUE"],
  "bytes": [() => new Uint8Array([1, 2]), '"AQI="'],
  "another typed array": [() => new Float64Array([1.5]), undefined, "UNSUPPORTED_VALUE"],
  "an instance of a class, of which its own fields count": [() => new Point(), '{"x":1}'],
  "a list with holes": [
    () => {
      const sparse: unknown[] = [];
      sparse[2] = 1;
      return sparse;
    },
    "[null,null,1]",
  ],
  "a list that is all holes": [
    () => {
      const sparse: unknown[] = [];
      sparse[4_000_000_000] = 1;
      return sparse;
    },
    undefined,
    "VALUE_OUT_OF_RANGE",
  ],
  "a text of 10 MB": [() => "x".repeat(10_000_000), `"${"x".repeat(10_000_000)}"`],
  "a proxy that throws": [() => new Proxy({}, { ownKeys: fail }), undefined, ""],
};

test.each(Object.entries(ODD))("a function returns %s", async (_name, [make, text, code]) => {
  for (const glue of [world.glue, reference]) {
    const path = target();
    const frame = glue.createDynamicFrame
      .fromRows([{ i: 0 }, { i: 1 }, { i: 2 }])
      .map((r) => (odd(r) ? { ...r, v: make() } : r));
    expect(await write(glue, frame, path)).toMatchObject({
      read: 3,
      written: text === undefined ? 2 : 3,
      errors: text === undefined ? 1 : 0,
      balanced: true,
    });
    const lines = readdirSync(path)
      .flatMap((name) => readFileSync(join(path, name), "utf8").trim().split("\n"))
      .sort();
    expect(lines[1] === (text === undefined ? '{"i":2}' : `{"i":1,"v":${text}}`)).toBe(true);
    const [error] = await frame.errorsAsDynamicFrame().records();
    if (code) expect(JSON.stringify(error)).toContain(`${code}: `);
  }
});
