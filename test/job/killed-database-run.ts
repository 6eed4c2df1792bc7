/** A job into a database and a folder that kills itself at a step: `node killed-database-run.cjs FOLDER STEP`, the database as JSON in DATABASE. */
import { join } from "node:path";
import type { Catalog, JobStateStore } from "../../src/catalog/index.js";
import { GlueContext, Job, type DatabaseConnectionOptions, type DatabaseConnectionType } from "../../src/index.js";

const [folder = "", step = ""] = process.argv.slice(2);
const die = (at: string): void => { if (at === step) process.kill(process.pid, "SIGKILL"); };

/** The object with a step before and after each call, named by the call. */
function watched<T extends object>(target: T): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        die(`before ${String(name)}`);
        const result: unknown = await (member as (...a: unknown[]) => unknown).apply(object, args);
        die(`after ${String(name)}`);
        return result;
      };
    },
  });
}

async function main(): Promise<void> {
  const { kind, options } = JSON.parse(process.env["DATABASE"] ?? "{}") as { kind: DatabaseConnectionType; options: DatabaseConnectionOptions };
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
  const store = watched<JobStateStore>({ ...glue.catalog.jobState! });
  const plain = watched<Catalog>(glue.catalog);
  const catalog = new Proxy(plain, { get: (target, name) => (name === "jobState" ? store : Reflect.get(target, name) as unknown) });
  const job = await Job.init({ catalog, storage: glue.storage, enterRun: (scope, abandon) => glue.enterRun(scope, abandon), leaveRun: () => glue.leaveRun() }, "etl", { job_bookmark_option: "job-bookmark-enable" });
  const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "in") }, format: "json", transformationCtx: "src" });
  await glue.writeDynamicFrame.fromOptions({ frame, connectionType: kind, connectionOptions: { ...options, dbtable: "killed" } });
  die("written");
  await glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path: join(folder, "out") }, format: "json" });
  await job.commit();
  throw new Error(`the step ${step} was not met`);
}

main().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exit(1);
});
