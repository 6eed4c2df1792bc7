/**
 * The entry of a process on another machine, as `worker.ts` is that of a thread. `scripts/build-wasm.mjs` bundles it
 * into `generated/executor-source.ts`. Started as `node <this> <job>`: takes numbers of the job's inputs as lines,
 * gives a line for each.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { readJob, replyLine, type ClusterJob } from "./cluster-job.js";
import { createTaskScanner, scanTasks } from "./scan-task.js";
import { sendParts, sentError } from "./sent-parts.js";
import { runShredAttempt } from "./shred/shred-elsewhere.js";

const scanner = createTaskScanner();
const hooks = { onRead: () => undefined, unpack: "whole" as const };

function runInput(job: ClusterJob, input: number): Promise<unknown> {
  switch (job.kind) {
    case "scan":
      return scanTasks(scanner, job.inputs[input]?.tasks ?? [], hooks).then(sendParts);
    case "shred": {
      const work = job.inputs[input];
      if (work === undefined) throw new Error(`the job has no input ${input}`);
      return runShredAttempt(work, hooks);
    }
  }
}

async function main(path: string): Promise<void> {
  const job = readJob(readFileSync(path));
  for await (const line of createInterface({ input: process.stdin })) {
    const input = Number(line);
    const reply = await Promise.resolve()
      .then(() => runInput(job, input))
      .then(
        (output) => ({ kind: "done" as const, output }),
        (error: unknown) => ({ kind: "failed" as const, error: sentError(error) }),
      );
    process.stdout.write(`${replyLine(input, reply)}\n`);
  }
}

void main(process.argv[2] ?? "");
