/**
 * A job that kills itself at a step: `node killed-run.cjs FOLDER STEP`. The steps are seen from outside, by wrapping
 * what the run calls.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { beginEtl, etlSource, runUntilKilled, watchedContext, writeTable } from "./killed-job.js";
import { noteSyncs } from "./lost-writes.js";

const [folder = "", step = ""] = process.argv.slice(2);
let synced: ReadonlySet<number> = new Set();
const die = (at: string): void => {
  if (at !== step) return;
  writeFileSync(join(folder, "synced.json"), JSON.stringify([...synced]));
  process.kill(process.pid, "SIGKILL");
};

runUntilKilled(async () => {
  synced = await noteSyncs();
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
  if (!(await glue.catalog.getDatabases()).items.some(({ Name }) => Name === "db"))
    await glue.catalog.createDatabase({ Name: "db" });
  const job = await beginEtl(
    watchedContext(glue, {
      before: (call) => {
        die(`before ${call}`);
      },
      after: (call) => {
        die(`after ${call}`);
      },
    }),
  );
  const frame = etlSource(glue, folder);
  die("before write");
  await writeTable(glue, folder, frame);
  die("after write");
  await job.commit();
  throw new Error(`the step ${step} was not met`);
});
