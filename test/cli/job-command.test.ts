import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-job-cli-"));
const catalog = join(folder, "catalog");
const runs: string[] = [];

beforeAll(async () => {
  buildIfStale();
  mkdirSync(join(folder, "in"));
  for (const id of [1, 2]) {
    writeFileSync(join(folder, "in", `${id}.json`), `{"id":${id}}\n`);
    await using glue = await GlueContext.open({ catalog });
    const job = await Job.init(glue, "etl", { job_bookmark_option: "job-bookmark-enable" });
    await glue.createDynamicFrame
      .fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, "in") },
        format: "json",
        transformationCtx: "src",
      })
      .count();
    runs.push((await job.commit()).runId);
  }
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => cli(["job", ...args], { catalog });

test("bookmark show, rewind and reset", async () => {
  const shown = await run("bookmark", "show", "etl");
  expect(shown.out).toBe(
    `etl: run 2, attempt 0, version 2; last ${runs[1]}, before it ${runs[0]}\nCONTEXT  FILES  NEXT KEY\nsrc          2\n`,
  );
  expect(JSON.parse((await run("bookmark", "rewind", "etl", runs[0]!, "--json")).out)).toMatchObject({
    JobName: "etl",
    Run: 1,
    RunId: runs[0],
    JobBookmark: { src: { files: 1 } },
  });
  expect((await run("bookmark", "reset", "etl", "--dry-run")).out).toContain("run 1");
  expect((await run("bookmark", "reset", "etl")).out).toContain("etl: run 0, attempt 0, version 4; no run committed\n");
  expect(await run("bookmark", "show", "none")).toMatchObject({
    status: 1,
    err: expect.stringContaining("Job none not found"),
  });
  expect(await run("create", "idle", "--script", join(folder, "idle.mjs"))).toMatchObject({ status: 0 });
  for (const verb of [
    ["show", "idle"],
    ["reset", "idle"],
    ["reset", "idle", "--dry-run"],
    ["rewind", "idle", "jr_x"],
  ]) {
    expect(await run("bookmark", ...verb)).toMatchObject({
      status: 1,
      out: "",
      err: expect.stringContaining("BOOKMARK_NOT_FOUND"),
    });
  }
  expect(await run("bookmark", "rewind", "etl", "jr_x")).toMatchObject({
    status: 1,
    err: expect.stringContaining("RUN_NOT_FOUND"),
  });
});

test("Ctrl-C while a job runs ends with 130, and the run is over", async () => {
  writeFileSync(join(folder, "slow.mjs"), "await new Promise((resolve) => setTimeout(resolve, 120_000));\n");
  await run("create", "slow", "--script", join(folder, "slow.mjs"));
  const { status, err } = await cli(["job", "start", "slow"], { catalog, interruptAfter: 4000 });
  expect([status, err]).toEqual([130, expect.stringContaining("interrupted")]);
  expect(JSON.parse((await run("runs", "slow", "--json")).out)).toEqual([
    expect.objectContaining({
      JobRunState: expect.not.stringMatching(/RUNNING|STARTING/),
      CompletedOn: expect.any(Number),
    }),
  ]);
}, 60_000);

test("gc shows and removes what dead runs left, and lets living ones be", async () => {
  const left = join(folder, ".out", "run-dead-0123");
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, "part.json"), "{}\n");
  writeFileSync(join(catalog, "runs", "dead.outputs"), `${JSON.stringify(left)}\n"cut o`);
  await using glue = await GlueContext.open({ catalog });
  const job = await Job.init(
    { catalog: glue.catalog, storage: glue.storage, enterRun: () => undefined, leaveRun: () => undefined },
    "living",
    { JOB_RUN_ID: "living" },
  );
  writeFileSync(join(catalog, "runs", "dead.outputs"), `${JSON.stringify(left)}\n"cut o`);
  mkdirSync(left, { recursive: true });
  writeFileSync(join(catalog, "runs", "living.outputs"), `${JSON.stringify(join(folder, "in"))}\n`);
  expect(JSON.parse((await run("gc", "--dry-run", "--json")).out)).toEqual({
    dryRun: true,
    finished: [],
    removed: [left],
  });
  expect((await run("gc")).out).toBe(`removed ${left}\nfinished 0 commits, removed 1 folder\n`);
  expect((await run("gc")).out).toBe("finished 0 commits, removed 0 folders\n");
  rmSync(join(catalog, "runs", "living.outputs"));
  await job.abandon();
});

test("a job is defined, changed, started, listed, and its records that were broken replayed", async () => {
  const script = join(folder, "copy.mjs");
  writeFileSync(
    script,
    `
    import { GlueContext, Job, getResolvedOptions } from "dynaframe";
    const args = getResolvedOptions(process.argv, ["JOB_NAME", "source", "target"]);
    const glue = await GlueContext.open();
    const job = await Job.init(glue, args.JOB_NAME, args);
    const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: args.source }, format: "json", transformationCtx: "src" });
    const report = await glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path: args.target }, format: "json" });
    console.log("wrote", report.written);
    await job.commit();
    await glue.close();`,
  );
  const source = join(folder, "orders");
  mkdirSync(source);
  writeFileSync(join(source, "a.json"), '{"id":1}\n{"id":\n');
  expect(
    (
      await run(
        "create",
        "copy",
        "--script",
        script,
        "--arg",
        `source=${source}`,
        "--arg",
        "api_key=abcdef",
        "--fixed-arg",
        `target=${join(folder, "copied")}`,
        "--bookmark",
        "enable",
      )
    ).status,
  ).toBe(0);
  expect(JSON.parse((await run("get", "copy", "--json")).out)).toMatchObject({
    Name: "copy",
    Command: { Name: "glueetl", ScriptLocation: script },
    DefaultArguments: { "--source": source, "--api_key": "*****", "--job-bookmark-option": "job-bookmark-enable" },
  });
  expect(
    JSON.parse((await run("update", "copy", "--retries", "1", "--worker-type", "G.1X", "--json")).out),
  ).toMatchObject({ MaxRetries: 1, WorkerType: "G.1X", DefaultArguments: { "--source": source } });
  expect((await run("list")).out).toContain(`copy        0  ${script}`);

  const started = JSON.parse((await run("start", "copy", "--json")).out) as { Id: string; JobRunState: string };
  expect(started).toMatchObject({
    JobRunState: "SUCCEEDED",
    Metrics: { read: 2, written: 1, quarantined: 1 },
    Arguments: { "--api_key": "*****" },
  });
  expect((await run("logs", "copy")).out).toBe("wrote 1\n");
  expect(JSON.parse((await cli(["quarantine", "list", "--json"], { catalog })).out)).toMatchObject([
    { job: "copy", file: join(source, "a.json"), records: 1, runs: [started.Id] },
  ]);
  expect((await cli(["quarantine", "show", "copy"], { catalog })).out).toContain(
    `${join(source, "a.json")} bytes 9–15`,
  );
  expect(await cli(["quarantine", "replay", "copy"], { catalog })).toMatchObject({
    status: 1,
    err: expect.stringContaining("NOT_REPLAYABLE"),
  });
  writeFileSync(join(source, "a.json"), '{"id":1}\n{"id":2}\n');
  expect((await cli(["quarantine", "replay", "copy"], { catalog })).out).toContain(
    "read 1 = written 1 + quarantined 0 + filtered 0 + dropped 0\n",
  );
  expect(JSON.parse((await cli(["quarantine", "show", "copy", "--json"], { catalog })).out)).toEqual([]);
  expect(JSON.parse((await run("start", "copy", "--json")).out)).toMatchObject({ Metrics: { read: 0 } });
  writeFileSync(join(source, "b.json"), '{"id":3}\n');
  expect((await run("bookmark", "set", "copy", "src", source)).out).toContain("src          2");
  expect(JSON.parse((await run("start", "copy", "--json")).out)).toMatchObject({ Metrics: { read: 0 } });
  const runs = JSON.parse((await run("runs", "copy", "--json")).out) as { JobRunState: string }[];
  expect(runs.map(({ JobRunState }) => JobRunState)).toEqual(["SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"]);

  expect(await run("start", "copy", "--arg", "source=/nowhere", "--arg", "target=x")).toMatchObject({
    status: 1,
    out: expect.stringContaining("DynaframeError: /nowhere does not exist"),
  });
  expect(await run("stop", "copy", started.Id)).toMatchObject({
    status: 1,
    err: expect.stringContaining("INVALID_STATE"),
  });
  expect((await run("delete", "copy")).out).toBe("deleted copy\n");
  expect(await run("start", "copy")).toMatchObject({ status: 1, err: expect.stringContaining("ENTITY_NOT_FOUND") });
}, 180_000);
