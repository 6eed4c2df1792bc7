/** What a write says it did. */
import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { errorTotal, type Resolved } from "../frame-node.js";

/**
 * What a write did. `read = written + errors + filtered` when records map one to one to rows; `balanced` says whether
 * it holds.
 */
export type WriteReport = {
  /**
   * Records of the sources, malformed ones included. For tables that are not one to one with records: the rows of the
   * plan.
   */
  readonly read: number;
  readonly written: number;
  /** Malformed records and failed functions. */
  readonly errors: number;
  /** Records left out on purpose. */
  readonly filtered: number;
  /** The same by reason: "filter", "sample". */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Values that a cast turned to null, by path. */
  readonly nulled: Readonly<Record<string, number>>;
  /** None for databases. */
  readonly files: readonly PublishedFile[];
  readonly balanced: boolean;
  /** True when mode "ignore" found an existing target and wrote nothing. */
  readonly skipped: boolean;
};
export type PublishedFile = FileRef & {
  readonly rows: number;
  readonly partition: readonly (string | null)[];
  readonly folder: string;
  /** In a job: where the file waits for the commit, until which `path` does not exist. */
  readonly staged?: string;
};

export const skippedReport = (): WriteReport => ({
  read: 0,
  written: 0,
  errors: 0,
  filtered: 0,
  leftOut: {},
  nulled: {},
  files: [],
  balanced: true,
  skipped: true,
});

/** `planRows`: rows of the plan, for tables that are not one to one with records. */
export function writeReport(
  resolved: Resolved,
  files: readonly PublishedFile[],
  written: number,
  nulled: Readonly<Record<string, number>>,
  planRows: number | undefined,
): WriteReport {
  if (planRows !== undefined)
    return {
      read: planRows,
      written,
      errors: 0,
      filtered: 0,
      leftOut: {},
      nulled,
      files,
      balanced: planRows === written,
      skipped: false,
    };
  const read = resolved.sources.reduce((sum, s) => sum + s.records, 0);
  const errors = errorTotal(resolved);
  const filtered = resolved.dropped.reduce((sum, d) => sum + d.count, 0);
  const leftOut: Record<string, number> = {};
  for (const { reason, count } of resolved.dropped) leftOut[reason] = (leftOut[reason] ?? 0) + count;
  return {
    read,
    written,
    errors,
    filtered,
    leftOut,
    nulled,
    files,
    balanced: read === written + errors + filtered,
    skipped: false,
  };
}

/** The report of a collection: sums, and one report per frame. */
export type CollectionReport = WriteReport & { readonly tables: Readonly<Record<string, WriteReport>> };

/** @throws EMPTY_COLLECTION */
export function collectionReport(tables: Readonly<Record<string, WriteReport>>): CollectionReport {
  const all = Object.values(tables);
  const [root] = all;
  if (!root) throw new DynaframeError("EMPTY_COLLECTION", "The collection holds no frames.", { hint: "Check keys()." });
  return {
    ...root,
    files: all.flatMap((r) => r.files),
    balanced: all.every((r) => r.balanced),
    skipped: all.every((r) => r.skipped),
    nulled: summed(all.map((r) => r.nulled)),
    tables,
  };
}

/** Tables of one relationalize count the same nulled casts in the root; children add their own paths. */
function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const count of counts) for (const [path, n] of Object.entries(count)) sums[path] = Math.max(sums[path] ?? 0, n);
  return sums;
}
