/**
 * Our own programs on the executors: a script and its job travel as artifacts of the session, `TRANSFORM` starts one process a task. Where the executors
 * cannot run them, the session notes why, once, and the driver does the work.
 */
import { createHash } from "node:crypto";
import { readReply, writeJob } from "../../shapes/cluster-job.js";
import { executorSource } from "../../shapes/generated/executor-source.js";
import type { ClusterHooks, ClusterTask, TaskCluster } from "../../shapes/task-cluster.js";
import type { WorkerTasks } from "../../shapes/worker-tasks.js";
import { STRING, structOf } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import type { Engine, RunOptions } from "../index.js";
import { text } from "./quote.js";
import type { SparkWorkspace } from "./workspace.js";

/** A job costs the start of processes and a turn of the server, some 300 ms: this machine reads so much in that time. */
const WORTH_ABOVE = 16 << 20;
const SHARE_BYTES = 32 << 20;

/** `DYNAFRAME_SPARK_EXECUTORS`: `off` has the driver scan everything; a number: of bytes, from which the executors do. `usual`: whether they do if nothing is said. */
export function executorsWork(usual: boolean): Engine["clusterWork"] {
  const { DYNAFRAME_SPARK_EXECUTORS: said = "" } = process.env;
  if (said === "off") return undefined;
  if (/^\d+$/.test(said)) return { worthAbove: Number(said), shareBytes: SHARE_BYTES };
  return usual ? { worthAbove: WORTH_ABOVE, shareBytes: SHARE_BYTES } : undefined;
}

/** What an executor answers in place of a line of the script. */
const NO_NODE = "no-node", NO_FILE = "no-file";
const ANSWER = structOf({ answer: STRING });

export class SparkExecutors implements TaskCluster {
  private readonly sent = new Set<string>();
  readonly worthAbove: number;
  readonly shareBytes: number;
  private refusal: string | undefined;

  constructor(private readonly workspace: SparkWorkspace, { worthAbove, shareBytes }: NonNullable<Engine["clusterWork"]>) {
    this.worthAbove = worthAbove;
    this.shareBytes = shareBytes;
  }

  /** Why the executors are not asked any more. */
  get refused(): string | undefined { return this.refusal; }

  refuse(why: string): void {
    if (this.refusal !== undefined) return;
    this.refusal = why;
    this.workspace.environment.onWarning?.("SPARK_EXECUTORS_UNUSED", `The executors cannot scan, so the driver does: ${why}`);
  }

  async run<K extends ClusterTask>(kind: K, inputs: readonly WorkerTasks[K]["input"][], { signal, onDone }: ClusterHooks): Promise<readonly WorkerTasks[K]["output"][] | undefined> {
    const outputs = new Map<number, WorkerTasks[K]["output"]>();
    for await (const line of this.lines(executorSource, writeJob({ kind, inputs }), taskIds(inputs.length), "id", signal === undefined ? {} : { signal })) {
      const { input, reply } = readReply(line);
      if (reply.kind === "failed") return this.cannot(reply.error.message);
      outputs.set(input, reply.output as WorkerTasks[K]["output"]);
      onDone(input);
    }
    if (this.refusal !== undefined) return undefined;
    if (outputs.size !== inputs.length) return this.cannot(`${outputs.size} of ${inputs.length} tasks answered`);
    return [...outputs].sort(([a], [b]) => a - b).map(([, output]) => output);
  }

  /**
   * The lines that a script writes, one process for each partition of `from`, given the column as lines. Ends early, with `refused` set, where there is
   * no Node.js, or the process does not run.
   */
  private async *lines(source: string, job: Uint8Array, from: string, column: string, options: RunOptions): AsyncGenerator<string> {
    if (this.refusal !== undefined) return;
    const script = await this.send(Buffer.from(source), "js", options), input = await this.send(job, "job", options);
    try {
      for await (const rows of this.workspace.rows(`SELECT TRANSFORM (${column}) USING ${text(command(script, input))} AS (answer STRING) FROM ${from}`, ANSWER, options, "query")) {
        for (const { answer } of rows) {
          if (answer === NO_NODE) return this.refuse("an executor has no Node.js (node on its PATH)");
          if (answer === NO_FILE) return this.refuse("the artifacts of the session are not on an executor");
          yield String(answer);
        }
      }
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "ENGINE_FAILED") throw error;
      this.refuse(error.message);
    }
  }

  /** Beside every task of the session from now on. */
  private async send(data: Uint8Array, ending: string, options: RunOptions): Promise<string> {
    const name = `${createHash("sha256").update(data).digest("hex").slice(0, 32)}.${ending}`;
    if (!this.sent.has(name)) await this.workspace.guard(options, "query", () => this.workspace.client.addArtifacts([{ name: `files/${name}`, data }]));
    this.sent.add(name);
    return name;
  }

  private cannot(why: string): undefined {
    this.refuse(why);
    return undefined;
  }
}

/** Rows 0 to n, each in a partition, and so in a task, of its own. */
const taskIds = (count: number): string => `range(0, ${count}, 1, ${count})`;

/** The files lie in a folder of the session below the task's own, beside those of other sessions, or in the task's own. What is left of the input is read: a process that leaves it fails its task. */
const command = (script: string, job: string): string => [
  `for j in */${job} ${job}; do if [ -f "$j" ]; then`,
  `command -v node >/dev/null 2>&1 || { cat >/dev/null; echo ${NO_NODE}; exit 0; };`,
  `exec node "\${j%${job}}${script}" "$j"; fi; done; cat >/dev/null; echo ${NO_FILE}`,
].join(" ");
