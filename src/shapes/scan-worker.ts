/**
 * The entry of a thread that only scans: without the shredder its source is a third, and it is at work some
 * milliseconds sooner. Bundled as `worker.ts` is.
 */
import { createTaskScanner, scanTasks } from "./scan-task.js";
import { sendParts } from "./sent-parts.js";
import { serveTasks } from "./worker-thread.js";

const scanner = createTaskScanner();
serveTasks(
  { scan: async ({ tasks }, onRead) => sendParts(await scanTasks(scanner, tasks, { onRead, unpack: "whole" })) },
  (soon) => {
    scanner.expect(soon);
  },
);
