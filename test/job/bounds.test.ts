/**
 * boundedFiles and boundedSize: what one run of a job takes of a backlog, the oldest files first, until all is read.
 */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-bounds-"));
  mkdirSync(join(folder, "in"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Nine bytes, written so many seconds after 1970. */
function put(id: number, second: number): void {
  const file = join(folder, "in", `${id}.json`);
  writeFileSync(file, `{"id":${id}}\n`);
  utimesSync(file, second, second);
}

/** What one run reads and, with its commit, remembers. */
async function run(
  engine: "duckdb" | "reference",
  bound: { readonly boundedFiles?: string; readonly boundedSize?: string },
): Promise<unknown[]> {
  await using glue = await GlueContext.open({
    catalog: join(folder, "catalog"),
    engine,
    threads: 1,
    onWarning: () => undefined,
  });
  const job = await Job.init(glue, "etl", { job_bookmark_option: "job-bookmark-enable" });
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, "in"), ...bound },
    format: "json",
    transformationCtx: "src",
  });
  const ids = (await frame.records()).map((r) => r["id"]).sort();
  await job.commit();
  return ids;
}

describe.each(["duckdb", "reference"] as const)("on %s", (engine) => {
  test.each([
    ["boundedFiles", { boundedFiles: "2" }],
    ["boundedSize", { boundedSize: "18" }],
    ["boundedSize that the next file would pass", { boundedSize: "26" }],
  ] as const)("%s", async (_, bound) => {
    for (const [id, second] of [
      [5, 100],
      [4, 200],
      [3, 300],
      [2, 400],
      [1, 500],
    ] as const)
      put(id, second);
    expect([
      await run(engine, bound),
      await run(engine, bound),
      await run(engine, bound),
      await run(engine, bound),
    ]).toEqual([[4, 5], [2, 3], [1], []]);
    put(6, 50); // late, older than all
    expect(await run(engine, bound)).toEqual([6]);
  });
  // else a backlog would never shrink
  test("boundedSize smaller than any file takes one", async () => {
    for (const [id, second] of [
      [2, 100],
      [1, 200],
    ] as const)
      put(id, second);
    expect([await run(engine, { boundedSize: "1" }), await run(engine, { boundedSize: "1" })]).toEqual([[2], [1]]);
  });
});
