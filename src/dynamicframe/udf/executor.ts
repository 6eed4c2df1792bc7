/**
 * The entry of a process that runs a function over rows; `scripts/build-wasm.mjs` bundles it into
 * `generated/executor-source.ts`. Started as `node <this> <job>` with rows as lines (`src/engine/wire-rows.ts`), it
 * gives one line back. The function runs in a thread of its own: whatever it does, this one sees it, answers, and reads
 * the rest of the rows, as those who send them expect.
 */
import { readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { wireReader } from "../../engine/wire-rows.js";
import { sentError } from "../../shapes/sent-parts.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { typeFromJson } from "../../types/json.js";
import { batchOfRows, type RecordBatch } from "../../types/record-batch.js";
import { runUdf } from "./run-udf.js";
import { readUdfJob, replyLine, type UdfOutcome, type UdfReply } from "./udf-job.js";

/** Text of rows that the thread gets at once, and how many of such it may have. */
const CHUNK = 128 << 10;
const AHEAD = 3;
const NEWLINE = 10;

type ToThread = { readonly kind: "rows"; readonly text: Uint8Array } | { readonly kind: "end" };
type FromThread = { readonly kind: "taken" } | { readonly kind: "reply"; readonly line: string };

function supervise(script: string, bytes: Uint8Array): void {
  const job = readUdfJob(bytes);
  // what the function prints goes to the log: standard output is for the answer
  const worker = new Worker(script, { workerData: bytes, stdout: true });
  worker.stdout.pipe(process.stderr);
  let waiting = 0;
  let answered = false;
  let watch: NodeJS.Timeout | undefined;
  let held: Buffer[] = [];
  let size = 0;
  const answer = (line: string): void => {
    if (answered) return;
    answered = true;
    clearTimeout(watch);
    process.stdout.write(`${line}\n`);
    void worker.terminate();
    process.stdin.resume();
  };
  const fail = (code: string, message: string, hint: string): void => {
    answer(
      replyLine(job.token, { kind: "failed", error: { code, message: `${job.name}: ${message}`, details: { hint } } }),
    );
  };
  const look = (): void => {
    clearTimeout(watch);
    if (!answered)
      watch = setTimeout(() => {
        fail(
          "FUNCTION_TIMED_OUT",
          `the function took more than ${job.batchTimeout} ms for one batch of records`,
          "Does it loop for ever, or wait for what never comes? batchTimeout of defineUdf sets the limit.",
        );
      }, job.batchTimeout);
  };
  const send = (message: ToThread): void => {
    if (waiting === 0) look();
    waiting++;
    worker.postMessage(message);
  };
  const flush = (upTo: number): void => {
    const all = Buffer.concat(held);
    const text = all.subarray(0, upTo);
    held = [all.subarray(upTo)];
    size = all.length - upTo;
    if (text.length > 0) send({ kind: "rows", text });
  };
  worker.on("message", (message: FromThread) => {
    if (message.kind === "reply") return answer(message.line);
    waiting--;
    if (waiting > 0) look();
    else clearTimeout(watch);
    if (waiting < AHEAD) process.stdin.resume();
  });
  worker.on("error", (error) => {
    fail(
      "FUNCTION_FAILED",
      `the function failed outside of a call: ${error instanceof Error ? error.message : String(error)}`,
      "An exception in a timer or a callback belongs to no record; or it took more memory than there is.",
    );
  });
  worker.on("exit", (code) => {
    fail(
      "FUNCTION_EXITED",
      `the function ended its process (exit code ${code})`,
      "A function must not call process.exit.",
    );
  });
  process.stdin.on("data", (data: Buffer) => {
    if (answered) return;
    held.push(data);
    size += data.length;
    const end = size < CHUNK ? -1 : data.lastIndexOf(NEWLINE);
    if (end >= 0) flush(size - data.length + end + 1);
    if (waiting >= AHEAD) process.stdin.pause();
  });
  process.stdin.on("end", () => {
    if (answered) return;
    flush(size);
    send({ kind: "end" });
  });
}

/** The thread: chunks in, one answer out. */
async function serve(bytes: Uint8Array): Promise<void> {
  const job = readUdfJob(bytes);
  const type = typeFromJson(job.type) as StructType;
  const read = wireReader(type);
  const messages = inbox();
  const next = async (): Promise<readonly { readonly p: number }[] | undefined> => {
    const message = await messages.next();
    return message.kind === "end"
      ? undefined
      : (JSON.parse(`[${Buffer.from(message.text).toString("utf8").trimEnd().replaceAll("\n", ",")}]`) as readonly {
          readonly p: number;
        }[]);
  };
  const first = await next();
  async function* batches(): AsyncGenerator<RecordBatch> {
    for (let lines = first; lines !== undefined; lines = await next()) {
      yield batchOfRows(lines.map(read), type);
      post({ kind: "taken" });
    }
  }
  const reply: UdfReply = await runUdf(job, batches(), first?.[0]?.p ?? 0).then(
    (outcome: UdfOutcome) => ({ kind: "done" as const, outcome }),
    (error: unknown) => ({ kind: "failed" as const, error: failed(error) }),
  );
  post({ kind: "reply", line: replyLine(job.token, reply) });
}

const post = (message: FromThread): void => {
  parentPort?.postMessage(message);
};
const failed = (error: unknown): ReturnType<typeof sentError> =>
  sentError(
    error instanceof DynaframeError
      ? error
      : new DynaframeError("FUNCTION_FAILED", error instanceof Error ? error.message : String(error), {
          hint: "What a function throws outside of a record, or for a whole partition, fails the action.",
        }),
  );

function inbox(): { readonly next: () => Promise<ToThread> } {
  const waiting: ToThread[] = [];
  let wake: () => void = () => undefined;
  parentPort?.on("message", (message: ToThread) => {
    waiting.push(message);
    wake();
  });
  return {
    next: async () => {
      for (;;) {
        const message = waiting.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

if (isMainThread) supervise(process.argv[1] ?? "", readFileSync(process.argv[2] ?? ""));
else void serve(workerData as Uint8Array);
