// The benches of jobs, part of run.mjs: node bench/run.mjs --only jobs. CPU time is told too, since a shared machine's
// wall time is not ours alone.
import { alternate, measure } from "./measure.mjs";

const NODES = 200;
const REMEMBERED = 1_000_000;

export const jobBenches = ({ runs, row }) => ({
  jobs: async () => {
    const [start, elsewhere] = await alternate(
      runs,
      () => measure("jobStart", { installed: true }),
      () => measure("jobStart", { installed: false }),
    );
    const { toFirstReadMs, cpuMs } = start.result;
    row("a job's run, spawn to first read", `${toFirstReadMs} ms`, "-", "-", "<= 400 ms", toFirstReadMs <= 400);
    console.log(
      `      ${Math.round(cpuMs)} ms of CPU by then; a script without node_modules of its own ${elsewhere.result.toFirstReadMs} ms, CPU ${Math.round(elsewhere.result.cpuMs)} ms`,
    );
    for (const shape of ["chain", "fan"]) {
      const [run] = await alternate(runs, () => measure("workflow", { nodes: NODES, shape }));
      const each = run.ms / NODES;
      row(
        `workflow of ${NODES} nodes that do nothing (${shape}), each`,
        `${each.toFixed(1)} ms`,
        "-",
        "-",
        "<= 20 ms",
        each <= 20,
      );
      console.log(`      ${(run.cpuMs / NODES).toFixed(1)} ms of CPU`);
    }
    const {
      result: { lookup, begin, commit },
    } = await measure("bookmark", { remembered: REMEMBERED });
    row(
      "bookmark of 1,000,000 files, look-up of 1,000",
      `${lookup.ms.toFixed(1)} ms`,
      "-",
      "-",
      "<= 50 ms",
      lookup.ms <= 50,
    );
    row(
      "the same, commit of 100,000 new files",
      `${Math.round(commit.ms)} ms`,
      "-",
      "-",
      "<= 2000 ms",
      commit.ms <= 2000,
    );
    console.log(
      `      CPU: look-up ${lookup.cpuMs.toFixed(1)} ms, commit ${Math.round(commit.cpuMs)} ms; begin of a run ${begin.ms.toFixed(1)} ms`,
    );
  },
});
