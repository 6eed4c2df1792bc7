/** Jobs as child processes: real scripts, real logs, real ends. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getDefinition } from "../../src/catalog/definitions/definition.js";
import { jobRef, type JobRecord } from "../../src/job/definition/job-record.js";
import { claimRef } from "../../src/job/run/run-claim.js";
import { type JobRun, runRef } from "../../src/job/run/run-record.js";
import { runToEnd, startRun, stopRun } from "../../src/job/run/start-run.js";
import { logFiles } from "../../src/job/script/log-files.js";
import { type CommitReport, GlueContext, Job } from "../../src/index.js";
import { buildIfStale } from "../cli/cli-process.js";
import { defineJob, openRunner, type TestRunner, until } from "./runner.js";

let folder: string;
let runner: TestRunner;
beforeAll(buildIfStale, 300_000);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "run-job-"));
  runner = await openRunner(folder);
});
afterEach(async () => {
  await runner.close();
  rmSync(folder, { recursive: true, force: true });
});

function script(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const log = (run: JobRun, kind: "output" | "error" = "output"): string =>
  readFileSync(logFiles(runner.logFolder, run.JobName, run.Id)[kind], "utf8");
const runOf = async (job: string, id: string): Promise<JobRun> =>
  (await getDefinition<JobRun>(runner.catalog, runRef(job, id))).doc;

test("a run gets its arguments in order of precedence, as Glue's own two do; what it prints is its logs", async () => {
  await defineJob(
    runner,
    "args",
    script("args.mjs", `console.log(JSON.stringify(process.argv.slice(2))); console.error("to the other");`),
    {
      DefaultArguments: { "--a": "default", "--b": "default", "--c": "default" },
      NonOverridableArguments: { "--c": "fixed" },
    },
  );
  const run = await runToEnd(runner, "args", {
    triggerArguments: { "--b": "trigger", "--d": "trigger" },
    Arguments: { "--c": "run", "--d": "-run", "--e": "" },
  });
  expect(run).toMatchObject({
    JobRunState: "SUCCEEDED",
    Attempt: 0,
    Arguments: { "--a": "default", "--b": "trigger", "--c": "fixed", "--d": "-run", "--e": "" },
  });
  expect(JSON.parse(log(run))).toEqual([
    "--JOB_NAME",
    "args",
    "--JOB_RUN_ID",
    run.Id,
    "--a",
    "default",
    "--b",
    "trigger",
    "--c",
    "fixed",
    "--d=-run",
    "--e",
    "",
  ]);
  expect(log(run, "error")).toBe("to the other\n");
});

test("secrets are in no command line and in no log, and the keys of the server are not passed on", async () => {
  const own = process.env["DYNAFRAME_SECRET_ACCESS_KEY"];
  process.env["DYNAFRAME_SECRET_ACCESS_KEY"] = "the-server-key";
  try {
    await defineJob(
      runner,
      "secret",
      script(
        "secret.mjs",
        `
      import { execFileSync } from "node:child_process";
      const value = process.argv[process.argv.indexOf("--db_password") + 1];
      console.log("it is " + value + " of " + value.length, process.env.DYNAFRAME_SECRET_ACCESS_KEY);
      console.log(execFileSync("ps", ["-A", "-o", "args"], { encoding: "utf8" }).includes(value));
      process.stdout.write("x".repeat(70000)); process.stdout.write(value + "\\n");
      throw new Error("cannot log in with " + value);`,
      ),
    );
    const run = await runToEnd(runner, "secret", { Arguments: { "--db_password": "hunter2-hunter2" } });
    expect(run.JobRunState).toBe("FAILED");
    expect(run.ErrorMessage).toContain("cannot log in with *****");
    expect(log(run).startsWith("it is ***** of 15 undefined\nfalse\n")).toBe(true);
    for (const text of [log(run), log(run, "error"), run.ErrorMessage]) expect(text).not.toContain("hunter2");
  } finally {
    if (own === undefined) delete process.env["DYNAFRAME_SECRET_ACCESS_KEY"];
    else process.env["DYNAFRAME_SECRET_ACCESS_KEY"] = own;
  }
});

test("a failed run says why, and is tried again as a run of its own that names the one before", async () => {
  const counter = join(folder, "count");
  await defineJob(
    runner,
    "flaky",
    script(
      "flaky.mjs",
      `
    import { appendFileSync, readFileSync } from "node:fs";
    appendFileSync(${JSON.stringify(counter)}, "x");
    if (readFileSync(${JSON.stringify(counter)}, "utf8").length < 3) throw new Error("not yet");`,
    ),
    { MaxRetries: 2 },
  );
  const last = await runToEnd(runner, "flaky");
  expect(last).toMatchObject({ JobRunState: "SUCCEEDED", Attempt: 2 });
  const middle = await runOf("flaky", last.PreviousRunId ?? "");
  expect(middle).toMatchObject({
    JobRunState: "FAILED",
    Attempt: 1,
    ErrorMessage: expect.stringContaining("Error: not yet"),
  });
  expect(await runOf("flaky", middle.PreviousRunId ?? "")).toMatchObject({ Attempt: 0 });
});

test("a run that takes longer than its job's NotifyDelayAfter is told of, once, and goes on", async () => {
  const told: string[] = [];
  const warn = (code: string, message: string): void => {
    told.push(`${code} ${message}`);
  };
  const file = script("sleepy.mjs", "await new Promise((resolve) => setTimeout(resolve, 1500));");
  await defineJob(runner, "sleepy", file, { NotificationProperty: { NotifyDelayAfter: 0.005 } });
  const run = await runToEnd({ ...runner, warn }, "sleepy");
  expect(run).toMatchObject({
    JobRunState: "SUCCEEDED",
    NotificationProperty: { NotifyDelayAfter: 0.005 },
    DelayedOn: expect.any(Number) as number,
  });
  expect(told).toEqual([`RUN_DELAYED Run ${run.Id} of sleepy has taken longer than 0.005 minutes, and goes on.`]);
  expect(
    (await runToEnd({ ...runner, warn }, "sleepy", { NotificationProperty: { NotifyDelayAfter: 60 } })).DelayedOn,
  ).toBeUndefined();
  expect(told).toHaveLength(1);
}, 120_000);

test("time and memory have limits; neither end leaves a process, and a run that took too long is not tried again", async () => {
  const pids = join(folder, "pids");
  const busy = `import { spawn } from "node:child_process"; import { appendFileSync } from "node:fs";
    appendFileSync(${JSON.stringify(pids)}, process.pid + " " + spawn("sleep", ["600"]).pid + " ");`;
  await defineJob(
    runner,
    "slow",
    script("slow.mjs", `${busy} process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`),
    { MaxRetries: 1, Timeout: 0.03 },
  );
  expect(await runToEnd(runner, "slow")).toMatchObject({ JobRunState: "TIMEOUT", Attempt: 0 });
  await defineJob(
    runner,
    "large",
    script("large.mjs", `${busy} const all = []; setInterval(() => { all.push(Buffer.alloc(20e6, 1)); }, 5);`),
  );
  expect(await runToEnd(runner, "large", { Arguments: { "--dynaframe-memory-limit": "200MB" } })).toMatchObject({
    JobRunState: "FAILED",
    ErrorMessage: expect.stringMatching(/bytes of memory; its limit is 200000000/),
  });
  for (const pid of readFileSync(pids, "utf8").trim().split(" "))
    await until(
      async () => isRunning(Number(pid)),
      (alive) => !alive,
    );
}, 120_000);

/** A killed process may wait as a zombie for its parent. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test("no more runs at once than the job allows; one that is stopped is STOPPED", async () => {
  await defineJob(runner, "long", script("long.mjs", "setInterval(() => {}, 1000);"));
  const id = await startRun(runner, "long");
  await until(
    () => runOf("long", id),
    (run) => run.JobRunState === "RUNNING",
  );
  await expect(startRun(runner, "long")).rejects.toMatchObject({
    name: "ConcurrentRunsExceededException",
    code: "TOO_MANY_RUNS",
  });
  await stopRun(runner, "long", id);
  await runner.settled();
  expect(await runOf("long", id)).toMatchObject({ JobRunState: "STOPPED", CompletedOn: expect.any(Number) });
  await expect(stopRun(runner, "long", id)).rejects.toMatchObject({ name: "InvalidStateException" });
  expect((await getDefinition<JobRecord>(runner.catalog, jobRef("long"))).doc.active).toEqual([]);
});

const COMMITTING = `
  import { GlueContext, Job, getResolvedOptions } from "dynaframe";
  const args = getResolvedOptions(process.argv, ["JOB_NAME", "source", "target"]);
  const glue = await GlueContext.open();
  const job = await Job.init(glue, args.JOB_NAME, args);
  const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: args.source }, format: "json", transformationCtx: "src" });
  await glue.writeDynamicFrame.fromOptions({ frame: frame.filter((r: { id: number }) => r.id !== 2), connectionType: "file", connectionOptions: { path: args.target }, format: "json" });
  await job.commit();
  await glue.close();`;

test("a script in TypeScript finds the package, and its commit's figures, DPU-hours and cost are the run's", async () => {
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "a.json"), '{"id":1}\n{"id":2}\n{"id":3\n');
  await defineJob(runner, "etl", script("etl.ts", COMMITTING), {
    DefaultArguments: {
      "--source": join(folder, "in"),
      "--target": join(folder, "out"),
      "--job-bookmark-option": "job-bookmark-enable",
    },
    NumberOfWorkers: 2,
    WorkerType: "G.2X",
  });
  const run = await runToEnd({ ...runner, dpuHourRate: 2 }, "etl");
  expect(run).toMatchObject({
    JobRunState: "SUCCEEDED",
    Metrics: {
      commits: 1,
      filesRead: 1,
      bytesRead: 26,
      filesWritten: 1,
      read: 3,
      written: 1,
      quarantined: 1,
      filtered: 1,
      dropped: 0,
    },
  });
  const seconds = (run.CompletedOn ?? 0) - run.StartedOn;
  expect(run.DPUSeconds).toBeCloseTo(4 * seconds, 6); // 2 workers of 2 DPUs
  expect(run["Cost"]).toEqual({ dpuHours: (4 * seconds) / 3600, rate: 2, cost: ((4 * seconds) / 3600) * 2 });
  expect((await runner.catalog.jobState?.getBookmark("etl"))?.RunId).toBe(run.Id);
}, 120_000);

test("a process that lost its run can commit nothing, and one that has it leaves its figures with the run", async () => {
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "a.json"), '{"id":1}\n');
  const claim = claimRef("etl", "jr_1");
  await runner.catalog.changeEntities([{ ref: claim, doc: { token: "mine" } }]);
  const commit = async (token: string): Promise<CommitReport> => {
    Object.assign(process.env, { DYNAFRAME_RUN_JOB: "etl", DYNAFRAME_RUN_ID: "jr_1", DYNAFRAME_RUN_TOKEN: token });
    try {
      await using glue = await GlueContext.open({ catalog: join(folder, "catalog") });
      const job = await Job.init(glue, "etl", { job_bookmark_option: "job-bookmark-enable" });
      const frame = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, "in") },
        format: "json",
        transformationCtx: "src",
      });
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(folder, "out") },
        format: "json",
      });
      return await job.commit();
    } finally {
      for (const name of ["JOB", "ID", "TOKEN"]) delete process.env[`DYNAFRAME_RUN_${name}`];
    }
  };
  await expect(commit("anothers")).rejects.toMatchObject({ code: "RUN_LOST" });
  expect([existsSync(join(folder, "out")), (await runner.catalog.jobState?.getBookmark("etl"))?.Run]).toEqual([
    false,
    0,
  ]);
  const { metrics } = await commit("mine");
  expect((await runner.catalog.getEntity(claim))?.doc).toEqual({ token: "mine", metrics });
  expect(existsSync(join(folder, "out"))).toBe(true);
});

const python = ((): boolean => {
  try {
    execFileSync("python3", ["-c", "import runpy"]);
    return true;
  } catch {
    return false;
  }
})();

(python ? test : test.skip)("a script in Python is a plain process with its arguments", async () => {
  await defineJob(
    runner,
    "py",
    script(
      "job.py",
      `
import sys, argparse
p = argparse.ArgumentParser(); p.add_argument("--JOB_NAME"); p.add_argument("--day"); p.add_argument("--JOB_RUN_ID")
a = p.parse_args()
print(a.JOB_NAME, a.day, __name__)
sys.exit(3 if a.day == "bad" else 0)
`,
    ),
    { Command: { Name: "pythonshell", ScriptLocation: join(folder, "job.py"), PythonVersion: "3" } },
  );
  const run = await runToEnd(runner, "py", { Arguments: { "--day": "2024-03-01" } });
  expect([run.JobRunState, log(run)]).toEqual(["SUCCEEDED", "py 2024-03-01 __main__\n"]);
  expect(await runToEnd(runner, "py", { Arguments: { "--day": "bad" } })).toMatchObject({
    JobRunState: "FAILED",
    ErrorMessage: expect.stringContaining("exit status 3"),
  });
});

test.each([
  ["none.mjs", "SCRIPT_NOT_FOUND"],
  ["s3://bucket/x.py", "UNSUPPORTED_SCRIPT"],
])("a script that cannot be run is a failed run: %s", async (location) => {
  await defineJob(runner, "bad", location);
  expect(await runToEnd(runner, "bad")).toMatchObject({
    JobRunState: "FAILED",
    ErrorMessage: expect.stringMatching(/no script at|is not fetched/),
  });
});

test("a run whose process was killed ends as FAILED, and its script with it; the next may start", async () => {
  const pids = join(folder, "pid");
  const main = join(process.cwd(), "dist", "esm", "cli", "main.js");
  await defineJob(
    runner,
    "orphan",
    script(
      "orphan.mjs",
      `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(pids)}, String(process.pid)); setInterval(() => {}, 1000);`,
    ),
  );
  const starter = spawn(process.execPath, [main, "--catalog", join(folder, "catalog"), "job", "start", "orphan"], {
    stdio: "ignore",
  });
  const pid = Number(
    await until(
      async () => (existsSync(pids) ? readFileSync(pids, "utf8") : ""),
      (text) => text !== "",
    ),
  );
  const gone = once(starter, "exit"); // until then it is a zombie, which looks alive
  starter.kill("SIGKILL");
  await gone;
  await until(
    async () => isRunning(pid),
    (alive) => !alive,
  );
  const {
    doc: {
      active: [id = ""],
    },
  } = await getDefinition<JobRecord>(runner.catalog, jobRef("orphan"));
  const next = await startRun(runner, "orphan");
  expect(await runOf("orphan", id)).toMatchObject({
    JobRunState: "FAILED",
    ErrorMessage: "The process that ran it is gone.",
  });
  runner.stop();
  await runner.settled();
  expect(await runOf("orphan", next)).toMatchObject({ JobRunState: "FAILED" });
}, 120_000);
