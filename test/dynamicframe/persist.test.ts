/** A persisted frame reads its sources once, whatever comes after. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { pageRank } from "../../examples/page-rank.mjs";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-persist-"));
  path = join(folder, "edges.json");
  // a ring of four pages, and a fifth that all of them name and that names one
  const edges = [
    ["a", "b"],
    ["b", "c"],
    ["c", "d"],
    ["d", "a"],
    ["a", "hub"],
    ["b", "hub"],
    ["c", "hub"],
    ["d", "hub"],
    ["hub", "a"],
  ];
  await writeFile(path, edges.map(([from, to]) => `${JSON.stringify({ from, to })}\n`).join(""));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const edgesOf = (glue: GlueContext) =>
  glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" });

test.each(["duckdb", "reference"])(
  "%s: kept until unpersist, and computed again after it",
  async (engine) => {
    const glue = await GlueContext.open({ catalog: join(folder, engine), engine, threads: 1, memoryLimit: "256MB" });
    try {
      const cached = edgesOf(glue).persist();
      expect([cached.isPersisted, edgesOf(glue).isPersisted, cached.persist() === cached]).toEqual([true, false, true]);
      expect(await cached.count()).toBe(9);
      const tidy = cached.filter((r) => r["to"] === "hub");
      expect([await tidy.count(), await cached.selectFields("from").count()]).toEqual([4, 9]);
      const plain = await cached.unpersist();
      expect([plain.isPersisted, await plain.count(), await cached.count()]).toEqual([false, 9, 9]);
      await cached.unpersist();
      expect(
        await cached
          .unpersist()
          .then((f) => f.unpersist())
          .then((f) => f.count()),
      ).toBe(9);
    } finally {
      await glue.close();
    }
  },
  60_000,
);

test("PageRank reads no source byte after its first pass, and ranks as the matrix does", async () => {
  const glue = await GlueContext.open({ catalog: join(folder, "rank"), threads: 1 });
  try {
    const read: number[] = [];
    const ranks = await pageRank(edgesOf(glue), 8, () => {
      read.push(glue.counters.bytesScanned + glue.counters.bytesStaged);
    });
    expect(read).toHaveLength(8);
    expect(read[0]).toBeGreaterThan(0);
    expect(new Set(read).size).toBe(1);
    expect(ranks.reduce((sum, { rank }) => sum + rank, 0)).toBeCloseTo(1, 9);
    expect(Object.fromEntries(ranks.map(({ page, rank }) => [page, Number(rank.toFixed(6))]))).toEqual(byHand(8));
  } finally {
    await glue.close();
  }
}, 60_000);

function byHand(rounds: number): Record<string, number> {
  const links: Record<string, string[]> = {
    a: ["b", "hub"],
    b: ["c", "hub"],
    c: ["d", "hub"],
    d: ["a", "hub"],
    hub: ["a"],
  };
  let rank: Record<string, number> = Object.fromEntries(Object.keys(links).map((p) => [p, 0.2]));
  for (let i = 0; i < rounds; i++) {
    const next: Record<string, number> = Object.fromEntries(Object.keys(links).map((p) => [p, 0.15 / 5]));
    for (const [from, to] of Object.entries(links))
      for (const page of to) next[page] = (next[page] ?? 0) + (0.85 * (rank[from] ?? 0)) / to.length;
    rank = next;
  }
  return Object.fromEntries(Object.entries(rank).map(([p, r]) => [p, Number(r.toFixed(6))]));
}
