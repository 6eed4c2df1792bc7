/** Which Parquet file made a query fail: DuckDB's errors of damaged pages seldom say. */
import type { Relation } from "../../plan/ir/relation.js";
import { DynaframeError } from "../../types/error.js";
import { leafUses } from "../stages.js";
import { readParquet } from "./parquet-source.js";
import type { Workspace } from "./workspace.js";

/** Codes of errors that say no more than that a query failed. */
const VAGUE: ReadonlySet<string> = new Set(["ENGINE_FAILED", "READ_FAILED", "WRITE_FAILED"]);

export class DamagedFiles {
  /** Where DuckDB reads the Parquet files of this session, by their addresses. */
  private readonly paths = new Map<string, string>();

  constructor(private readonly workspace: Workspace) {}

  watch(path: string, address: string): void {
    this.paths.set(address, path);
  }

  /**
   * The work over the plan; when it fails without saying why, each file that the plan reads is read alone.
   * @throws READ_FAILED with the first that cannot be read.
   */
  async naming<T>(plan: Relation, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw await this.named(plan, error);
    }
  }

  /** The error, or one that names the damaged file behind it. */
  async named(plan: Relation, error: unknown): Promise<unknown> {
    if (!(error instanceof DynaframeError) || error.file !== undefined || !VAGUE.has(error.code)) return error;
    const files = [...leafUses(plan).keys()].flatMap((leaf) =>
      leaf.kind === "scan" ? leaf.files.map(({ path }) => path) : [],
    );
    for (const file of new Set(files)) {
      const path = this.paths.get(file);
      const reason = path === undefined ? undefined : await this.reasonOf(path);
      if (reason !== undefined) {
        return new DynaframeError("READ_FAILED", `${file} cannot be read: ${reason}`, {
          file,
          cause: error,
          hint: hintOf(reason),
        });
      }
    }
    return error;
  }

  private async reasonOf(path: string): Promise<string | undefined> {
    try {
      await this.workspace.use({}, "query", (channel) =>
        channel.run(`SELECT max(hash("~r")) FROM ${readParquet([path], false)} AS "~r"`),
      );
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

const hintOf = (reason: string): string =>
  /unsupported|not (yet )?(supported|implemented)|only supported/i.test(reason)
    ? "DuckDB does not read Parquet written in this way: write the file with other encodings, or leave it out with exclusions."
    : "The file is damaged: replace it, or leave it out with exclusions.";
