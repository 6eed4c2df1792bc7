/**
 * Workflows in a real catalog: runs that are begun, driven, stopped, resumed; two schedulers that are killed; times
 * that were missed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allPages } from "../../src/catalog/all-pages.js";
import { createDefinition } from "../../src/catalog/definitions/definition.js";
import type { Catalog } from "../../src/catalog/index.js";
import { openCatalog } from "../../src/open.js";
import { jobRef } from "../../src/job/definition/job-record.js";
import { defineWorkflow, jobNode, parseSchedule, type WorkflowDefinition } from "../../src/workflow/index.js";
import { beginRun, beginResumed, getRun, setRunProperties, stopRun } from "../../src/workflow/runner/begin-run.js";
import { type DriveServices, driveRun, type NodeRequest, takeRun } from "../../src/workflow/runner/drive-run.js";
import { checkTrigger } from "../../src/workflow/check-trigger.js";
import { fireBatches, notifyTrigger } from "../../src/workflow/runner/fire-events.js";
import { dueTimes, fireSchedules } from "../../src/workflow/runner/fire-schedules.js";
import { createTrigger, createWorkflow, listRuns, setTriggerState } from "../../src/workflow/store/workflow-store.js";
import type { StoredRun } from "../../src/workflow/store/stored-run.js";
import { bundledProgram } from "../bundled-program.js";

let folder: string;
let catalog: Catalog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "scheduler-"));
  catalog = await openCatalog(join(folder, "catalog"));
});
afterEach(async () => {
  await catalog.close();
  rmSync(folder, { recursive: true, force: true });
});

const START = Date.UTC(2024, 2, 1);
const DIAMOND = defineWorkflow({
  name: "diamond",
  properties: { day: "1" },
  maxConcurrentRuns: 1,
  nodes: {
    a: { crawler: "a" },
    b: { job: "b", after: ["a"], arguments: { "--x": "1" } },
    c: { job: "c", after: ["a"] },
    d: { job: "d", after: ["b", "c"] },
    fix: { job: "fix", after: { b: "FAILED", c: "FAILED" }, when: "any" },
  },
});

type Ran = { readonly node: string; readonly request: NodeRequest };
function services(
  ends: { readonly [node: string]: string } = {},
  runner = "test",
): DriveServices & { readonly ran: Ran[] } {
  const ran: Ran[] = [];
  return {
    catalog,
    runner,
    now: Date.now,
    signal: new AbortController().signal,
    ran,
    runNode: async (request) => {
      ran.push({ node: request.node, request });
      if (ends[request.node] === "wait")
        await new Promise<void>((resolve) => {
          request.signal.addEventListener(
            "abort",
            () => {
              resolve();
            },
            { once: true },
          );
        });
      return {
        state: ends[request.node] === "wait" ? "STOPPED" : (ends[request.node] ?? "SUCCEEDED"),
        ...(request.node.startsWith("job:") ? { runId: `jr_${request.key}` } : {}),
      };
    },
  };
}
async function drive(run: StoredRun, with_: DriveServices): Promise<StoredRun> {
  const lease = await takeRun(with_, run.Name, run.WorkflowRunId);
  if (!lease) throw new Error("the run was not free");
  return driveRun(with_, run.Name, run.WorkflowRunId, lease);
}
const define = (definition: WorkflowDefinition): Promise<void> => createWorkflow(catalog, definition, START);
const statesOf = (run: StoredRun): object =>
  Object.fromEntries(
    run.chain.nodes.map(([node, state]) => [
      node,
      state.kind === "ended" ? `${state.state}${state.copied ? " before" : ""}` : "RUNNING",
    ]),
  );

test("a run goes through its graph; its nodes know what started them", async () => {
  await define(DIAMOND);
  const with_ = services();
  const done = await drive(await beginRun(catalog, "diamond", { at: START, properties: { night: "2" } }), with_);
  expect([done.Status, done.WorkflowRunProperties, statesOf(done)]).toEqual([
    "COMPLETED",
    { day: "1", night: "2" },
    { "crawler:a": "SUCCEEDED", "job:b": "SUCCEEDED", "job:c": "SUCCEEDED", "job:d": "SUCCEEDED" },
  ]);
  expect(with_.ran.map(({ node }) => node)).toEqual(["crawler:a", "job:b", "job:c", "job:d"]);
  expect(with_.ran[1]?.request.action).toMatchObject({ JobName: "b", Arguments: { "--x": "1" } });
});

test("any number of nodes may run at once, without a warning about listeners", async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on("warning", hear);
  try {
    const names = Array.from({ length: 25 }, (_, n) => `n${n}`);
    await define(
      defineWorkflow({
        name: "wide",
        nodes: Object.fromEntries([["a", { job: "a" }], ...names.map((name) => [name, { job: name, after: ["a"] }])]),
      }),
    );
    const stop = new AbortController();
    const with_ = {
      ...services(Object.fromEntries(names.map((name) => [`job:${name}`, "wait"]))),
      signal: stop.signal,
    };
    const run = await beginRun(catalog, "wide", { at: START });
    const driven = drive(run, with_);
    while (with_.ran.length < 26) await new Promise((resolve) => setTimeout(resolve, 10));
    // each waits on the process's signal too, as runs of jobs do
    for (const { request } of with_.ran) request.signal.addEventListener("abort", () => undefined);
    await stopRun(catalog, "wide", run.WorkflowRunId, Date.now());
    expect((await driven).Status).toBe("STOPPED");
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", hear);
  }
});

test("two hundred nodes that end at once are all counted", async () => {
  const names = Array.from({ length: 200 }, (_, n) => `n${n}`);
  await define(
    defineWorkflow({
      name: "fan",
      nodes: Object.fromEntries([["a", { job: "a" }], ...names.map((name) => [name, { job: name, after: ["a"] }])]),
    }),
  );
  const done = await drive(await beginRun(catalog, "fan", { at: START }), services());
  expect([done.Status, done.chain.nodes.length, new Set(Object.values(statesOf(done)))]).toEqual([
    "COMPLETED",
    201,
    new Set(["SUCCEEDED"]),
  ]);
});

test("what cannot be run is ERROR with its reason, and the run completes all the same", async () => {
  await define(DIAMOND);
  const with_ = {
    ...services(),
    runNode: async () => {
      throw new Error("there is no such crawler");
    },
  };
  const done = await drive(await beginRun(catalog, "diamond", { at: START }), with_);
  expect([done.Status, statesOf(done), done.errors]).toEqual([
    "COMPLETED",
    { "crawler:a": "ERROR" },
    { "crawler:a": "there is no such crawler" },
  ]);
});

test("no more runs at once than it may; one that is stopped ends STOPPED and makes room", async () => {
  await define(DIAMOND);
  const run = await beginRun(catalog, "diamond", { at: START });
  await expect(beginRun(catalog, "diamond", { at: START })).rejects.toMatchObject({
    code: "TOO_MANY_RUNS",
    name: "ConcurrentRunsExceededException",
  });
  const with_ = services({ "job:b": "wait" });
  const driving = drive(run, with_);
  while (!with_.ran.some(({ node }) => node === "job:b")) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await setRunProperties(catalog, "diamond", run.WorkflowRunId, { day: "3" })).WorkflowRunProperties).toEqual({
    day: "3",
  });
  await stopRun(catalog, "diamond", run.WorkflowRunId, START);
  const done = await driving;
  expect([done.Status, (statesOf(done) as { "job:b": string })["job:b"], done.WorkflowRunProperties]).toEqual([
    "STOPPED",
    "STOPPED",
    { day: "3" },
  ]);
  await beginRun(catalog, "diamond", { at: START });
});

test("a resumed run begins at the nodes named, and takes over the rest with its job runs", async () => {
  await define(DIAMOND);
  const first = await drive(await beginRun(catalog, "diamond", { at: START }), services({ "job:b": "FAILED" }));
  expect(statesOf(first)).toEqual({
    "crawler:a": "SUCCEEDED",
    "job:b": "FAILED",
    "job:c": "SUCCEEDED",
    "job:fix": "SUCCEEDED",
  });
  const with_ = services();
  const again = await drive(await beginResumed(catalog, "diamond", first.WorkflowRunId, [jobNode("b")], START), with_);
  expect(statesOf(again)).toEqual({
    "crawler:a": "SUCCEEDED before",
    "job:b": "SUCCEEDED",
    "job:c": "SUCCEEDED before",
    "job:d": "SUCCEEDED",
  });
  expect([with_.ran.map(({ node }) => node), again.PreviousRunId, again.jobRuns["job:c"]]).toEqual([
    ["job:b", "job:d"],
    first.WorkflowRunId,
    first.jobRuns["job:c"],
  ]);
});

test("a run that was taken over is lost to its first runner, whose ends count no more", async () => {
  await define(DIAMOND);
  const run = await beginRun(catalog, "diamond", { at: START });
  const slow = services({ "crawler:a": "wait" }, "slow");
  const driving = drive(run, slow);
  while (slow.ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const late = { ...services({}, "late"), now: () => Date.now() + 60_000 }; // the lease has run out for it
  const lease = await takeRun(late, "diamond", run.WorkflowRunId);
  expect(lease).toMatchObject({ runner: "late", fence: 2 });
  await expect(driving).rejects.toMatchObject({ code: "RUN_LOST" });
  expect(statesOf(await driveRun(late, "diamond", run.WorkflowRunId, lease!))).toMatchObject({
    "crawler:a": "SUCCEEDED",
    "job:d": "SUCCEEDED",
  });
});

test("events begin a run when their batch is full, or its time is over; the run says which batch", async () => {
  const { workflow } = defineWorkflow({ name: "arrivals", maxConcurrentRuns: 1, nodes: { a: { job: "a" } } });
  const trigger = {
    Name: "came",
    WorkflowName: "arrivals",
    Type: "EVENT" as const,
    EventBatchingCondition: { BatchSize: 3, BatchWindow: 60 },
    Actions: [{ JobName: "a" }],
  };
  checkTrigger(trigger);
  for (const EventBatchingCondition of [{ BatchSize: 0 }, { BatchSize: 101 }, { BatchSize: 1, BatchWindow: 901 }])
    expect(() => checkTrigger({ ...trigger, EventBatchingCondition })).toThrow(
      expect.objectContaining({ code: "BAD_TRIGGER" }),
    );
  expect(() => checkTrigger({ ...trigger, Type: "ON_DEMAND" })).toThrow(
    expect.objectContaining({ code: "BAD_TRIGGER" }),
  );
  await createWorkflow(catalog, { workflow, triggers: [] }, START);
  await createTrigger(catalog, trigger);
  await expect(notifyTrigger(catalog, "came", 1, START)).rejects.toMatchObject({
    code: "BAD_TRIGGER",
    message: expect.stringContaining("is not active") as string,
  });
  await setTriggerState(catalog, "came", true, START);
  expect(await notifyTrigger(catalog, "came", 2, START)).toEqual({ waiting: 2 });
  expect(await fireBatches(catalog, START + 59_000)).toEqual([]);
  const { runId = "" } = await notifyTrigger(catalog, "came", 2, START + 10_000);
  expect((await drive(await getRun(catalog, "arrivals", runId), services())).StartingEventBatchCondition).toEqual({
    BatchSize: 4,
    BatchWindow: 10,
  });
  // by time; and while there is no room they wait
  await notifyTrigger(catalog, "came", 1, START + 100_000);
  const busy = await beginRun(catalog, "arrivals", { at: START });
  expect(await fireBatches(catalog, START + 160_000)).toEqual([]);
  await drive(busy, services());
  const [late = ""] = await fireBatches(catalog, START + 161_000);
  expect((await getRun(catalog, "arrivals", late)).StartingEventBatchCondition).toEqual({
    BatchSize: 1,
    BatchWindow: 60,
  });
  // many who tell at once: every event counts once
  await drive(await getRun(catalog, "arrivals", late), services());
  await setTriggerState(catalog, "came", false, START);
  await setTriggerState(catalog, "came", true, START);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => notifyTrigger(catalog, "came", 1, START + 200_000)),
  );
  const first = outcomes.find((outcome) => outcome.runId !== undefined)?.runId ?? "";
  const waiting = Number(
    ((await catalog.getEntity({ kind: "trigger-events", name: "came" }))?.doc as { count: number } | undefined)?.count
      ?? 0,
  );
  expect(((await getRun(catalog, "arrivals", first)).StartingEventBatchCondition?.BatchSize ?? 0) + waiting).toBe(20);
});

test("times that were missed: all run, the latest runs, or none", () => {
  const { next } = parseSchedule("cron(0 * * * ? *)");
  const [last, now] = [Date.UTC(2024, 0, 1, 0, 30), Date.UTC(2024, 0, 1, 3, 30)];
  const hours = [1, 2, 3].map((hour) => Date.UTC(2024, 0, 1, hour));
  expect(dueTimes(next, last, now, "all")).toEqual({ run: hours, settled: hours[2] });
  expect(dueTimes(next, last, now, "latest")).toEqual({ run: [hours[2]], settled: hours[2] });
  expect(dueTimes(next, last, now, "skip")).toEqual({ run: [], settled: hours[2] });
  expect(dueTimes(next, last, (hours[2] ?? 0) + 10_000, "skip")).toEqual({ run: [hours[2]], settled: hours[2] });
  expect(dueTimes(next, hours[2] ?? 0, now, "all")).toEqual({ run: [], settled: hours[2] });
});

test("a schedule counts from its activation on, and fires only while it is active", async () => {
  await define(defineWorkflow({ name: "hourly", schedule: "cron(0 * * * ? *)", nodes: { a: { job: "a" } } }));
  const hour = 3_600_000;
  expect(await fireSchedules(catalog, START + hour, "all")).toHaveLength(1);
  expect(await fireSchedules(catalog, START + hour, "all")).toHaveLength(0);
  await setTriggerState(catalog, "hourly-start", false, START + hour);
  expect(await fireSchedules(catalog, START + 5 * hour, "all")).toHaveLength(0);
  await setTriggerState(catalog, "hourly-start", true, START + 5 * hour);
  expect(await fireSchedules(catalog, START + 7 * hour, "all")).toHaveLength(2);
  expect(await listRuns(catalog, "hourly", 10)).toHaveLength(3);
});

const schedulerProgram = bundledProgram(join(__dirname, "scheduler-process.ts"));
test("two schedulers that are killed again and again: each of 200 scheduled runs ran once", async () => {
  await createDefinition(catalog, jobRef("tick"), {
    settings: {
      Command: { Name: "glueetl", ScriptLocation: "none.mjs" },
      ExecutionProperty: { MaxConcurrentRuns: 100 },
    },
    active: [],
  });
  await define(defineWorkflow({ name: "often", schedule: "cron(0/5 * * * ? *)", nodes: { tick: { job: "tick" } } }));
  const settings = JSON.stringify({
    folder: join(folder, "catalog"),
    from: START,
    to: START + 200 * 300_000,
    started: Date.now(),
    speed: 5000,
  });
  let kills = 0;
  let stopping = false;
  const alive = new Set<ChildProcess>();
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const runScheduler = (): void => {
    const child = spawn(process.execPath, [schedulerProgram(), settings], { stdio: ["ignore", "pipe", "inherit"] });
    alive.add(child);
    // each dies after some of its events, in the middle of whatever it does then; the last ones live
    let left = kills < 10 ? 5 + Math.floor(random() * 30) : Infinity;
    child.stdout.on("data", (chunk: Buffer) => {
      left -= chunk.toString().split("\n").length - 1;
      if (left > 0 || child.killed) return;
      kills += 1;
      child.kill("SIGKILL");
    });
    child.once("exit", () => {
      alive.delete(child);
      if (!stopping) runScheduler();
    });
  };
  runScheduler();
  runScheduler();
  try {
    for (;;) {
      const runs = await listRuns(catalog, "often", 1000);
      if (runs.length >= 200 && runs.every(({ Status }) => Status === "COMPLETED")) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    stopping = true;
    const ends = [...alive].map(
      (child) =>
        new Promise((resolve) => {
          child.once("exit", resolve);
          child.kill("SIGKILL");
        }),
    );
    await Promise.all(ends);
  }
  expect(kills).toBeGreaterThanOrEqual(10);
  const runs = await listRuns(catalog, "often", 1000);
  expect(runs).toHaveLength(200);
  const effects = await allPages((page) => catalog.listEntities({ kind: "effect" }, page));
  expect(effects.map(({ scope }) => scope).sort()).toEqual(runs.map(({ WorkflowRunId }) => WorkflowRunId).sort());
  expect(
    await Promise.all(runs.map(async ({ WorkflowRunId }) => statesOf(await getRun(catalog, "often", WorkflowRunId)))),
  ).toEqual(runs.map(() => ({ "job:tick": "SUCCEEDED" })));
}, 300_000);
