/** explain() with what the server tells: shuffles and partitions of the plan, tasks and files of the last run. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { planLine, RunFacts } from "../../../src/engine/spark/run-facts.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("facts of the server", () => {
  let folder: string;
  let glue: GlueContext;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dynaframe-facts-"));
    await writeFile(
      join(folder, "a.json"),
      Array.from({ length: 300 }, (_, i) => `${JSON.stringify({ id: i, k: i % 3 })}\n`).join(""),
    );
    glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: sparkAddress, threads: 1 });
  });
  afterAll(async () => {
    await glue.close();
    await rm(folder, { recursive: true, force: true });
  });
  const frame = () =>
    glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(folder, "a.json") },
      format: "json",
    });

  test("a join is shuffled or broadcast, and its run is told afterwards", async () => {
    const joined = frame().join("id", "id", frame().renameField("k", "k2"));
    expect(await joined.explain()).toContain("known once the sources are made");
    expect(await joined.count()).toBe(300);
    expect((await joined.records()).length).toBe(300);
    const text = await joined.explain();
    expect(text).toMatch(/-- server: \d+ shuffles?(, the last into \d+ partitions)?/);
    expect(text).toMatch(/shuffle[^\n]*into|broadcast/);
    // a quick run is over before the server tells of its stages
    expect(text).toMatch(
      /-- last run: (?:\d+ stages, \d+ tasks, \d+ bytes read from 2 Parquet files|over before the server told of its stages; 2 Parquet files read), \d+ bytes shuffled/,
    );
  }, 180_000);

  test("a filter over Parquet reaches its files", async () => {
    const parquet = {
      connectionType: "file",
      connectionOptions: { path: join(folder, "parquet") },
      format: "parquet",
    } as const;
    await glue.writeDynamicFrame.fromOptions({ frame: frame(), ...parquet });
    const few = glue.createDynamicFrame.fromOptions(parquet).filter("id > 290");
    expect(await few.count()).toBe(9);
    expect(await few.explain()).toMatch(/row groups and files are passed over by [^\n]*GreaterThan\(id,290\)/);
  }, 180_000);

  test("partitions are those of the server", async () => {
    expect([
      await frame().repartition(3).getNumPartitions(),
      await frame().repartition(3).coalesce(1).getNumPartitions(),
    ]).toEqual([3, 1]);
  }, 180_000);
});

test("the work of a run: the stages told last that are done; without any, that they are not known", () => {
  const facts = new RunFacts();
  expect(facts.line()).toBe("over before the server told of its stages; 0 Parquet files read, 0 bytes shuffled");
  const stage = (done: boolean) => ({ stageId: 0n, numTasks: 4n, numCompletedTasks: 4n, inputBytesRead: 600n, done });
  const told = (...stages: ReturnType<typeof stage>[]) => {
    facts.progress({ stages, numInflightTasks: 0n } as unknown as Parameters<RunFacts["progress"]>[0]);
  };
  told(stage(false));
  told(stage(true), stage(true), stage(false));
  told();
  expect(facts.line()).toBe("2 stages, 8 tasks, 1200 bytes read from 0 Parquet files, 0 bytes shuffled");
});

test("a formatted plan in one line", () => {
  expect(
    planLine(`== Physical Plan ==
AdaptiveSparkPlan (6)
+- BroadcastHashJoin Inner BuildRight (5)
   :- Exchange (3)
   +- BroadcastExchange (4)


(1) Scan parquet
PushedFilters: [IsNotNull(id), GreaterThan(id,9)]

(3) Exchange
Input [2]: [k#1L]
Arguments: hashpartitioning(k#1L, 8), ENSURE_REQUIREMENTS, [plan_id=1]
`),
  ).toBe(
    "1 shuffle, the last into 8 partitions, 1 broadcast, row groups and files are passed over by IsNotNull(id), GreaterThan(id,9)",
  );
});
