import { temporaryContext } from "../../../src/testing/index.js";

test("a frame under a name: the context's SQL reads it, whatever the case; two of one name are refused unless replaced", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue } = context;
  const df = glue.createDynamicFrame.fromRows([{ a: 1 }, { a: 2 }]).toDF();
  df.createTempView("numbers");
  glue.createDynamicFrame
    .fromRows([{ a: 2, n: "two" }])
    .toDF()
    .createTempView("names");
  expect(await glue.sql("select n from NUMBERS join names using (a)").collect()).toEqual([{ n: "two" }]);
  expect(() => {
    df.createTempView("Numbers");
  }).toThrow(expect.objectContaining({ code: "ALREADY_EXISTS" }));
  df.sql("select a from self where a = 1").createOrReplaceTempView("numbers");
  expect(await glue.sql("select count(*) as c from numbers").collect()).toEqual([{ c: 1 }]);
  expect([glue.dropTempView("numbers"), glue.dropTempView("numbers")]).toEqual([true, false]);
  await expect(glue.sql("select * from numbers").collect()).rejects.toMatchObject({ code: "SQL_FAILED" });
});

test.each(["", "a b", "1a", "a.b", 'x"; drop'])("%j is no name of a view", async (name) => {
  await using context = await temporaryContext({ engine: "reference" });
  expect(() => {
    context.glue.createDynamicFrame
      .fromRows([{ a: 1 }])
      .toDF()
      .createTempView(name);
  }).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }));
});
