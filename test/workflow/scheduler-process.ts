/**
 * A scheduler as a process of its own, for tests that kill it: its one job leaves an effect in the same transaction as
 * its commit.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openCatalog } from "../../src/open.js";
import { commitUnderClaim } from "../../src/job/run/run-claim.js";
import type { RunServices } from "../../src/job/run/run-services.js";
import { runJobNode } from "../../src/workflow/runner/job-node.js";
import { runScheduler } from "../../src/workflow/runner/run-scheduler.js";

/** Schedules see `from` … `to` pass at `speed`, from the time `started` on. */
type Settings = {
  readonly folder: string;
  readonly from: number;
  readonly to: number;
  readonly started: number;
  readonly speed: number;
};
const { folder, from, to, started, speed } = JSON.parse(process.argv[2] ?? "{}") as Settings;
const NOTHING = {
  commits: 1,
  filesRead: 0,
  bytesRead: 0,
  filesWritten: 0,
  bytesWritten: 0,
  read: 0,
  written: 0,
  quarantined: 0,
  filtered: 0,
  dropped: 0,
};

async function main(): Promise<void> {
  const catalog = await openCatalog(folder);
  const signal = new AbortController().signal;
  const jobs: RunServices = {
    catalog,
    signal,
    now: () => Date.now() / 1000,
    newId: () => randomUUID().replaceAll("-", ""),
    background: { add: () => undefined },
    runJob: async (request) => {
      await pause(5);
      const { "--WORKFLOW_RUN_ID": of = "" } = request.arguments;
      await catalog.changeEntities([
        ...(await commitUnderClaim(catalog, request.jobName, request.runId, request.token, NOTHING)),
        { ref: { kind: "effect", scope: of, name: randomUUID() }, doc: { pid: process.pid } },
      ]);
      await pause(5);
    },
  };
  await runScheduler({
    catalog,
    signal,
    now: Date.now,
    runner: randomUUID(),
    runNode: (request) => runJobNode(jobs, request),
    missed: "all",
    pollMs: 50,
    clock: () => Math.min(to, from + (Date.now() - started) * speed),
    onEvent: (event) => {
      process.stdout.write(`${JSON.stringify(event)}\n`);
    },
  });
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(1);
});
