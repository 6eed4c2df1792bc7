import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConformanceCase } from "../../conformance/case.js";
import { WorkerProcess } from "../../conformance/worker.js";

/** A worker that behaves as the id of the case says. */
const SCRIPT = `
process.on("message", ({ testCase: { id } }) => {
  if (id === "hang") for (;;);
  if (id === "crash") { process.stderr.write("it broke\\n"); process.exit(3); }
  if (id === "abort") process.abort();
  process.send({ status: "PASS" });
});
process.on("disconnect", () => process.exit(0));
`;

let folder: string;
let worker: WorkerProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-worker-"));
  await writeFile(join(folder, "worker.mjs"), SCRIPT);
  worker = new WorkerProcess(join(folder, "worker.mjs"), 3000);
});
afterEach(async () => {
  worker.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (id: string) => worker.run({ testCase: { id } as ConformanceCase, engine: "duckdb" });

it("goes on after a case that hangs, exits or aborts", async () => {
  expect(await run("good")).toEqual({ status: "PASS" });
  expect(await run("hang")).toEqual({ status: "FAIL", reason: "took more than 3 s" });
  expect(await run("good")).toEqual({ status: "PASS" });
  expect(await run("crash")).toEqual({ status: "FAIL", reason: "the process ended with status 3: it broke" });
  expect(await run("good")).toEqual({ status: "PASS" });
  expect((await run("abort")).status).toBe("FAIL");
  expect(await run("good")).toEqual({ status: "PASS" });
}, 30_000);
