/**
 * Runs of one job, one after the other, until something kills the process: `node random-kills-run.cjs FOLDER SEED`. By its seed some of its runs
 * kill themselves at one of the calls that a commit makes; the others wait for a killer outside. Each run that begins adds a byte to `runs`.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { JobStateStore } from "../../src/catalog/index.js";
import { GlueContext, Job } from "../../src/index.js";
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

function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        step();
        const result: unknown = await (member as (...a: unknown[]) => unknown).apply(object, args);
        step();
        return result;
      };
    },
  });
}

async function main(): Promise<void> {
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 1, onWarning: () => undefined });
  const store = watched<JobStateStore>({ ...glue.catalog.jobState! });
  const catalog = new Proxy(glue.catalog, { get: (target, name) => { const member: unknown = name === "jobState" ? store : Reflect.get(target, name, target); return typeof member === "function" ? member.bind(target) as unknown : member; } });
  const storage = Object.assign(Object.create(Object.getPrototypeOf(glue.storage) as object) as typeof glue.storage, glue.storage, {
    publish: async (...args: Parameters<typeof glue.storage.publish>) => {
      step();
      const ref = await glue.storage.publish(...args);
      step();
      return ref;
    },
  });
  const context = { catalog, storage, enterRun: glue.enterRun.bind(glue), leaveRun: glue.leaveRun.bind(glue) };
  for (;;) {
    callsLeft = random() < 0.4 ? Infinity : Math.floor(random() * MOST_CALLS);
    appendFileSync(join(folder, "runs"), "x");
    const job = await Job.init(context, "etl", { job_bookmark_option: "job-bookmark-enable" });
    const frame = glue.createDynamicFrame.fromOptions({
      connectionType: "file", connectionOptions: { path: join(folder, "in"), boundedFiles: String(1 + Math.floor(random() * 3)) }, format: "json", transformationCtx: "src",
    });
    await glue.writeDynamicFrame.fromOptions({
      frame, connectionType: "file", format: "json",
      connectionOptions: { path: join(folder, "out"), partitionKeys: ["day"], enableUpdateCatalog: true, catalogDatabase: "db", catalogTableName: "t" },
    });
    await job.commit();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? error.stack ?? error.message : String(error));
  process.exit(1);
});
