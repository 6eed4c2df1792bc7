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
    await glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "in") }, format: "json", transformationCtx: "src" }).count();
    runs.push((await job.commit()).runId);
  }
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => cli(["job", ...args], { catalog });

test("bookmark show, rewind and reset", async () => {
  const shown = await run("bookmark", "show", "etl");
  expect(shown.out).toBe(`etl: run 2, attempt 0, version 2; last ${runs[1]}, before it ${runs[0]}\nCONTEXT  FILES  NEXT KEY\nsrc          2\n`);
  expect(JSON.parse((await run("bookmark", "rewind", "etl", runs[0]!, "--json")).out)).toMatchObject({ JobName: "etl", Run: 1, RunId: runs[0], JobBookmark: { src: { files: 1 } } });
  expect((await run("bookmark", "reset", "etl", "--dry-run")).out).toContain("run 1");
  expect((await run("bookmark", "reset", "etl")).out).toContain("etl: run 0, attempt 0, version 4; no run committed\n");
  expect(await run("bookmark", "show", "none")).toMatchObject({ status: 1, err: expect.stringContaining("BOOKMARK_NOT_FOUND") });
  expect(await run("bookmark", "rewind", "etl", "jr_x")).toMatchObject({ status: 1, err: expect.stringContaining("RUN_NOT_FOUND") });
});

test("gc shows and removes what dead runs left, and lets living ones be", async () => {
  const left = join(folder, ".out", "run-dead-0123");
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, "part.json"), "{}\n");
  writeFileSync(join(catalog, "runs", "dead.outputs"), `${JSON.stringify(left)}\n"cut o`);
  await using glue = await GlueContext.open({ catalog });
  const job = await Job.init({ catalog: glue.catalog, storage: glue.storage, enterRun: () => undefined, leaveRun: () => undefined }, "living", { JOB_RUN_ID: "living" });
  writeFileSync(join(catalog, "runs", "dead.outputs"), `${JSON.stringify(left)}\n"cut o`);
  mkdirSync(left, { recursive: true });
  writeFileSync(join(catalog, "runs", "living.outputs"), `${JSON.stringify(join(folder, "in"))}\n`);
  expect(JSON.parse((await run("gc", "--dry-run", "--json")).out)).toEqual({ dryRun: true, finished: [], removed: [left] });
  expect((await run("gc")).out).toBe(`removed ${left}\nfinished 0 commits, removed 1 folder\n`);
  expect((await run("gc")).out).toBe("finished 0 commits, removed 0 folders\n");
  rmSync(join(catalog, "runs", "living.outputs"));
  await job.abandon();
});
