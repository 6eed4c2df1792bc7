/** `createDynamicFrame.fromCatalog` as a node: how tables are read is loaded when one is. */
import type { AsOf } from "../../catalog/table-as-of.js";
import type { HashOptions } from "../database/database-table.js";
import type { FrameNode } from "../frame-node.js";
import type { TransformOptions } from "../verbs/verb.js";
import type { SampleOptions } from "./sample-files.js";
import type { FileSourceOptions } from "./source-options.js";

export type CatalogArgs = {
  readonly database: string;
  readonly tableName: string;
  /** Spark SQL over the partition columns, evaluated on the catalog before anything is listed. */
  readonly pushDownPredicate?: string;
  /** GetPartitions grammar, evaluated by the catalog. */
  readonly catalogPartitionPredicate?: string;
  /** A file that the ledger knows and that is gone is left out instead of an error. */
  readonly allowMissingFiles?: boolean;
  /** The table as it was at a version or a time: its definition and the files it had then. */
  readonly asOf?: AsOf;
  /** Options of the files, above those of the table's parameters. */
  readonly files?: FileSourceOptions;
  readonly sample?: SampleOptions;
} & HashOptions;

export const catalogNode = (args: CatalogArgs, transform: TransformOptions = {}): FrameNode => ({
  kind: "fromCatalog",
  args,
  inputs: [],
  options: transform,
  resolve: async (_, session, run) => (await import("./catalog-table.js")).resolveTable(args, transform, session, run),
});
