/**
 * Keys behind a join, whose order is the engine's own: children find their parents, and each engine's tables hold the
 * same records (decision 0179).
 */
import { temporaryContext } from "../../../src/testing/index.js";

const N = 20_000;
const left = Array.from({ length: N }, (_, i) => ({
  k: i,
  tags: i % 7 === 0 ? null : Array.from({ length: i % 4 }, (_unused, j) => ({ t: `${i}.${j}`, deep: [i, j] })),
}));
const right = Array.from({ length: N }, (_, i) => ({ id2: N - 1 - i, city: `c${i % 10}` }));

test.each(["duckdb", "reference"])(
  "%s: the records of a join are put together again from their tables",
  async (engine) => {
    const { glue, close } = await temporaryContext({ engine, threads: 4 });
    try {
      const joined = glue.createDynamicFrame.fromRows(left).join("k", "id2", glue.createDynamicFrame.fromRows(right));
      const tables = joined.relationalize("root");
      expect(await tables.keys()).toEqual(["root", "root_tags", "root_tags.val.deep"]);
      // children first, each in a query of its own
      const [deep, tags, root] = await Promise.all(
        ["root_tags.val.deep", "root_tags", "root"].map((name) => tables.select(name).records()),
      );
      const childrenOf = (
        rows: readonly Record<string, unknown>[] | undefined,
      ): Map<unknown, Record<string, unknown>[]> => {
        const found = new Map<unknown, Record<string, unknown>[]>();
        for (const row of [...(rows ?? [])].sort((a, b) => Number(a["index"]) - Number(b["index"])))
          found.set(row["id"], [...(found.get(row["id"]) ?? []), row]);
        return found;
      };
      const deepOf = childrenOf(deep);
      const tagsOf = childrenOf(tags);
      const again = (root ?? [])
        .map((row) => ({
          k: row["k"],
          tags:
            row["tags"] === undefined || row["tags"] === null
              ? null
              : (tagsOf.get(row["tags"]) ?? []).map((tag) => ({
                  t: tag["tags.val.t"],
                  deep: (deepOf.get(tag["tags.val.deep"]) ?? []).map((d) => d["tags.val.deep.val"]),
                })),
        }))
        .sort((a, b) => Number(a.k) - Number(b.k));
      expect(again).toEqual(left);
      expect(root?.every((row) => row["city"] === `c${(N - 1 - Number(row["k"])) % 10}`)).toBe(true);
    } finally {
      await close();
    }
  },
  120_000,
);
