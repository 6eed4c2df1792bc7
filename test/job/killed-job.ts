/** What the jobs that get killed have in common: whom they call, seen from outside, and how they read and write. */
import { join } from "node:path";
import type { Catalog, JobStateStore } from "../../src/catalog/index.js";
import { type GlueContext, Job, type DynamicFrame } from "../../src/index.js";
import type { JobContext } from "../../src/job/job.js";

export type Watch = { readonly before?: (call: string) => void; readonly after?: (call: string) => void };

/** The object with a look before and after each call. */
function watched<T extends object>(target: T, { before, after }: Watch): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        before?.(String(name));
        const result: unknown = await (member as (...a: unknown[]) => unknown).apply(object, args);
        after?.(String(name));
        return result;
      };
    },
  });
}

/** A context whose job store, and whose storage's `publish`, are watched; `catalog`: its other calls too. */
export function watchedContext(
  glue: GlueContext,
  watch: Watch,
  { catalog: ofCatalog = {} }: { readonly catalog?: Watch } = {},
): JobContext {
  const store = watched<JobStateStore>({ ...glue.catalog.jobState! }, watch);
  const plain = watched<Catalog>(glue.catalog, ofCatalog);
  const catalog = new Proxy(plain, {
    get: (target, name) => (name === "jobState" ? store : (Reflect.get(target, name) as unknown)),
  });
  const storage = Object.assign(
    Object.create(Object.getPrototypeOf(glue.storage) as object) as typeof glue.storage,
    glue.storage,
    {
      publish: async (...args: Parameters<typeof glue.storage.publish>) => {
        watch.before?.("publish");
        const ref = await glue.storage.publish(...args);
        watch.after?.("publish");
        return ref;
      },
    },
  );
  return {
    catalog,
    storage,
    enterRun: (scope, abandon) => {
      glue.enterRun(scope, abandon);
    },
    leaveRun: () => {
      glue.leaveRun();
    },
  };
}

export const beginEtl = (context: JobContext): Promise<Job> =>
  Job.init(context, "etl", { job_bookmark_option: "job-bookmark-enable" });

export const etlSource = (glue: GlueContext, folder: string, more: object = {}): DynamicFrame =>
  glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, "in"), ...more },
    format: "json",
    transformationCtx: "src",
  });

/** Into a folder by day, and the table of it. */
export const writeTable = (glue: GlueContext, folder: string, frame: DynamicFrame): Promise<unknown> =>
  glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    format: "json",
    connectionOptions: {
      path: join(folder, "out"),
      partitionKeys: ["day"],
      enableUpdateCatalog: true,
      catalogDatabase: "db",
      catalogTableName: "t",
    },
  });

/** Runs a program that something kills; what it dies of itself is told. */
export function runUntilKilled(main: () => Promise<unknown>): void {
  main().catch((error: unknown) => {
    process.stderr.write(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  });
}
