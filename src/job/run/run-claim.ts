/**
 * Who runs a run. A claim is a document of the catalog with a token: whoever holds the present token runs it, and only
 * a commit under the present token counts, so that a process that was given up for dead can do no harm when it wakes.
 */
import type { Catalog, EntityChange, EntityStore } from "../../catalog/index.js";
import { processLives } from "../../storage/lease.js";
import { thisHost } from "../../storage/this-host.js";
import { DynaframeError } from "../../types/error.js";
import type { RunMetrics } from "./run-record.js";

/** `metrics`: of the commits made under a token of this run; there is one once the run's work is in place. */
export type RunClaim = { readonly token: string; readonly metrics?: RunMetrics };
/** The process that runs it; beats are seconds since the epoch. */
type RunHolder = { readonly host: string; readonly pid: number; readonly beat: number };

/** A holder beats this often; one that has not for `STALE_S` is dead, wherever it is. */
const BEAT_MS = 5_000;
const STALE_S = 60;

export const claimRef = (job: string, id: string) => ({ kind: "job-claim", scope: job, name: id });
const holderRef = (job: string, id: string) => ({ kind: "job-holder", scope: job, name: id });
const holder = (now: number): RunHolder => ({ host: thisHost(), pid: process.pid, beat: now });

export async function claimOf(
  store: EntityStore,
  job: string,
  id: string,
): Promise<{ readonly version: number; readonly doc: RunClaim } | undefined> {
  return (await store.getEntity(claimRef(job, id))) as { readonly version: number; readonly doc: RunClaim } | undefined;
}

/**
 * The changes that give a run to this process; `version` is that of the claim before, 0 for none. Metrics of a commit
 * made before stay.
 */
export const claimChanges = (
  job: string,
  id: string,
  token: string,
  now: number,
  before?: { readonly version: number; readonly doc: RunClaim },
): readonly EntityChange[] => [
  { ref: claimRef(job, id), doc: { ...before?.doc, token }, ifVersion: before?.version ?? 0 },
  { ref: holderRef(job, id), doc: holder(now) },
];
/** Those that end a claim with its run. */
export const releaseChanges = (job: string, id: string): readonly EntityChange[] => [
  { ref: claimRef(job, id) },
  { ref: holderRef(job, id) },
];

/** Whether a living process holds the run. */
export async function isHeld(store: EntityStore, job: string, id: string, now: number): Promise<boolean> {
  const held = (await store.getEntity(holderRef(job, id)))?.doc as RunHolder | undefined;
  if (held === undefined || now - held.beat > STALE_S) return false;
  return held.host !== thisHost() || processLives(held.pid);
}

/** Beats until it is stopped. */
export function beatRun(catalog: Catalog, job: string, id: string, now: () => number): { stop(): void } {
  const timer = setInterval(() => {
    void catalog.changeEntities([{ ref: holderRef(job, id), doc: holder(now()) }]).catch(() => undefined);
  }, BEAT_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

/**
 * What a commit adds to its transaction: its figures in the claim, provided that the run still belongs to `token`.
 * Nothing when the run is no run of the catalog's (a script started by hand).
 * @throws RUN_LOST when another process has the run.
 */
export async function commitUnderClaim(
  store: EntityStore,
  job: string,
  id: string,
  token: string | undefined,
  metrics: RunMetrics,
): Promise<readonly EntityChange[]> {
  if (token === undefined) return [];
  const claim = await claimOf(store, job, id);
  if (claim?.doc.token !== token) throw runLost(id);
  return [
    {
      ref: claimRef(job, id),
      doc: { ...claim.doc, metrics: added(claim.doc.metrics, metrics) },
      ifVersion: claim.version,
    },
  ];
}

function added(a: RunMetrics | undefined, b: RunMetrics): RunMetrics {
  if (a === undefined) return b;
  return Object.fromEntries(
    Object.entries(b).map(([name, value]) => [name, value + a[name as keyof RunMetrics]]),
  ) as RunMetrics;
}

const runLost = (id: string): DynaframeError =>
  new DynaframeError(
    "RUN_LOST",
    `Run ${id} was taken over by another process, or has ended; nothing of this one counts.`,
    { name: "ConcurrentModificationException", path: id, hint: "The run goes on elsewhere: see `dynaframe job runs`." },
  );
