/** A job that kills itself at a step: `node killed-run.cjs FOLDER STEP`. The steps are seen from outside, by wrapping what the run calls. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobStateStore } from "../../src/catalog/index.js";
import { GlueContext, Job } from "../../src/index.js";
import { noteSyncs } from "./lost-writes.js";

const [folder = "", step = ""] = process.argv.slice(2);
let synced: ReadonlySet<number> = new Set();
const die = (at: string): void => {
  if (at !== step) return;
  writeFileSync(join(folder, "synced.json"), JSON.stringify([...synced]));
  process.kill(process.pid, "SIGKILL");
};

/** The object with some calls preceded or followed by a step. */
function watched<T extends object>(target: T, before: { readonly [name: string]: string }, after: { readonly [name: string]: string }): T {
  return new Proxy(target, {
    get(object, name, receiver) {
      const member: unknown = Reflect.get(object, name, receiver);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        die(before[String(name)] ?? "");
        const result: unknown = await (member as (...a: unknown[]) => unknown).apply(object, args);
        die(after[String(name)] ?? "");
        return result;
      };
    },
  });
}

async function main(): Promise<void> {
  synced = await noteSyncs();
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
  if (!(await glue.catalog.getDatabases()).items.some(({ Name }) => Name === "db")) await glue.catalog.createDatabase({ Name: "db" });
  const store = watched<JobStateStore>({ ...glue.catalog.jobState! }, { commitRun: "before-commit", publicationDone: "before-done" }, { commitRun: "after-commit", publicationDone: "after-done" });
  const catalog = new Proxy(glue.catalog, { get: (target, name) => (name === "jobState" ? store : Reflect.get(target, name, target)) });
  const storage = Object.assign(Object.create(Object.getPrototypeOf(glue.storage) as object) as typeof glue.storage, glue.storage, {
    publish: async (...args: Parameters<typeof glue.storage.publish>) => {
      const ref = await glue.storage.publish(...args);
      die("after-first-file");
      return ref;
    },
  });
  const job = await Job.init({ catalog, storage, enterRun: (scope, abandon) => glue.enterRun(scope, abandon), leaveRun: () => glue.leaveRun() }, "etl", { job_bookmark_option: "job-bookmark-enable" });
  const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "in") }, format: "json", transformationCtx: "src" });
  die("before-write");
  await glue.writeDynamicFrame.fromOptions({
    frame, connectionType: "file", format: "json",
    connectionOptions: { path: join(folder, "out"), partitionKeys: ["day"], enableUpdateCatalog: true, catalogDatabase: "db", catalogTableName: "t" },
  });
  die("after-write");
  await job.commit();
  throw new Error(`the step ${step} was not met`);
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(1);
});
