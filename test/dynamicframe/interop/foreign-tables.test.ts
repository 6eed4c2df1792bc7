/** Tables of other libraries as frames, by both names of the call; and what is none. */
import { tableFromArrays } from "apache-arrow";
import polars from "nodejs-polars";
import { DynamicFrame } from "../../../src/index.js";
import { temporaryContext } from "../../../src/testing/index.js";

test("fromDF takes DataFrames, Arrow tables, Polars DataFrames and plain objects", async () => {
  await using context = await temporaryContext();
  const { glue } = context;
  const records = [
    { n: 1, s: "a" },
    { n: 2, s: "ü" },
  ];
  const tables = {
    "of this context": glue.createDynamicFrame.fromRows(records).toDF(),
    Arrow: tableFromArrays({ n: Int32Array.of(1, 2), s: ["a", "ü"] }),
    Polars: polars.DataFrame({ n: [1, 2], s: ["a", "ü"] }),
    objects: records,
  };
  for (const [name, table] of Object.entries(tables)) {
    expect([name, await DynamicFrame.fromDF(table, glue, "back").records()]).toEqual([name, records]);
    expect([name, await glue.createDynamicFrame.fromDF(table).records()]).toEqual([name, records]);
  }
});

test("a choice goes to Polars and comes back as a struct of its arms", async () => {
  await using context = await temporaryContext();
  const { glue } = context;
  const table = await glue.createDynamicFrame
    .fromRows([{ v: 1 }, { v: "x" }, { v: null }])
    .toDF()
    .toPolars();
  expect(table.shape).toEqual({ height: 3, width: 1 });
  expect(await DynamicFrame.fromDF(table, glue, "back").toDF().rows()).toEqual([
    { v: { int: 1, string: null } },
    { v: { int: null, string: "x" } },
    { v: null },
  ]);
});

test.each([[{ lazy: true }], [{ writeParquet: () => undefined }], [null], ["text"], [new Map()]])(
  "%p is no table",
  async (table) => {
    await using context = await temporaryContext();
    expect(() => DynamicFrame.fromDF(table as never, context.glue)).toThrow(
      expect.objectContaining({ code: "NOT_A_TABLE" }) as Error,
    );
  },
);
