/** What the server tells of a query: of its plan before it runs, of its work when it has. */
import type {
  ExecutePlanResponse_ExecutionProgress as Progress,
  ExecutePlanResponse_Metrics as Metrics,
} from "./connect/generated/base.js";

/** The work of one run. Stages whose output was there already are not counted. */
export class RunFacts {
  private stages: Progress["stages"] = [];
  private files = 0;
  private shuffled = 0;

  /** Each progress tells all stages anew. */
  progress({ stages }: Progress): void {
    if (stages.length > 0) this.stages = stages;
  }

  metrics(told: Metrics | undefined): void {
    for (const { executionMetrics } of told?.metrics ?? []) {
      this.files += Number(executionMetrics["numFiles"]?.value ?? 0);
      this.shuffled += Number(executionMetrics["shuffleBytesWritten"]?.value ?? 0);
    }
  }

  /**
   * `2 stages, 5 tasks, 1200 bytes read from 3 Parquet files, 300 bytes shuffled`. Servers tell of stages now and then
   * (every `spark.connect.progress.reportInterval`): of a run that ends before, only files and shuffles are known.
   */
  line(): string {
    const read = `${this.files} Parquet files`;
    const shuffled = `${this.shuffled} bytes shuffled`;
    if (this.stages.length === 0) return `over before the server told of its stages; ${read} read, ${shuffled}`;
    const ran = this.stages.filter(({ done }) => done);
    const sum = (of: (stage: Progress["stages"][number]) => bigint): number =>
      Number(ran.reduce((total, stage) => total + of(stage), 0n));
    return `${ran.length} stages, ${sum(({ numTasks }) => numTasks)} tasks, ${sum(({ inputBytesRead }) => inputBytesRead)} bytes read from ${read}, ${shuffled}`;
  }
}

/** `1 shuffle into 2 partitions, 1 broadcast; filters at the files: …` of a formatted plan of Spark. */
export function planLine(plan: string): string {
  const [tree = "", details = ""] = plan.split(/\n\n\n/, 2);
  const count = (pattern: RegExp): number => tree.match(pattern)?.length ?? 0;
  const shuffles = count(/\bExchange \(\d+\)/g);
  const broadcasts = count(/\bBroadcastExchange \(\d+\)/g);
  const into = /^\(\d+\) Exchange\b[\s\S]*?^Arguments: (?:SinglePartition|\w+\([^\n]*?, (\d+)\))/gm;
  const partitions = [...details.matchAll(into)].map(([, n]) => n ?? "1").at(-1);
  const filters = [...details.matchAll(/^(?:PushedFilters|PartitionFilters): \[([^\n]+)\]$/gm)].map(
    ([, filter]) => filter,
  );
  return [
    `${shuffles} ${shuffles === 1 ? "shuffle" : "shuffles"}${partitions === undefined ? "" : `, the last into ${partitions} partitions`}`,
    ...(broadcasts > 0 ? [`${broadcasts} ${broadcasts === 1 ? "broadcast" : "broadcasts"}`] : []),
    ...(filters.length > 0 ? [`row groups and files are passed over by ${filters.join("; ")}`] : []),
  ].join(", ");
}
