import cliProgress from "cli-progress";
import type { Progress } from "../../formats/index.js";
import { byteSize, duration, grouped } from "../print/number.js";
import type { Terminal } from "../terminal.js";
import { PHASE_NAMES, paceOf } from "./pace.js";
import type { ProgressDisplay } from "./progress-display.js";

/** One bar on the terminal's error stream, wiped when the work ends. */
export function progressBar(terminal: Terminal): ProgressDisplay {
  const pace = paceOf(terminal.now);
  const bar = new cliProgress.SingleBar({
    format: "{phase} [{bar}] {percentage}% | {files} | {size} | {rate} | {eta_text}",
    stream: process.stderr,
    fps: 8,
    hideCursor: true,
    clearOnComplete: true,
    barCompleteChar: "=",
    barIncompleteChar: " ",
    barsize: 24,
    gracefulExit: false,
  });
  const state = { started: false };
  return {
    update(progress) {
      const payload = words(progress, pace(progress));
      const total = Math.max(progress.bytes, 1);
      if (!state.started) bar.start(total, progress.bytesDone, payload);
      else {
        bar.setTotal(total);
        bar.update(progress.bytesDone, payload);
      }
      state.started = true;
    },
    stop: () => {
      if (state.started) bar.stop();
    },
  };
}

function words(progress: Progress, at: ReturnType<ReturnType<typeof paceOf>>): Record<string, string> {
  const { phase, filesDone, files, bytesDone, bytes } = progress;
  return {
    phase: PHASE_NAMES[phase],
    files: `${grouped(filesDone)}/${grouped(files)} files`,
    size: `${byteSize(bytesDone)} of ${byteSize(bytes)}`,
    rate: `${byteSize(at.rate)}/s`,
    eta_text: at.left === undefined ? "ETA –" : `ETA ${duration(at.left)}`,
  };
}
