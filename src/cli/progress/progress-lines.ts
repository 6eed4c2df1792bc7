import type { Progress } from "../../formats/index.js";
import { byteSize, duration, grouped } from "../print/number.js";
import type { Terminal } from "../terminal.js";
import { PHASE_NAMES, paceOf } from "./pace.js";
import type { ProgressDisplay } from "./progress-display.js";

const EVERY = 2000; // milliseconds between two lines of one phase

/** Plain lines for logs and pipes: one every two seconds, and one at the end of each phase. */
export function progressLines(terminal: Pick<Terminal, "err" | "now">): ProgressDisplay {
  const pace = paceOf(terminal.now);
  const state: { last: Progress | undefined; printed: number } = { last: undefined, printed: terminal.now() };
  const finish = (): void => {
    if (state.last !== undefined && state.last.phase !== "list")
      terminal.err(`${line(state.last, pace(state.last))}\n`);
    state.last = undefined;
  };
  return {
    update(progress) {
      if (state.last !== undefined && state.last.phase !== progress.phase) finish();
      const at = pace(progress);
      state.last = progress;
      if (terminal.now() - state.printed < EVERY) return;
      state.printed = terminal.now();
      terminal.err(`${line(progress, at)}\n`);
    },
    stop: finish,
  };
}

function line(progress: Progress, at: ReturnType<ReturnType<typeof paceOf>>): string {
  const { phase, filesDone, files, bytesDone, bytes } = progress;
  const rate = at.rate > 0 ? `, ${byteSize(at.rate)}/s` : "";
  const left = at.left !== undefined && bytesDone < bytes ? `, ${duration(at.left)} to go` : "";
  return `${PHASE_NAMES[phase]}: ${grouped(filesDone)} of ${grouped(files)} files, ${byteSize(bytesDone)} of ${byteSize(bytes)}${rate}${left}`;
}
