import { DynamicFrameCollection, type DynamicFrame } from "../../src/index.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";

let context: TemporaryContext;
beforeAll(async () => {
  context = await temporaryContext({ engine: "reference" });
});
afterAll(() => context.close());
const frame = (name: string, records: object[] = [{ name }]): DynamicFrame =>
  context.glue.createDynamicFrame.fromRows(records, { name });

test("of a list under the frames' names, of an object under its keys", async () => {
  const list = DynamicFrameCollection.of([frame("a"), frame("b")]);
  const named = DynamicFrameCollection.of({ x: frame("a"), y: frame("b") });
  expect([await list.keys(), await named.keys(), await list.size()]).toEqual([["a", "b"], ["x", "y"], 2]);
  expect(await Promise.all((await named.values()).map((f) => f.records()))).toEqual([[{ name: "a" }], [{ name: "b" }]]);
});

test.each([5, "frames", null, undefined, [5], [undefined], { x: { name: "a" } }])(
  "of what are no frames is a TypeError, as in Glue: %p",
  (given) => {
    expect(() => DynamicFrameCollection.of(given as never)).toThrow(
      expect.objectContaining({ code: "BAD_ARGUMENT", name: "TypeError" }),
    );
  },
);

test("select of an unknown name is an empty frame of that name, get is an error", async () => {
  const list = DynamicFrameCollection.of([frame("a")]);
  const none = list.select("other");
  expect([none.name, await none.count(), await none.schemaTree()]).toEqual(["other", 0, "root\n"]);
  await expect(list.get("other")).rejects.toMatchObject({ code: "NO_SUCH_FRAME", name: "KeyError", expected: "a" });
  expect(await (await list.get("a")).count()).toBe(1);
  expect(() => DynamicFrameCollection.of([]).select("a")).toThrow(
    expect.objectContaining({ code: "EMPTY_COLLECTION" }),
  );
});

test("map keeps names, flatmap takes those of the results", async () => {
  const both = DynamicFrameCollection.of({ x: frame("a"), y: frame("b") });
  const contexts: string[] = [];
  const mapped = await both.map((f, ctx) => {
    contexts.push(ctx);
    return f.renameField("name", "who");
  }, "ctx");
  expect([contexts, await mapped.keys(), await mapped.select("y").records()]).toEqual([
    ["ctx:x", "ctx:y"],
    ["x", "y"],
    [{ who: "b" }],
  ]);
  const flat = await both.flatmap((f) => (f.name === "a" ? f.splitFields("name") : f));
  expect(await flat.keys()).toEqual(["a1", "a2", "b"]);
  await expect(both.map(() => undefined as never)).rejects.toMatchObject({ code: "BAD_ARGUMENT", path: "x" });
  await expect(both.flatmap(() => 1 as never)).rejects.toMatchObject({ code: "BAD_ARGUMENT", path: "x" });
});
