/**
 * Queries over Parquet files that the server sees: linked under plain names, typed by what they are, widened to what a
 * scan wants.
 */
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { conform } from "../../plan/conform.js";
import type { ScanFile, ScanRelation } from "../../plan/ir/relation.js";
import type { StructType } from "../../types/data-type.js";
import { EMPTY_STRUCT_FIELD, physicalNames } from "../../types/physical.js";
import type { RunOptions } from "../index.js";
import { rowScope } from "../sql/scope.js";
import { compileRelation, ROW } from "./compile-relation.js";
import { compileScalar } from "./compile-scalar.js";
import { columnsAs, FILE_COLUMN, withPartitions } from "./parquet-source.js";
import { identifier } from "./quote.js";
import { schemaText, type InstantForm } from "./spark-type.js";
import type { SparkWorkspace } from "./workspace.js";

export type PartitionedFile = {
  readonly path: string;
  readonly partition: ScanFile["partition"];
  /** What the caller calls it; default: its path. */ readonly address?: string;
};
/** Files of one schema. */
type Group = { readonly type: StructType; readonly files: readonly PartitionedFile[] };

export class ParquetFiles {
  private links = 0;

  constructor(private readonly workspace: SparkWorkspace) {}

  /** UNION ALL over groups of files, each conformed to the own (not partition) fields of the scan. */
  async unionOf(
    groups: readonly Group[],
    node: ScanRelation,
    own: StructType,
    instants: InstantForm | undefined,
    options: RunOptions,
  ): Promise<string> {
    const partitioned = node.partitionKeys.length > 0;
    const names = physicalNames(own);
    const selects: string[] = [];
    const read: PartitionedFile[] = [];
    for (const group of groups) {
      if (group.files.length === 0) continue;
      const links = await this.link(group.files);
      read.push(...links);
      const source = await this.typed(
        links.map(({ path }) => path),
        group.type,
        instants,
        partitioned,
        options,
      );
      const conformed = conform({ kind: "input", type: group.type }, own);
      const columns =
        conformed.kind === "struct"
          ? conformed.fields.map(
              ({ value }, i) => `${compileScalar(value, rowScope(ROW))} AS ${identifier(names[i] ?? "")}`,
            )
          : names.map((name) => `${ROW}.${identifier(name)}`);
      const selected = [
        ...(columns.length === 0 ? [`CAST(NULL AS INT) AS ${identifier(EMPTY_STRUCT_FIELD)}`] : columns),
        ...(partitioned ? [identifier(FILE_COLUMN)] : []),
      ];
      selects.push(`SELECT ${selected.join(", ")} FROM (${source}) AS ${ROW}`);
    }
    if (selects.length === 0) return `(${compileRelation({ kind: "union", inputs: [], type: node.type }, () => "")})`;
    const source = `(${selects.join(" UNION ALL ")})`;
    return this.view(
      `SELECT * FROM ${partitioned ? withPartitions(source, names, read, node.partitionKeys, node.type) : source}`,
      options,
    );
  }

  /**
   * Links under plain names of this session: Spark takes names that begin with `_` or `.` for hidden, and braces,
   * brackets and stars for patterns, without a word.
   */
  async link(files: readonly PartitionedFile[]): Promise<readonly PartitionedFile[]> {
    const number = ++this.links;
    const folder = join(this.workspace.environment.stagingDirectory, `links-${number}`);
    await mkdir(folder, { recursive: true });
    const links: PartitionedFile[] = [];
    for (const [i, { path, partition, address = path }] of files.entries()) {
      const name = `${number}-${i}.parquet`;
      const link = join(folder, name);
      this.workspace.linked.set(name, address);
      await symlink(path, link);
      links.push({ path: link, partition, address });
    }
    return links;
  }

  /**
   * A query over files of one schema whose columns are the physical names of `type`, in order, with its exact types.
   */
  async typed(
    paths: readonly string[],
    type: StructType,
    instants: InstantForm | undefined,
    withFile: boolean,
    options: RunOptions,
  ): Promise<string> {
    const view = await this.workspace.parquetView(
      paths,
      instants === undefined ? undefined : schemaText(type, instants),
      options,
    );
    return columnsAs(this.workspace, view, type, instants, withFile, options);
  }

  async view(sql: string, options: RunOptions): Promise<string> {
    const name = identifier(this.workspace.newName());
    await this.workspace.run(`CREATE OR REPLACE TEMPORARY VIEW ${name} AS ${sql}`, options);
    return name;
  }
}
