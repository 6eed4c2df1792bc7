import type { Progress } from "../../formats/index.js";

/** Bytes per second since the phase began, and the milliseconds still to go at that pace. */
export type Pace = { readonly elapsed: number; readonly rate: number; readonly left: number | undefined };

/** Follows one phase after another; each starts its own clock. */
export function paceOf(now: () => number): (progress: Progress) => Pace {
  const current = { phase: "", started: 0, startBytes: 0 };
  return ({ phase, bytesDone, bytes }) => {
    if (phase !== current.phase)
      Object.assign(current, { phase, started: now(), startBytes: bytesDone < bytes ? bytesDone : 0 });
    const elapsed = now() - current.started;
    const rate = elapsed > 0 ? ((bytesDone - current.startBytes) / elapsed) * 1000 : 0;
    return { elapsed, rate, left: rate > 0 && bytes >= bytesDone ? ((bytes - bytesDone) / rate) * 1000 : undefined };
  };
}

export const PHASE_NAMES: Readonly<Record<Progress["phase"], string>> = {
  list: "listing",
  scan: "scanning",
  stage: "reading",
  write: "writing",
  query: "computing",
};
