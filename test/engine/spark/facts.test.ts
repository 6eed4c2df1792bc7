/** explain() with what the server tells: shuffles and partitions of the plan, tasks and files of the last run. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { planLine } from "../../../src/engine/spark/run-facts.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("facts of the server", () => {
  let folder: string, glue: GlueContext;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-facts-"));
    await writeFile(join(folder, "a.json"), Array.from({ length: 300 }, (_, i) => `${JSON.stringify({ id: i, k: i % 3 })}\n`).join(""));
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: sparkAddress, threads: 1 });
  });
  afterAll(async () => {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  });
  const frame = () => glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "a.json") }, format: "json" });

  test("a join is shuffled or broadcast, and its run is told afterwards", async () => {
    const joined = frame().join("id", "id", frame().renameField("k", "k2"));
    expect(await joined.explain()).toContain("known once the sources are made");
    expect(await joined.count()).toBe(300);
    expect((await joined.records()).length).toBe(300);
    const text = await joined.explain();
    expect(text).toMatch(/-- server: \d+ shuffles?(, the last into \d+ partitions)?/);
    expect(text).toMatch(/shuffle[^\n]*into|broadcast/);
    expect(text).toMatch(/-- last run: [1-9]\d* stages, [1-9]\d* tasks, \d+ bytes read from \d+ Parquet files, \d+ bytes shuffled/);
  }, 180_000);

  test("partitions are those of the server", async () => {
    expect([await frame().repartition(3).getNumPartitions(), await frame().repartition(3).coalesce(1).getNumPartitions()]).toEqual([3, 1]);
  }, 180_000);
});

test("a formatted plan in one line", () => {
  expect(planLine(`== Physical Plan ==
AdaptiveSparkPlan (6)
+- BroadcastHashJoin Inner BuildRight (5)
   :- Exchange (3)
   +- BroadcastExchange (4)


(1) Scan parquet
PushedFilters: [IsNotNull(id), GreaterThan(id,9)]

(3) Exchange
Input [2]: [k#1L]
Arguments: hashpartitioning(k#1L, 8), ENSURE_REQUIREMENTS, [plan_id=1]
`)).toBe("1 shuffle, the last into 8 partitions, 1 broadcast, row groups and files are passed over by IsNotNull(id), GreaterThan(id,9)");
});
