/** Begins the runs that schedules are due for: each time of a schedule once, whoever of many runners comes first. */
import { createHash } from "node:crypto";
import { allDefinitions } from "../../catalog/definitions/definition.js";
import type { Catalog, Entity } from "../../catalog/index.js";
import { DynaframeError } from "../../types/error.js";
import { parseSchedule } from "../schedule.js";
import { scheduleRef, type ScheduleState, type TriggerRecord } from "../store/workflow-store.js";
import { beginChain, beginRun } from "./begin-run.js";

/** What becomes of times that passed while no runner was there: `all` run, the `latest` runs, or they are `skip`ped. */
export type MissedPolicy = "all" | "latest" | "skip";

/** A time is missed when no runner came within this of it. */
const GRACE_MS = 60_000;
/** Times begun in one look, so that a long absence does not hold up everything else. */
const MOST_AT_ONCE = 100;

/** The times to run now, and the time up to which the schedule is settled. Pure. */
export function dueTimes(
  next: (after: number) => number | undefined,
  last: number,
  now: number,
  policy: MissedPolicy,
): { readonly run: readonly number[]; readonly settled: number } {
  const due: number[] = [];
  let newest: number | undefined;
  for (let time = next(last); time !== undefined && time <= now; time = next(time)) {
    newest = time;
    if (policy === "all") due.push(time);
    if (due.length >= MOST_AT_ONCE) break;
  }
  if (newest === undefined) return { run: [], settled: last };
  if (policy === "all") return { run: due, settled: newest };
  return { run: policy === "latest" || now - newest <= GRACE_MS ? [newest] : [], settled: newest };
}

/** Returns the runs begun. A workflow that runs as often at once as it may is tried again at the next look. */
export async function fireSchedules(catalog: Catalog, now: number, policy: MissedPolicy): Promise<readonly string[]> {
  const begun: string[] = [];
  for (const trigger of await allDefinitions<TriggerRecord>(catalog, { kind: "trigger" })) {
    const { settings, state } = trigger.doc;
    if (settings.Type === "SCHEDULED" && state === "ACTIVATED" && settings.Schedule !== undefined)
      begun.push(...(await fireOne(catalog, trigger, settings.Schedule, now, policy)));
  }
  return begun;
}

async function fireOne(
  catalog: Catalog,
  trigger: Entity<TriggerRecord>,
  schedule: string,
  now: number,
  policy: MissedPolicy,
): Promise<readonly string[]> {
  const ref = scheduleRef(trigger.name);
  // one that was made without it, over the server, counts from its last change on
  const before = (await catalog.getEntity(ref)) as Entity<ScheduleState> | undefined;
  let version = before?.version ?? 0;
  const { run, settled } = dueTimes(
    parseSchedule(schedule).next,
    before?.doc.last ?? trigger.updated * 1000,
    now,
    policy,
  );
  const begun: string[] = [];
  try {
    for (const time of run) {
      const id = `wr_${createHash("sha256").update(`${trigger.name}\n${time}`).digest("hex")}`;
      const beginning = {
        id,
        at: now,
        also: [{ ref, doc: { last: time } satisfies ScheduleState, ifVersion: version }],
      };
      const { WorkflowName } = trigger.doc.settings;
      if (WorkflowName === undefined) await beginChain(catalog, trigger.name, beginning);
      else await beginRun(catalog, WorkflowName, beginning);
      version += 1;
      begun.push(id);
    }
    if (run.length === 0 && settled > (before?.doc.last ?? 0))
      await catalog.changeEntities([{ ref, doc: { last: settled } satisfies ScheduleState, ifVersion: version }]);
  } catch (error) {
    // another runner was quicker, or there is no room now: the next look sees to it
    if (!(error instanceof DynaframeError && ["CONCURRENT_MODIFICATION", "TOO_MANY_RUNS"].includes(error.code)))
      throw error;
  }
  return begun;
}
