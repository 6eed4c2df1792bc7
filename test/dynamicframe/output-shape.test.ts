/** Fields that stay where they are must not show: results are those of a shape that takes every value apart. */
import * as fc from "fast-check";
import { batchOpener, type BatchRecords } from "../../src/dynamicframe/batch-records.js";
import { outputShape } from "../../src/dynamicframe/output/output-shape.js";
import { DOUBLE, INT, STRING, array, choice, set, structOf, type StructType } from "../../src/types/data-type.js";
import { batchOfRows } from "../../src/types/record-batch.js";
import { ArmValue, type Row } from "../../src/types/value.js";
import { vectorReader } from "../../src/types/vector-reader.js";

const input = structOf({
  id: INT,
  constructor: STRING,
  price: DOUBLE,
  who: structOf({ name: STRING, tags: array(STRING) }),
  mixed: choice([INT, structOf({ a: INT })]),
  gone: STRING,
});

const row = fc.record(
  {
    id: fc.integer({ min: 0, max: 9 }),
    constructor: fc.constantFrom("c", null),
    price: fc.constantFrom(0, -0, 1, 1.5),
    who: fc.constantFrom(null, { name: "n", tags: ["t", null] }),
    mixed: fc.constantFrom(null, new ArmValue("int", 1), new ArmValue("struct", { a: 2 })),
    gone: fc.constantFrom("g", null),
  },
  { requiredKeys: ["id"] },
);

type Own = Record<string, unknown>;
class Wrapped {
  constructor(record: Own) {
    Object.assign(this, record);
  }
}

/** What functions do to records. */
const CHANGES: Readonly<Record<string, (r: Own) => unknown>> = {
  same: (r) => r,
  copied: (r) => ({ ...r }),
  more: (r) => ({ ...r, lines: 1 }),
  "more of two": (r) => ({ first: true, ...r, lines: 2.5 }),
  "another more": (r) => ({ ...r, toString: "text", lines: undefined }),
  backwards: (r) => Object.fromEntries(Object.entries(r).reverse()),
  changed: (r) => ({ ...r, price: -0, lines: null }),
  "of another type": (r) => ({ ...r, id: "text" }),
  "left out": (r) => {
    delete r["gone"];
    return r;
  },
  undefined: (r) => ({ ...r, mixed: undefined }),
  "changed inside": (r) => {
    if (r["who"]) (r["who"] as Own)["name"] = "other";
    return r;
  },
  "looked at": (r) => {
    JSON.stringify(r);
    return r;
  },
  exchanged: (r) => ({ ...r, who: r["mixed"], mixed: r["who"] }),
  "of a class": (r) => new Wrapped(r),
  "as an arm": (r) => new ArmValue("struct", { ...r, price: 9.5 } as Row),
  "nothing of before": () => ({ lines: 7 }),
  failing: (r) => ({ ...r, fresh: 1, bad: () => 1 }),
};

function results(
  shape: ReturnType<typeof outputShape>,
  batches: readonly BatchRecords[],
  changes: readonly (readonly string[])[],
  lazy: boolean,
): unknown {
  const taken = batches.map((records, b) => {
    const failed: number[] = [];
    changes[b]?.forEach((change, at) => {
      if (at >= records.batch.rows.length) return;
      const from = records.batch.rows[at] ?? 0;
      try {
        shape.add(CHANGES[change]?.(lazy ? records.lazyRecord(at) : records.record(at)), records, from);
      } catch {
        failed.push(at);
      }
    });
    const { batch, type } = shape.take();
    const read = vectorReader(type, "plain")(batch.records);
    return { failed, rows: [...batch.rows].map((at) => named(read(at))) };
  });
  return { taken, type: named(shape.type()) };
}

/** Fields in whatever order. */
const named = (value: unknown): string =>
  JSON.stringify(value, (_, v: unknown) =>
    Object.is(v, -0)
      ? "minus zero"
      : Array.isArray(v) && v.every((f) => typeof f === "object" && f !== null && "name" in f)
        ? [...(v as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1))
        : typeof v === "object" && v !== null && !Array.isArray(v)
          ? Object.fromEntries(Object.entries(v).sort())
          : v,
  );

const opened = (rows: readonly (readonly Row[])[], type: StructType): readonly BatchRecords[] =>
  rows.map((own) => batchOpener(type)(batchOfRows(own, type)));

test("whatever comes back, batch by batch", () => {
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom("same", "copied", "more") },
    { weight: 1, arbitrary: fc.constantFrom(...Object.keys(CHANGES)) },
  );
  const batch = fc.array(fc.tuple(row, change), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), (batches) => {
      const rows = batches.map((all) => all.map(([r]) => r as Row));
      const changes = batches.map((all) => all.map(([, name]) => name));
      expect(results(outputShape(input, { batchwise: true }), opened(rows, input), changes, true)).toEqual(
        results(outputShape(input), opened(rows, input), changes, false),
      );
    }),
    { numRuns: 300 },
  );
});

test("minus zero is zero where whole numbers are", () => {
  const shape = outputShape(structOf({ id: INT }));
  const batch = opened([[{ id: 1 }, { id: 2 }]], structOf({ id: INT }))[0];
  shape.add({ id: 5, fresh: -0, list: [-0] }, batch, 0);
  shape.add({ id: -0, fresh: 0, list: [3, -0] }, batch, 1);
  const { batch: taken, type } = shape.take();
  const read = vectorReader(type, "plain")(taken.records);
  expect([...taken.rows].map((at) => read(at))).toStrictEqual([
    { id: 5, fresh: 0, list: [0] },
    { id: 0, fresh: 0, list: [3, 0] },
  ]);
});

test("a set goes back as one, whatever the other records of its batch have", () => {
  const type = structOf({ id: INT, s: set(STRING), c: choice([INT, set(INT)]) });
  const rows = [
    { id: 1, s: ["a"], c: new ArmValue("set", [1]) },
    { id: 2, s: ["b"], c: new ArmValue("int", 2) },
  ];
  for (const batchwise of [true, false])
    for (const change of [(r: Own) => r, (r: Own) => ({ ...r, s: null }), (r: Own) => ({ id: r["id"] })]) {
      const shape = outputShape(type, { batchwise });
      const batch = opened([rows], type)[0];
      shape.add({ ...batch?.record(0) }, batch, 0);
      shape.add(change({ ...batch?.record(1), c: [3] }), batch, 1);
      shape.take();
      expect(named(shape.type())).toContain(named(set(STRING)));
      expect(named(shape.type())).toContain(named(set(INT)));
      expect(named(shape.type())).not.toContain('"array"');
    }
});
