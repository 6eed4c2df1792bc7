/**
 * Structs and lists of a function's record are made when they are looked at: whatever a function does with them, it
 * must not show.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import { GlueContext, typeTag, type DynamicFrame } from "../../src/index.js";
import { withoutNulls } from "./without-nulls.js";

type Item = { q: number | string };
type Order = {
  id: number;
  c: { name: string; deep: { x: number[] } };
  items: Item[];
  o?: { a: number } | string;
  d: number[] | null;
};

const orders: readonly Order[] = Array.from({ length: 1500 }, (_, i) => ({
  id: i,
  c: { name: `name number ${i}`, deep: { x: [1, 2.5, i] } },
  items: [{ q: i }, { q: "s" }],
  ...(i % 5 === 0 ? {} : { o: i % 2 ? { a: 1 } : "text" }),
  d: i % 3 ? null : [1],
}));
let folder: string;
let glue: GlueContext;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-lazy-"));
  glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1 });
  await glue.writeDynamicFrame.fromOptions({
    frame: glue.createDynamicFrame.fromRows(orders),
    connectionType: "file",
    connectionOptions: { path: join(folder, "json") },
    format: "json",
  });
});
afterAll(async () => {
  await glue.close();
  await rm(folder, { recursive: true, force: true });
});

const read = (from: string): DynamicFrame =>
  from === "rows"
    ? glue.createDynamicFrame.fromRows(orders)
    : glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, "json") },
        format: "json",
      });
const rows = async (frame: DynamicFrame): Promise<Order[]> => {
  const all: Order[] = [];
  for await (const record of frame.stream()) all.push(record as Order);
  return all.sort((a, b) => a.id - b.id);
};
const map = (frame: DynamicFrame, f: (order: Order) => unknown): DynamicFrame =>
  frame.map((record) => f(record as unknown as Order));
/** A plain copy, made here: structuredClone makes objects of another realm under jest. */
const copied = (order: Order): Order => JSON.parse(JSON.stringify(order)) as Order;

describe.each(["rows", "json"])("from %s", (from) => {
  test.each<[string, (order: Order) => unknown]>([
    ["the record itself", (r) => r],
    ["a copy with a field more", (r) => ({ ...r, lines: r.items.length })],
    [
      "a struct changed inside",
      (r) => {
        r.c.deep.x.push(9);
        return r;
      },
    ],
    [
      "some changed",
      (r) => {
        if (r.id % 700 === 3) r.c.name = "other";
        return r;
      },
    ],
    [
      "an element changed",
      (r) => {
        r.items[0] = { q: "z" };
        return r;
      },
    ],
    [
      "fields left out",
      (r) => {
        delete r.o;
        return r.id % 2 ? { id: r.id, c: r.c } : r;
      },
    ],
    ["structs elsewhere", (r) => ({ id: r.id, inner: { moved: r.c, list: [r.items] }, first: r.items[0] })],
    ["one field in the place of another", (r) => ({ id: r.id, c: r.items, items: r.c })],
    [
      "frozen, with properties defined",
      (r) => {
        Object.defineProperty(r.c, "more", { value: 1, enumerable: true });
        Object.freeze(r.c);
        return r;
      },
    ],
    ["nothing but what a struct is", (r) => ({ id: r.id, ...r.c })],
    [
      "a struct read through every way",
      (r) => ({
        id: r.id,
        keys: Object.keys(r.c),
        has: "deep" in r.c,
        json: JSON.stringify(r),
        kinds: [Array.isArray(r.items), r.items instanceof Array, Object.getPrototypeOf(r.c) === Object.prototype],
        qs: r.items.map((x) => String(x.q)),
        copy: [...r.items].length,
      }),
    ],
  ])(
    "%s is as of plain records",
    async (_, f) => {
      const frame = read(from);
      const input = await rows(frame);
      const mapped = map(frame, f);
      expect(withoutNulls(await rows(mapped))).toEqual(withoutNulls(input.map((order) => f(copied(order)))));
      expect(await mapped.errorsCount()).toBe(0);
    },
    60_000,
  );

  test("the type of what comes back untouched is the one that it had", async () => {
    const frame = read(from);
    expect(await map(frame, (r) => r).schema()).toEqual(await frame.schema());
    expect(
      JSON.stringify(
        await map(frame, (r) => ({ ...r, lines: 1 }))
          .selectFields(["c", "items", "o", "d"])
          .schema(),
      ),
    ).toBe(JSON.stringify(await frame.selectFields(["c", "items", "o", "d"]).schema()));
  }, 60_000);

  test("structuredClone gets plain records", async () => {
    const clone = <T>(r: T): T => ({ ...r, copy: structuredClone(r) !== undefined });
    const frame = read(from);
    const cloned = map(frame, clone);
    const late = frame.map(async (r) => {
      await Promise.resolve();
      return clone(r);
    });
    const copies = withoutNulls((await rows(frame)).map((r) => ({ ...r, copy: true })));
    expect(withoutNulls(await rows(cloned))).toEqual(copies);
    expect(withoutNulls(await rows(late))).toEqual(copies);
    expect([await cloned.errorsCount(), await late.errorsCount()]).toEqual([0, 0]);
  }, 60_000);

  test("prints, comparisons and tags see what is there", async () => {
    const seen: unknown[] = [];
    await map(read(from), (r) => {
      if (r.id === 7)
        seen.push(
          inspect(r.c),
          inspect(r.items),
          isDeepStrictEqual(r.items, [{ q: 7 }, { q: "s" }]),
          typeTag(r, ["items", 0, "q"]),
          typeTag(r, "c.name"),
        );
      if (r.id === 8) seen.push(Reflect.ownKeys(r.c), Reflect.ownKeys(r.items));
      return r;
    }).count();
    expect(seen).toEqual([
      "{ name: 'name number 7', deep: { x: [ 1, 2.5, 7 ] } }",
      "[ { q: 7 }, { q: 's' } ]",
      true,
      "int",
      "string",
      ["name", "deep"],
      ["0", "1", "length"],
    ]);
  }, 60_000);

  test("a record that fails half way leaves nothing", async () => {
    const frame = map(read(from), (r) => (r.id % 10 === 4 ? { ...r, c: "changed", bad: () => 1 } : r));
    expect(withoutNulls(await rows(frame))).toEqual(
      withoutNulls((await rows(read(from))).filter(({ id }) => id % 10 !== 4)),
    );
    expect(await frame.errorsCount()).toBe(150);
    expect(JSON.stringify(await frame.schema())).not.toContain("bad");
  }, 60_000);
});

test("nulls are all that lists hold: they are null still where the record comes back untouched", async () => {
  await writeFile(join(folder, "nulls.json"), '{}\n{"a":{"a":[{"a":[null]}]}}\n{"a":{"a":[{"a":[null,null]},null]}}\n');
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, "nulls.json") },
    format: "json",
  });
  expect(await frame.map((r) => r).schema()).toEqual(await frame.schema());
  expect(await frame.schemaTree()).toContain("element: null");
});
