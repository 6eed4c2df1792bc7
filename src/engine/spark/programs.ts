/**
 * Our own programs on the executors: a script and its job travel as artifacts of the session, `TRANSFORM` starts one
 * process a partition.
 */
import { createHash } from "node:crypto";
import { STRING, structOf } from "../../types/data-type.js";
import type { RunOptions } from "../index.js";
import { text } from "./quote.js";
import type { SparkWorkspace } from "./workspace.js";

/** What an executor answers in place of a line of the script. */
const NO_NODE = "no-node";
const NO_FILE = "no-file";
const ANSWER = structOf({ answer: STRING });

export class SparkPrograms {
  private readonly sent = new Set<string>();

  constructor(private readonly workspace: SparkWorkspace) {}

  /**
   * The lines that a script writes, one process for each partition of `from` that has rows, which get the column as
   * lines; in the order of the partitions. Calls `refuse` and ends where an executor has no Node.js.
   * @throws ENGINE_FAILED when a process fails.
   */
  async *lines(
    script: string,
    job: Uint8Array,
    { column, from }: { readonly column: string; readonly from: string },
    options: RunOptions,
    refuse: (why: string) => void,
  ): AsyncGenerator<string> {
    const program = command(await this.send(Buffer.from(script), "js", options), await this.send(job, "job", options));
    for await (const rows of this.workspace.rows(
      `SELECT TRANSFORM (${column}) USING ${text(program)} AS (answer STRING) FROM ${from}`,
      ANSWER,
      options,
      "query",
    )) {
      for (const { answer } of rows) {
        if (answer === NO_NODE) return refuse("an executor has no Node.js (node on its PATH)");
        if (answer === NO_FILE) return refuse("the artifacts of the session are not on an executor");
        yield String(answer);
      }
    }
  }

  /** Beside every task of the session from now on. */
  private async send(data: Uint8Array, ending: string, options: RunOptions): Promise<string> {
    const name = `${createHash("sha256").update(data).digest("hex").slice(0, 32)}.${ending}`;
    if (!this.sent.has(name))
      await this.workspace.guard(options, "query", () =>
        this.workspace.client.addArtifacts([{ name: `files/${name}`, data }]),
      );
    this.sent.add(name);
    return name;
  }
}

/**
 * The files lie in a folder of the session below the task's own, beside those of other sessions, or in the task's own.
 * What is left of the input is read: a process that leaves it fails its task.
 */
const command = (script: string, job: string): string =>
  [
    `for j in */${job} ${job}; do if [ -f "$j" ]; then`,
    `command -v node >/dev/null 2>&1 || { cat >/dev/null; echo ${NO_NODE}; exit 0; };`,
    `exec node "\${j%${job}}${script}" "$j"; fi; done; cat >/dev/null; echo ${NO_FILE}`,
  ].join(" ");
