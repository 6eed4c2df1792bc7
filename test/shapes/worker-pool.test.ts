import { workerSource } from "../../src/shapes/generated/worker-source.js";
import { createWorkerPool } from "../../src/shapes/worker-pool.js";

test("a task given to a closed pool is refused, and does not wait for ever", async () => {
  const pool = createWorkerPool(workerSource, 2);
  await pool.close();
  await expect(pool.run("renumber", { runs: [], shifts: [] })).rejects.toMatchObject({ code: "WORKER_FAILED" });
});

test("what waits when the pool is closed is refused", async () => {
  const pool = createWorkerPool(workerSource, 1);
  const waiting = [1, 2, 3].map(() => pool.run("renumber", { runs: [], shifts: [] }));
  const settled = Promise.allSettled(waiting);
  await pool.close();
  const codes = (await settled).map((result) => (result.status === "rejected" ? (result.reason as { code: string }).code : "done"));
  expect(codes.slice(1)).toEqual(["WORKER_FAILED", "WORKER_FAILED"]);
});
