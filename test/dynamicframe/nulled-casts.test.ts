/** A cast that nulls a value is counted in the report of a write, once, whatever came after it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DynamicFrame } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

describe.each(["duckdb", "reference"])("on %s", (engine) => {
  let context: TemporaryContext;
  let writes = 0;
  beforeAll(async () => {
    context = await temporaryContext({ engine, threads: 1 });
  });
  afterAll(() => context.close());
  const cast = (): DynamicFrame =>
    context.glue.createDynamicFrame
      .fromRows([
        { v: "1", w: "a" },
        { v: "x", w: "b" },
        { v: "y", w: "c" },
      ])
      .resolveChoice({ specs: [["v", "cast:int"]] });
  const nulled = async (frame: DynamicFrame): Promise<unknown> =>
    (await frame.write("file", { path: join(context.directory, `out-${++writes}`) }, "json")).nulled;

  test.each([
    ["no function", () => cast(), { v: 2 }],
    ["map", () => cast().map((r) => r), { v: 2 }],
    ["filter, also what it drops", () => cast().filter(() => false), { v: 2 }],
    ["mapPartitions", () => cast().mapPartitions((records) => records), { v: 2 }],
    [
      "two functions with casts before and between",
      () =>
        cast()
          .map((r) => r)
          .resolveChoice({ specs: [["w", "cast:int"]] })
          .map((r) => r),
      { v: 2, w: 3 },
    ],
    [
      "a verb after it",
      () =>
        cast()
          .map((r) => r)
          .selectFields("w"),
      { v: 2 },
    ],
    [
      "two ways from one frame count it once",
      () => {
        const frame = cast();
        return frame.map((r) => r).union(frame.filter(() => true));
      },
      { v: 2 },
    ],
    ["nothing to count", () => context.glue.createDynamicFrame.fromRows([{ v: 1 }]).map((r) => r), {}],
  ] as const)("%s", async (_, frame, expected) => {
    expect(await nulled(frame())).toEqual(expected);
  });

  test("a key with a dot beside the field that its dot would mean: each is counted by a path of its own, spelled as paths are", async () => {
    const rows = context.glue.createDynamicFrame.fromRows([
      { "a.b": "x", a: { b: "y", "": "z" }, "": { a: "v" } },
      { "a.b": "1", a: { b: "w", "": "2" }, "": { a: "3" } },
    ]);
    expect(
      await nulled(
        rows.resolveChoice({
          specs: [
            ["`a.b`", "cast:int"],
            ["a.b", "cast:int"],
            ["a.``", "cast:int"],
            ["``.a", "cast:int"],
          ],
        }),
      ),
    ).toEqual({ "`a.b`": 1, "a.b": 2, "a.``": 1, "``.a": 1 });
    const like = context.glue.createDynamicFrame.fromRows([{ "a.b": 1, a: { b: 1 } }]);
    expect(await nulled(rows.withFrameSchema(await like.schema()))).toEqual({ "`a.b`": 1, "a.b": 2 });
  });

  test("a value mapped into a struct that relationalize takes apart again is counted once", async () => {
    const path = join(context.directory, "lines.json");
    await writeFile(
      path,
      [
        '{"id":1,"price":"x"}',
        '{"id":"b","price":2}',
        '{"id":3,"price":2.5}',
        '{"id":null,"price":"y"}',
        '{"id":"c"}',
      ].join("\n"),
    );
    const mapped = context.glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" })
      .resolveChoice({
        specs: [
          ["price", "cast:double"],
          ["id", "cast:string"],
        ],
      })
      .applyMapping([
        ["id", "string", "order.id", "int"],
        ["price", "double", "order.price", "double"],
      ]);
    expect(await nulled(mapped)).toEqual({ id: 2, price: 2 });
    expect(await nulled(mapped.relationalize("orders").select("orders"))).toEqual({ id: 2, price: 2 });
  });
});
