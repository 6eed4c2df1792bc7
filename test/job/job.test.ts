/** Runs of jobs on real files and a real catalog: what is read, what becomes visible, and when. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { GlueContext, Job, type CommitReport, type DynamicFrame, type JobInitOptions } from "../../src/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "job-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: string[]): string => join(folder, ...path);
function put(name: string, records: readonly object[]): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), records.map((r) => `${JSON.stringify(r)}\n`).join(""));
  return at(name);
}
const files = (path: string): string[] =>
  existsSync(at(path))
    ? (readdirSync(at(path), { recursive: true }) as string[]).filter((f) => statSync(at(path, f)).isFile()).sort()
    : [];

const ON = { job_bookmark_option: "job-bookmark-enable" };
async function run<T>(
  args: JobInitOptions,
  body: (glue: GlueContext, job: Job) => Promise<T>,
  onWarning: (code: string) => void = () => undefined,
): Promise<T> {
  await using glue = await GlueContext.open({ catalog: at("catalog"), onWarning });
  return await body(glue, await Job.init(glue, "etl", args));
}
const source = (glue: GlueContext, ctx = "src"): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: at("in") },
    format: "json",
    transformationCtx: ctx,
  });
const write = (glue: GlueContext, frame: DynamicFrame, path = "out", more: object = {}) =>
  glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: at(path), ...more },
    format: "json",
  });
const ids = async (frame: DynamicFrame): Promise<unknown[]> => (await frame.records()).map((r) => r["id"]).sort();

test("a second run reads only what is new or rewritten, however old the file says it is", async () => {
  put("in/a.json", [{ id: 1 }]);
  await run(ON, async (glue, job) => {
    expect(await ids(source(glue))).toEqual([1]);
    await job.commit();
  });
  put("in/b.json", [{ id: 2 }]);
  utimesSync(at("in/b.json"), 1000, 1000); // late: older than the first run
  put("in/a.json", [{ id: 3 }]);
  await run(ON, async (glue, job) => {
    expect(await ids(source(glue))).toEqual([2, 3]);
    await job.commit();
  });
  await run(ON, async (glue, job) => {
    expect(await ids(source(glue))).toEqual([]);
    await job.commit();
  });
  await run({}, async (glue) => expect(await ids(source(glue))).toEqual([2, 3]));
});

test("nothing is remembered or visible without a commit, and no file is left", async () => {
  put("in/a.json", [{ id: 1 }]);
  for (const end of ["abandon", "close"] as const) {
    await run(ON, async (glue, job) => {
      const report = await write(glue, source(glue));
      expect([report.read, report.written, report.balanced]).toEqual([1, 1, true]);
      expect(files("out")).toEqual([]);
      if (end === "abandon") await job.abandon();
    });
    expect(readdirSync(folder).sort()).toEqual(["catalog", "in"]);
  }
});

test("a commit shows all outputs, registers their tables, and accounts for every record", async () => {
  put("in/a.json", [
    { id: 1, day: "x" },
    { id: 2, day: "y" },
  ]);
  writeFileSync(at("in/b.json"), '{"id":3,"day":"x"}\n{broken\n');
  const report = await run(ON, async (glue, job): Promise<CommitReport> => {
    await glue.catalog.createDatabase({ Name: "db" });
    const options = { partitionKeys: ["day"], enableUpdateCatalog: true, catalogDatabase: "db", catalogTableName: "t" };
    await write(glue, source(glue), "out", options);
    await write(
      glue,
      source(glue, "again").filter((r) => r["id"] === 3),
      "out",
      options,
    );
    await expect(glue.catalog.getTable("db", "t")).rejects.toMatchObject({ name: "EntityNotFoundException" });
    return job.commit();
  });
  expect(report).toMatchObject({
    jobName: "etl",
    inputs: 4,
    read: 8,
    written: 4,
    quarantined: 2,
    filtered: 2,
    dropped: 0,
    leftOut: { filter: 2 },
    balanced: true,
    bookmark: { Run: 1, Version: 1 },
  });
  expect(files("out").map((f) => f.replace(/part-.*/, ""))).toEqual(["day=x/", "day=x/", "day=y/"]);
  await using glue = await GlueContext.open({ catalog: at("catalog"), onWarning: () => undefined });
  const table = glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "t" });
  expect(await ids(table)).toEqual([1, 2, 3, 3]);
  expect(glue.counters.bytesScanned).toBe(0);
});

test("mode overwrite replaces at the commit, not before", async () => {
  put("in/a.json", [{ id: 1 }]);
  put("out/old.json", [{ id: 0 }]);
  await run(ON, async (glue, job) => {
    await glue.writeDynamicFrame.fromOptions({
      frame: source(glue),
      connectionType: "file",
      connectionOptions: { path: at("out") },
      format: "json",
      mode: "overwrite",
    });
    expect(files("out")).toEqual(["old.json"]);
    await job.commit();
  });
  expect(files("out")).toEqual([expect.stringMatching(/^part-/)]);
});

test("keys of relationalize go on where the last run ended: two increments append and join", async () => {
  const expected = new Map<number, number[]>();
  for (const increment of [
    [
      { id: 1, l: [10, 11] },
      { id: 2, l: [20] },
    ],
    [
      { id: 3, l: [30, 31, 32] },
      { id: 4, l: [] },
      { id: 5, l: [50] },
    ],
  ]) {
    increment.forEach(({ id, l }) => expected.set(id, l));
    put(`in/${increment[0]?.id}.json`, increment);
    await run(ON, async (glue, job) => {
      const tables = source(glue).relationalize("t", undefined, { transformationCtx: "rel" });
      for (const name of await tables.keys()) await write(glue, tables.select(name), name);
      await job.commit();
    });
  }
  await using glue = await GlueContext.open({ catalog: at("catalog"), onWarning: () => undefined });
  const table = (path: string): Promise<Record<string, unknown>[]> =>
    glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path: at(path) }, format: "json" })
      .records() as Promise<Record<string, unknown>[]>;
  const [roots, children] = [await table("t"), await table("t_l")];
  const joined = new Map(
    roots.map((root) => [
      root["id"] as number,
      children
        .filter((c) => c["id"] === root["l"])
        .sort((a, b) => Number(a["index"]) - Number(b["index"]))
        .map((c) => c["l.val"]),
    ]),
  );
  expect(joined).toEqual(expected);
});

test("a paused bookmark reads the increment, or the range of runs asked for, and saves nothing", async () => {
  const runs: string[] = [];
  for (const id of [1, 2, 3]) {
    put(`in/${id}.json`, [{ id }]);
    runs.push(
      await run(ON, async (glue, job) => {
        await ids(source(glue));
        return (await job.commit()).runId;
      }),
    );
  }
  put("in/4.json", [{ id: 4 }]);
  const pause = { job_bookmark_option: "job-bookmark-pause" };
  for (let twice = 0; twice < 2; twice++)
    await run(pause, async (glue, job) => {
      expect(await ids(source(glue))).toEqual([4]);
      await job.commit();
    });
  await run({ ...pause, job_bookmark_from: runs[0]!, job_bookmark_to: runs[2]! }, async (glue) =>
    expect(await ids(source(glue))).toEqual([2, 3]),
  );
  await run(ON, async (glue) => expect(await ids(source(glue))).toEqual([4]));
});

test("with a bookmark a job runs once at a time; without, as often as one likes", async () => {
  put("in/a.json", [{ id: 1 }]);
  await run(ON, async () => {
    await expect(run(ON, async () => undefined)).rejects.toMatchObject({
      code: "CONCURRENT_RUNS",
      name: "ConcurrentRunsExceededException",
    });
    await run({}, async (glue) => expect(await ids(source(glue))).toEqual([1]));
  });
});

test("a source without a transformationCtx is read whole, with a warning in each run", async () => {
  put("in/a.json", [{ id: 1 }]);
  const warnings: string[] = [];
  const warn = (code: string): void => {
    warnings.push(code);
  };
  for (let twice = 0; twice < 2; twice++) {
    await run(
      ON,
      async (glue, job) => {
        expect(await ids(source(glue, ""))).toEqual([1]);
        expect(await source(glue, "").explain()).toContain("has no transformationCtx");
        await job.commit();
      },
      warn,
    );
  }
  expect(warnings).toEqual(["NO_TRANSFORMATION_CTX", "NO_TRANSFORMATION_CTX"]);
  await run({}, async (glue) => expect(await ids(source(glue, ""))).toEqual([1]), warn);
  await run(ON, async (glue) => expect(await ids(source(glue))).toEqual([1]), warn);
  expect(warnings).toHaveLength(2);
});

test("what is over is over, and a second job in one context is refused", async () => {
  await run({}, async (glue, job) => {
    await expect(Job.init(glue, "other")).rejects.toMatchObject({ code: "JOB_RUNNING" });
    expect(job.isInitialized()).toBe(true);
    await job.commit();
    expect(job.isInitialized()).toBe(false);
    await expect(job.commit()).rejects.toMatchObject({ code: "JOB_OVER" });
    await (await Job.init(glue, "other")).commit();
  });
  await expect(run({ job_bookmark_option: "on" }, async () => undefined)).rejects.toMatchObject({
    code: "BAD_ARGUMENT",
  });
});

test("an increment of a catalog table has the type of the whole table", async () => {
  put("in/a.json", [{ id: 1, note: "x" }, { id: "one" }]);
  await using glue = await GlueContext.open({ catalog: at("catalog"), onWarning: () => undefined });
  await glue.crawl({ database: "db", includes: [at("in")] });
  const table = (): DynamicFrame =>
    glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "in", transformationCtx: "t" });
  const whole = await table().schemaTree();
  const first = await Job.init(glue, "etl", ON);
  await table().records();
  await first.commit();
  put("in/b.json", [{ id: 2 }]);
  const second = await Job.init(glue, "etl", ON);
  const increment = table();
  expect([await increment.records(), await increment.schemaTree()]).toEqual([[{ id: 2 }], whole]);
  await second.commit();
});

test("a run that finds nothing new writes nothing, whatever its sink asks for", async () => {
  put("in/a.json", [{ id: 1, day: "x" }]);
  const more = { partitionKeys: ["day"], enableUpdateCatalog: true, catalogDatabase: "db", catalogTableName: "t" };
  for (const read of [1, 0]) {
    await run(ON, async (glue, job) => {
      if (read === 1) await glue.catalog.createDatabase({ Name: "db" });
      await write(glue, source(glue), "out", more);
      expect(await job.commit()).toMatchObject({ read, written: read, balanced: true });
      expect(await ids(glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "t" }))).toEqual([1]);
    });
  }
  expect(files("out")).toHaveLength(1);
});
