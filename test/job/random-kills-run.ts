/**
 * Runs of one job, one after the other, until something kills the process: `node random-kills-run.cjs FOLDER SEED`. It
 * is warm when it says so, and begins when it is told to, so that the next process gets warm while one runs. By its
 * seed some of its runs kill themselves at one of the calls that a commit makes; the others wait for a killer outside.
 * Each run that begins adds a byte to `runs`.
 */
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { beginEtl, etlSource, runUntilKilled, watchedContext, writeTable } from "./killed-job.js";
import { randomNumbers } from "./random-numbers.js";

const [folder = "", seed = "0"] = process.argv.slice(2);
const random = randomNumbers(Number(seed));
/** A run makes some twenty calls that are watched, each with a step before and after it. */
const MOST_CALLS = 30;

let callsLeft = Infinity;
function step(): void {
  callsLeft -= 1;
  if (callsLeft < 0) process.kill(process.pid, "SIGKILL");
}

runUntilKilled(async () => {
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1, onWarning: () => undefined });
  const context = watchedContext(glue, { before: step, after: step });
  await glue.createDynamicFrame
    .fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "warm.json") }, format: "json" })
    .records();
  process.stdout.write("warm\n");
  await once(process.stdin, "data");
  for (;;) {
    callsLeft = random() < 0.7 ? Infinity : Math.floor(random() * MOST_CALLS);
    appendFileSync(join(folder, "runs"), "x");
    const job = await beginEtl(context);
    await writeTable(glue, folder, etlSource(glue, folder, { boundedFiles: String(1 + Math.floor(random() * 3)) }));
    await job.commit();
  }
});
