/**
 * A query is run by its first reading and stored by the next use (decision 0097), on Spark; and rows of JavaScript on
 * their way to it.
 */
import { temporaryContext } from "../../../src/testing/index.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("queries and rows", () => {
  test("what a first reading gave by chance comes again, to readings and to queries over it", async () => {
    await using context = await temporaryContext({ engine: sparkAddress, threads: 1 });
    const df = context.glue.sql("select id, rand() as r from range(300)");
    const first = await df.rows();
    expect(new Set(first.map(({ r }) => r)).size).toBe(300);
    expect(await df.rows()).toEqual(first);
    expect(await df.sql("select r from self order by id").rows()).toEqual(first.map(({ r }) => ({ r })));
  }, 120_000);

  test("more than are kept: stored by the second reading, the same from there on", async () => {
    await using context = await temporaryContext({ engine: sparkAddress, threads: 1 });
    const df = context.glue.sql("select rand() as r from range(10001)");
    expect((await df.rows()).length).toBe(10_001);
    const second = await df.rows();
    expect([second.length, await df.rows()]).toEqual([10_001, second]);
  }, 120_000);

  test.each([[3], [5000]])(
    "%i records of many types arrive as they are, on either way",
    async (count) => {
      await using context = await temporaryContext({ engine: sparkAddress, threads: 1 });
      const records = Array.from({ length: count }, (_, i) => ({
        id: i,
        big: 2n ** 62n + BigInt(i),
        f: i / 4,
        s: `é${i}`,
        b: i % 2 === 0,
        v: i % 3 === 0 ? i : `t${i}`,
        list: [i, null],
        at: new Date(i * 1000),
        o: { deep: { x: i } },
        ...(i % 5 === 0 ? {} : { some: 1 }),
      }));
      const frame = context.glue.createDynamicFrame.fromRows(records);
      expect(await frame.count()).toBe(count);
      const rows = (await frame.filter("id >= 0").records()).sort((a, b) => Number(a["id"]) - Number(b["id"]));
      const last = count - 1;
      const row = rows[last];
      expect(rows.length).toBe(count);
      expect(row).toMatchObject({
        id: last,
        big: 2n ** 62n + BigInt(last),
        f: last / 4,
        s: `é${last}`,
        b: last % 2 === 0,
        v: last % 3 === 0 ? last : `t${last}`,
        list: [last, null],
        o: { deep: { x: last } },
      });
      expect(String(row?.["at"])).toBe(count === 3 ? "1970-01-01 00:00:02" : "1970-01-01 01:23:19");
    },
    120_000,
  );
});
