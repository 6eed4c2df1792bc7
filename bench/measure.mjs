// Runs one piece of work in a process of its own and tells wall time, CPU time and peak memory.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const WORK = fileURLToPath(new URL("work.mjs", import.meta.url));

/**
 * One run: `{ ms, cpuMs, peakMB, result }`. Start-up of node is not in `ms`; loading dynaframe or DuckDB is not either.
 */
export function measure(task, args = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WORK, task, JSON.stringify(args)], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${task} ended with ${code}`)),
    );
  });
}

/** The run of median wall time, runs of both sides taken in turns so that both see the same machine. */
export async function alternate(runs, ...sides) {
  const results = sides.map(() => []);
  for (let i = 0; i < runs; i++) for (const [n, side] of sides.entries()) results[n].push(await side());
  return results.map((list) => list.sort((a, b) => a.ms - b.ms)[Math.floor(list.length / 2)]);
}
