import { Worker } from "node:worker_threads";
import { scanWorkerSource } from "../../src/shapes/generated/scan-worker-source.js";
import { workerSource } from "../../src/shapes/generated/worker-source.js";
import { createKeptThreads, type KeptThreads } from "../../src/shapes/kept-threads.js";
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
  const codes = (await settled).map((result) =>
    result.status === "rejected" ? (result.reason as { code: string }).code : "done",
  );
  expect(codes.slice(1)).toEqual(["WORKER_FAILED", "WORKER_FAILED"]);
});

describe("kept threads", () => {
  const task = { runs: [], shifts: [] };
  const waitsFor = async (thread: Worker): Promise<void> => {
    await new Promise((resolve) => thread.once("exit", resolve));
  };

  test("the thread of a pool that is closed at rest is used by the next one with the same source", async () => {
    const kept = createKeptThreads();
    const given: Worker[] = [];
    const watched: KeptThreads = {
      ...kept,
      give: (source, thread) => {
        given.push(thread);
        kept.give(source, thread);
      },
    };
    for (let scan = 0; scan < 3; scan++) {
      const pool = createWorkerPool(workerSource, 1, undefined, watched);
      await pool.run("renumber", task);
      await pool.close();
    }
    expect(given).toHaveLength(3);
    expect(new Set(given.map(({ threadId }) => threadId)).size).toBe(1);
    expect(given[0]?.listenerCount("message")).toBe(0);
    expect(kept.take(scanWorkerSource)).toBeUndefined();
    await kept.close();
    expect(given[0]?.threadId).toBe(-1);
  });

  test("a thread that is at work when its pool is closed ends, and its task is refused", async () => {
    const kept = createKeptThreads();
    const pool = createWorkerPool(workerSource, 1, undefined, kept);
    const running = pool.run("renumber", task).catch((error: unknown) => error);
    await pool.close();
    expect(await running).toMatchObject({ code: "WORKER_FAILED" });
    expect(kept.take(workerSource)).toBeUndefined();
  });

  test("a thread ends when nobody takes it for long, when it dies, and when it comes after the end", async () => {
    const thread = (): Worker => new Worker("setInterval(() => {}, 1000)", { eval: true });
    const kept = createKeptThreads(20);
    const [late, dead, after] = [thread(), thread(), thread()];
    kept.give("late", late);
    await waitsFor(late);
    expect(kept.take("late")).toBeUndefined();
    const long = createKeptThreads();
    long.give("dead", dead);
    await dead.terminate();
    expect(long.take("dead")).toBeUndefined();
    await long.close();
    long.give("after", after);
    await waitsFor(after);
  });
});
