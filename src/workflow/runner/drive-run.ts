/** Drives one workflow run to its end: runs its nodes, tells the state machine of their ends, keeps its lease. */
import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { Catalog } from "../../catalog/index.js";
import { processLives } from "../../storage/lease.js";
import { thisHost } from "../../storage/this-host.js";
import { DynaframeError } from "../../types/error.js";
import { type Action, type NodeId, nodeName, started } from "../model.js";
import { runNodeEnded } from "../run.js";
import { isRunning, type RunLease, type StoredRun } from "../store/stored-run.js";
import { changeRun, getRun, stepped } from "./begin-run.js";
import { inBatches } from "./in-batches.js";

/**
 * Runs one node to its end; gives the state it ended in. Called again for a node that was begun by a runner that died:
 * then it goes on with what is there.
 */
export type NodeRunner = (request: NodeRequest) => Promise<NodeEnd>;
export type NodeRequest = {
  readonly node: NodeId;
  readonly name: string;
  readonly action: Action | undefined;
  readonly trigger: string | undefined;
  /** The run, as it was when the node started. */
  readonly run: StoredRun;
  /** The same however often the node is begun in this run: makes the ids of its runs. */
  readonly key: string;
  /** Told to stop. */
  readonly signal: AbortSignal;
};
export type NodeEnd = {
  readonly state: string;
  /** Of a job. */ readonly runId?: string;
  /** Why it could not be run. */ readonly message?: string;
};

export type DriveServices = {
  readonly catalog: Catalog;
  readonly runNode: NodeRunner;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ends this process's part: what runs is given up, and the next runner goes on with it. */
  readonly signal: AbortSignal;
  /** Unique to the process. */
  readonly runner: string;
};

const LEASE_MS = 30_000;
const BEAT_MS = 10_000;
const POLL_MS = 200;

/**
 * Whether nobody alive drives the run: at once when its process on this machine is gone, else when its lease has run
 * out.
 */
export function isFree({ lease }: StoredRun, now: number): boolean {
  if (lease === undefined || lease.until < now) return true;
  return lease.host === thisHost() && !processLives(lease.pid);
}

/** Takes the run, if nobody has it; undefined when another was quicker or it has ended. */
export async function takeRun(
  { catalog, now, runner }: DriveServices,
  workflow: string,
  id: string,
): Promise<RunLease | undefined> {
  let lease: RunLease | undefined;
  await changeRun(catalog, workflow, id, (run) => {
    lease = undefined;
    if (!isRunning(run) || !isFree(run, now())) return run;
    lease = { runner, host: thisHost(), pid: process.pid, fence: (run.lease?.fence ?? 0) + 1, until: now() + LEASE_MS };
    return { ...run, lease };
  });
  return lease;
}

/** Drives a run that `lease` gives to this process, until it ends, is lost, or `signal` ends the process's part. */
export async function driveRun(
  services: DriveServices,
  workflow: string,
  id: string,
  lease: RunLease,
): Promise<StoredRun> {
  const { catalog, now, signal } = services;
  const stop = new AbortController();
  const lost = new AbortController();
  const running = new Map<NodeId, Promise<void>>();
  const held = (run: StoredRun): StoredRun => {
    if (run.lease?.fence === lease.fence && run.lease.runner === lease.runner) return run;
    lost.abort();
    throw new DynaframeError("RUN_LOST", `Run ${id} of ${workflow} was taken over by another runner.`, {
      name: "ConcurrentModificationException",
      path: id,
      hint: "It goes on there.",
    });
  };
  const change = inBatches<StoredRun>((of) => changeRun(catalog, workflow, id, (run) => of(held(run))));
  const nodeSignal = AbortSignal.any([stop.signal, lost.signal, signal]);
  setMaxListeners(0, nodeSignal, signal); // every node that runs waits on them
  const perform = async (node: NodeId, run: StoredRun): Promise<void> => {
    const trigger = run.triggers.find((each) => {
      const state = nodeState(run, node);
      return state?.kind === "running" && each.Name === state.trigger;
    });
    const action = trigger?.Actions.find((each) => started(each) === node);
    let end: NodeEnd;
    try {
      end = await services.runNode({
        node,
        name: nodeName(node),
        action,
        trigger: trigger?.Name,
        run,
        key: nodeKey(id, node),
        signal: nodeSignal,
      });
    } catch (error) {
      if (signal.aborted || lost.signal.aborted) return;
      end = {
        state: stop.signal.aborted ? "STOPPED" : "ERROR",
        message: error instanceof Error ? error.message : String(error),
      };
    }
    if (signal.aborted || lost.signal.aborted) return;
    await change((each) =>
      withEnd(
        stepped(each, (r) => runNodeEnded(r, node, end.state, now()).run),
        node,
        end,
      ),
    );
  };
  let beaten = now();
  try {
    for (;;) {
      const run = held(await getRun(catalog, workflow, id));
      if (!isRunning(run) || signal.aborted) return run;
      if (run.Status === "STOPPING") stop.abort();
      for (const [node, state] of run.chain.nodes) {
        if (state.kind !== "running" || running.has(node)) continue;
        const work = perform(node, run);
        work.catch(() => undefined); // met when it is waited for
        running.set(node, work);
      }
      if (now() - beaten > BEAT_MS) {
        beaten = now();
        await change((each) => ({ ...each, lease: { ...lease, until: now() + LEASE_MS } }));
      }
      await Promise.race([...pendingOf(running, run), delay(POLL_MS, signal)]);
    }
  } finally {
    await Promise.allSettled(running.values());
    // given back, so that another need not wait until it runs out
    await changeRun(catalog, workflow, id, (run) =>
      isRunning(run) && run.lease?.fence === lease.fence && run.lease.runner === lease.runner
        ? { ...run, lease: { ...run.lease, until: 0 } }
        : run,
    ).catch(() => undefined);
  }
}

const nodeState = (run: StoredRun, node: NodeId) => run.chain.nodes.find(([id]) => id === node)?.[1];

const withEnd = (run: StoredRun, node: NodeId, { runId, message }: NodeEnd): StoredRun => ({
  ...run,
  ...(runId === undefined ? {} : { jobRuns: { ...run.jobRuns, [node]: runId } }),
  ...(message === undefined ? {} : { errors: { ...run.errors, [node]: message } }),
});

/** Ends to wait for: those of nodes that the run still has as running. */
function pendingOf(running: ReadonlyMap<NodeId, Promise<void>>, run: StoredRun): readonly Promise<void>[] {
  return run.chain.nodes.flatMap(([node, state]) => {
    const work = running.get(node);
    return state.kind === "running" && work ? [work] : [];
  });
}

const nodeKey = (id: string, node: NodeId): string =>
  createHash("sha256").update(`${id}\n${node}`).digest("hex").slice(0, 48);

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
