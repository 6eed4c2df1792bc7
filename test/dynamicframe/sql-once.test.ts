/** A query is run by its first reading and stored by the next use: decision 0097. */
import type { DataFrame, GlueContext } from "../../src/index.js";
import { DynamicFrame } from "../../src/index.js";
import { temporaryContext } from "../../src/testing/index.js";

/** Results that the engine has stored, counted from now on. */
async function countStored(glue: GlueContext): Promise<() => number> {
  const engine = await glue.environment.session.engine();
  const sql = engine.sql.bind(engine);
  let stored = 0;
  engine.sql = async (...args) => {
    const result = await sql(...args);
    return {
      ...result,
      relation: () => {
        stored++;
        return result.relation();
      },
    };
  };
  return () => stored;
}

const sum = async (df: DataFrame): Promise<number> => (await df.rows()).reduce((total, { r }) => total + Number(r), 0);

test("read once it is not stored; what was read comes again, to readings, frames and queries over it", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue } = context;
  const stored = await countStored(glue);
  const df = glue.sql("select random() as r from range(500)");
  const first = await df.rows();
  expect([first.length, stored()]).toEqual([500, 0]);
  expect(await df.rows()).toEqual(first);
  expect(await DynamicFrame.fromDF(df, glue, "again").toDF().rows()).toEqual(first);
  expect((await df.toArrow()).getChild("r")?.toArray()).toEqual(Float64Array.from(first, ({ r }) => Number(r)));
  expect((await df.sql("select count(*) as n, count(distinct r) as d from self").rows())[0]).toEqual({
    n: 500,
    d: new Set(first.map(({ r }) => r)).size,
  });
  expect(await df.count()).toBe(500);
});

test("more rows than are kept: stored by the second reading, the same from there on", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue } = context;
  const stored = await countStored(glue);
  const df = glue.sql("select random() as r from range(10001)");
  expect([(await df.rows()).length, stored()]).toEqual([10_001, 0]);
  const second = await sum(df);
  expect([stored(), await sum(df), await sum(df)]).toEqual([1, second, second]);
});

test("a reading that was broken off is followed by whole ones", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const df = context.glue.sql("select range as i from range(5000)");
  for await (const { i } of df.stream()) {
    expect(i).toBe(0);
    break;
  }
  expect((await df.rows()).length).toBe(5000);
  expect((await df.rows()).at(-1)).toEqual({ i: 4999 });
});

test("no rows, read twice, keep their columns", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const df = context.glue.sql("select 1 as a, 'x' as s where false");
  expect([await df.rows(), await df.rows(), await df.count()]).toEqual([[], [], 0]);
  expect((await df.schema()).fields.map(({ name, type }) => [name, type.kind])).toEqual([
    ["a", "int"],
    ["s", "string"],
  ]);
});

test("what was not there at the first reading may be there at the next", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue } = context;
  const df = glue.sql("select a from later");
  await expect(df.rows()).rejects.toMatchObject({ code: "SQL_FAILED" });
  glue.createDynamicFrame
    .fromRows([{ a: 7 }])
    .toDF()
    .createTempView("later");
  expect([await df.rows(), await df.rows()]).toEqual([[{ a: 7 }], [{ a: 7 }]]);
});

test("other queries may run while a reading is under way, over the same frame too", async () => {
  await using context = await temporaryContext({ threads: 1 });
  const { glue } = context;
  const df = glue.sql("select range as i from range(6000)");
  let rows = 0;
  for await (const { i } of df.stream()) {
    if (Number(i) % 3000 === 0)
      expect([await glue.sql(`select ${Number(i)} as j`).rows(), await df.count()]).toEqual([[{ j: i }], 6000]);
    rows++;
  }
  expect(rows).toBe(6000);
});
