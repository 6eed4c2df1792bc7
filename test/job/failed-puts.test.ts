/**
 * Puts of a commit that fail, or that happen without being acknowledged: the commit stands, and the next run finishes
 * it once.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";
import type { Storage } from "../../src/storage/index.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "job-puts-"));
  mkdirSync(join(root, "in"));
  for (const id of [1, 2, 3])
    writeFileSync(join(root, "in", `${id}.json`), `${JSON.stringify({ id, day: `d${id}` })}\n`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const outputs = (): number =>
  readdirSync(root).includes("out")
    ? (readdirSync(join(root, "out"), { recursive: true }) as string[]).filter((name) =>
        statSync(join(root, "out", name)).isFile(),
      ).length
    : 0;

/** One put, counted from 1, fails before it does anything, or after it has done all. */
function failing(storage: Storage, at: number, when: "failed" | "unacknowledged"): Storage {
  let puts = 0;
  return Object.assign(Object.create(Object.getPrototypeOf(storage) as object) as Storage, storage, {
    publish: async (...args: Parameters<Storage["publish"]>) => {
      puts += 1;
      if (puts === at && when === "failed") throw new Error("503 Slow Down");
      const ref = await storage.publish(...args);
      if (puts === at) throw new Error("socket hang up");
      return ref;
    },
  });
}

test.each([1, 2, 3].flatMap((at) => (["failed", "unacknowledged"] as const).map((when) => [at, when] as const)))(
  "put %i %s",
  async (at, when) => {
    await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
    const { catalog, storage } = glue;
    const context = {
      catalog,
      storage: failing(storage, at, when),
      enterRun: glue.enterRun.bind(glue),
      leaveRun: glue.leaveRun.bind(glue),
    };
    const run = async (with_: typeof context | GlueContext) => {
      const job = await Job.init(with_, "etl", { job_bookmark_option: "job-bookmark-enable" });
      const frame = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(root, "in") },
        format: "json",
        transformationCtx: "src",
      });
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(root, "out"), partitionKeys: ["day"] },
        format: "json",
      });
      return job.commit();
    };
    if (when === "unacknowledged")
      expect((await run(context)).written).toBe(3); // what is there was put
    else {
      await expect(run(context)).rejects.toMatchObject({ code: "PUBLISH_FAILED" });
      expect(outputs()).toBe(at - 1);
      expect(await catalog.jobState!.openPublications()).toHaveLength(1);
    }
    expect((await run(glue)).read).toBe(0); // the commit before was finished, and its inputs are known
    expect(outputs()).toBe(3);
    const out = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(root, "out") },
      format: "json",
    });
    expect((await out.records()).map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(await catalog.jobState!.openPublications()).toEqual([]);
  },
);
