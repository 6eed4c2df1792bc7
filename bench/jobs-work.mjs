// Work of the benches of jobs, each in a fresh process of work.mjs.
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// the ES modules are joined into chunks; the parts of the package are files here
const requirePart = createRequire(new URL("../dist/cjs/", import.meta.url));
const load = (path) => requirePart(`./${path}`);

const SCRIPT = `
import { GlueContext, Job, getResolvedOptions } from "dynaframe";
import { appendFileSync } from "node:fs";
delete process.env.DYNAFRAME_RUN_JOB; // no run of the catalog, so that no claim is asked for
const args = getResolvedOptions(process.argv, ["JOB_NAME", "source", "times"]);
const glue = await GlueContext.open();
const job = await Job.init(glue, args.JOB_NAME, args);
const [first] = await glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: args.source }, format: "json", transformationCtx: "src" }).records();
if (first.id !== 1) throw new Error("not read");
appendFileSync(args.times, JSON.stringify({ at: Date.now(), cpu: process.cpuUsage() }) + "\\n");
await job.commit();
await glue.close();
`;

function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-jobs-"));
  return {
    folder,
    at: (...path) => join(folder, ...path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export const JOB_TASKS = {
  /**
   * From the spawn of a run's process to the first record in its hands; the run before made the catalog warm, as a
   * second run finds it. `installed`: the script finds the package in its node_modules, as in a project; else the
   * runner leads it there.
   */
  jobStart: async ({ installed }) => {
    const { at, remove } = temporary();
    mkdirSync(at("in"));
    if (installed) {
      mkdirSync(at("node_modules"));
      symlinkSync(fileURLToPath(new URL("..", import.meta.url)), at("node_modules", "dynaframe"));
    }
    writeFileSync(at("in", "a.json"), '{"id":1}\n');
    writeFileSync(at("job.mjs"), SCRIPT);
    const { scriptRunner } = load("job/script/run-script.js");
    const runJob = scriptRunner({
      catalog: at("catalog"),
      logFolder: at("logs"),
      packageEntry: fileURLToPath(new URL("../dist/esm/index.js", import.meta.url)),
    });
    const once = async () => {
      const began = Date.now();
      await runJob({
        jobName: "start",
        runId: `jr_${randomUUID()}`,
        attempt: 0,
        settings: { Command: { Name: "glueetl", ScriptLocation: at("job.mjs") } },
        arguments: { "--source": at("in"), "--times": at("times"), "--job-bookmark-option": "job-bookmark-pause" },
        token: "none",
        signal: new AbortController().signal,
      });
      const { at: read, cpu } = JSON.parse(readFileSync(at("times"), "utf8").trim().split("\n").at(-1));
      return { toFirstReadMs: read - began, cpuMs: (cpu.user + cpu.system) / 1000 };
    };
    await once();
    return { run: once, close: remove };
  },
  /** Nodes that do nothing, one after the other or side by side. */
  workflow: async ({ nodes, shape }) => {
    const { at, remove } = temporary();
    const { openCatalog } = load("open.js");
    const { defineWorkflow } = load("workflow/index.js");
    const { createWorkflow } = load("workflow/store/workflow-store.js");
    const { beginRun } = load("workflow/runner/begin-run.js");
    const { driveRun, takeRun } = load("workflow/runner/drive-run.js");
    const catalog = await openCatalog(at("catalog"));
    const name = (n) => `n${String(n).padStart(3, "0")}`;
    const after = (n) => (n === 0 ? {} : { after: [shape === "chain" ? name(n - 1) : name(0)] });
    await createWorkflow(
      catalog,
      defineWorkflow({
        name: "many",
        nodes: Object.fromEntries(Array.from({ length: nodes }, (_, n) => [name(n), { job: name(n), ...after(n) }])),
      }),
      Date.now(),
    );
    const services = {
      catalog,
      runner: "bench",
      now: Date.now,
      signal: new AbortController().signal,
      runNode: async () => ({ state: "SUCCEEDED" }),
    };
    return {
      run: async () => {
        const { Name, WorkflowRunId } = await beginRun(catalog, "many", { at: Date.now() });
        const done = await driveRun(services, Name, WorkflowRunId, await takeRun(services, Name, WorkflowRunId));
        if (done.Status !== "COMPLETED" || done.chain.nodes.length !== nodes)
          throw new Error(`${done.Status}, ${done.chain.nodes.length} nodes`);
      },
      close: async () => {
        await catalog.close();
        remove();
      },
    };
  },
  /**
   * A bookmark of `remembered` files, a thousand a day: a commit of 100,000 more, and the look-up of a listing of
   * 1,000, half of them known.
   */
  bookmark: async ({ remembered }) => {
    const { at, remove } = temporary();
    const { openCatalog } = load("open.js");
    const catalog = await openCatalog(at("catalog"));
    const store = catalog.jobState;
    const file = (n) => ({
      path: `s3://bucket/orders/day=${String(Math.floor(n / 1000)).padStart(5, "0")}/part-${String(n).padStart(8, "0")}.json`,
      etag: `"${n.toString(16).padStart(32, "0")}"`,
      size: n,
    });
    const commit = async (from, count) => {
      const { Version } = await store.beginAttempt("etl");
      return store.commitRun({
        job: "etl",
        runId: `jr_${from}`,
        version: Version,
        inputs: new Map([["src", Array.from({ length: count }, (_, i) => file(from + i))]]),
        contexts: new Map(),
        changes: [],
        publications: [],
        saveBookmark: true,
      });
    };
    for (let from = 0; from < remembered; from += 100_000) await commit(from, 100_000);
    const listing = Array.from({ length: 1000 }, (_, i) => file(remembered - 500 * 997 + i * 997));
    const timed = async (body) => {
      const cpu = process.cpuUsage();
      const began = performance.now();
      const result = await body();
      const used = process.cpuUsage(cpu);
      return { ms: performance.now() - began, cpuMs: (used.user + used.system) / 1000, result };
    };
    return {
      run: async () => {
        await store.knownInputs("etl", "other", listing.slice(0, 1)); // statements are compiled
        const lookup = await timed(() => store.knownInputs("etl", "src", listing));
        const begin = await timed(() => store.beginAttempt("etl"));
        const commits = await timed(() => commit(remembered, 100_000));
        if (lookup.result.size !== 500 || JSON.parse(commits.result.JobBookmark).src.files !== remembered + 100_000)
          throw new Error(`${lookup.result.size} known, ${commits.result.JobBookmark}`);
        return {
          lookup: { ms: lookup.ms, cpuMs: lookup.cpuMs },
          begin: { ms: begin.ms, cpuMs: begin.cpuMs },
          commit: { ms: commits.ms, cpuMs: commits.cpuMs },
        };
      },
      close: async () => {
        await catalog.close();
        remove();
      },
    };
  },
};
