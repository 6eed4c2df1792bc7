/**
 * Two crawls of one database at once: one is refused by name, or they run one after the other; the catalog is whole
 * either way.
 */
import { GlueContext } from "../../src/index.js";
import { openWorld, refused, type World } from "./world.js";

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

test("of crawls started at once one wins, the others are CrawlerRunningException and may be run again", async () => {
  for (let i = 0; i < 20; i++)
    world.write(`data/f${i}.json`, Array.from({ length: 200 }, (_, k) => `{"i":${k}}\n`).join(""));
  const other = await GlueContext.open({ catalog: world.at("catalog") });
  const options = { database: "bad", includes: [world.at("data")] };
  const results = await Promise.allSettled([
    world.glue.crawl(options),
    other.crawl(options),
    world.glue.crawl(options),
  ]);
  const lost = results.filter((r) => r.status === "rejected");
  expect(results.length - lost.length).toBeGreaterThanOrEqual(1);
  for (const { reason } of lost) {
    expect(reason).toMatchObject({ code: "CRAWLER_RUNNING", name: "CrawlerRunningException", path: "bad" });
    expect((reason as { hint: string }).hint).not.toBe("");
  }
  expect((await other.crawl(options)).totals).toMatchObject({ kept: 1, scanned: 0, records: 4000 });
  expect((await world.glue.catalog.getTables("bad")).items.map((t) => [t.Name, t.VersionId])).toEqual([
    ["data", expect.anything() as string],
  ]);
  await other.close();
});

test("crawls of different databases do not meet", async () => {
  world.write("data/a.json", '{"i":1}\n');
  const [a, b] = await Promise.all(
    ["one", "two"].map((database) => world.glue.crawl({ database, includes: [world.at("data")] })),
  );
  expect([a?.totals.created, b?.totals.created]).toEqual([1, 1]);
});

test("a plan made before another's crawl is PLAN_STALE and changes nothing", async () => {
  world.write("data/a.json", '{"i":1}\n');
  const options = { database: "bad", includes: [world.at("data")] };
  const plan = await world.glue.planCrawl(options);
  await world.glue.crawl(options);
  const error = await refused(() => world.glue.applyPlan(plan));
  expect(error).toMatchObject({ code: "PLAN_STALE", path: "data" });
  expect((await world.glue.catalog.getTable("bad", "data")).VersionId).toBe(
    (await world.glue.catalog.getTableVersions("bad", "data")).items[0]?.VersionId,
  );
});
