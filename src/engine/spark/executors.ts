/**
 * Scanning and shredding on the executors. Where they cannot, the session says why, once, and the driver does the work.
 */
import { readReply, writeJob } from "../../shapes/cluster-job.js";
import { executorSource } from "../../shapes/generated/executor-source.js";
import type { ClusterHooks, ClusterTask, TaskCluster } from "../../shapes/task-cluster.js";
import type { WorkerTasks } from "../../shapes/worker-tasks.js";
import { DynaframeError } from "../../types/error.js";
import type { Engine } from "../index.js";
import type { SparkWorkspace } from "./workspace.js";

/**
 * A job costs the start of processes and a turn of the server, some 300 ms: this machine reads so much in that time.
 */
const WORTH_ABOVE = 16 << 20;
const SHARE_BYTES = 32 << 20;

/**
 * `DYNAFRAME_SPARK_EXECUTORS`: `off` has the driver scan everything; a number: of bytes, from which the executors do.
 * `usual`: whether they do if nothing is said.
 */
export function executorsWork(usual: boolean): Engine["clusterWork"] {
  const { DYNAFRAME_SPARK_EXECUTORS: said = "" } = process.env;
  if (said === "off") return undefined;
  if (/^\d+$/.test(said)) return { worthAbove: Number(said), shareBytes: SHARE_BYTES };
  return usual ? { worthAbove: WORTH_ABOVE, shareBytes: SHARE_BYTES } : undefined;
}

export class SparkExecutors implements TaskCluster {
  readonly worthAbove: number;
  readonly shareBytes: number;
  private refusal: string | undefined;

  constructor(
    private readonly workspace: SparkWorkspace,
    { worthAbove, shareBytes }: NonNullable<Engine["clusterWork"]>,
  ) {
    this.worthAbove = worthAbove;
    this.shareBytes = shareBytes;
  }

  /** Why the executors are not asked any more. */
  get refused(): string | undefined {
    return this.refusal;
  }

  refuse(why: string): void {
    if (this.refusal !== undefined) return;
    this.refusal = why;
    this.workspace.environment.onWarning?.(
      "SPARK_EXECUTORS_UNUSED",
      `The executors cannot scan, so the driver does: ${why}`,
    );
  }

  async run<K extends ClusterTask>(
    kind: K,
    inputs: readonly WorkerTasks[K]["input"][],
    { signal, onDone }: ClusterHooks,
  ): Promise<readonly WorkerTasks[K]["output"][] | undefined> {
    if (this.refusal !== undefined) return undefined;
    const outputs = new Map<number, WorkerTasks[K]["output"]>();
    const count = inputs.length;
    // rows 0 to n, each in a partition of its own
    const rows = { column: "id", from: `range(0, ${count}, 1, ${count})` };
    try {
      for await (const line of this.workspace.programs.lines(
        executorSource,
        writeJob({ kind, inputs }),
        rows,
        signal === undefined ? {} : { signal },
        (why) => {
          this.refuse(why);
        },
      )) {
        const { input, reply } = readReply(line);
        if (reply.kind === "failed") return this.cannot(reply.error.message);
        outputs.set(input, reply.output as WorkerTasks[K]["output"]);
        onDone(input);
      }
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "ENGINE_FAILED") throw error;
      return this.cannot(error.message);
    }
    if (this.refusal !== undefined) return undefined;
    if (outputs.size !== count) return this.cannot(`${outputs.size} of ${count} tasks answered`);
    return [...outputs].sort(([a], [b]) => a - b).map(([, output]) => output);
  }

  private cannot(why: string): undefined {
    this.refuse(why);
    return undefined;
  }
}
