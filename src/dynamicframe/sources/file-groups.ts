/**
 * Glue's `groupFiles` and `groupSize`: files of one folder are read together, as far as they have no more bytes
 * than that. Source: docs/sources.md#connections, decision 0197.
 */
import type { FormatName } from "../../formats/index.js";
import type { ScanFile } from "../../plan/ir/relation.js";

export type FileGrouping = {
  /** Undefined where the call does not say. */
  readonly files: "inPartition" | "none" | undefined;
  /** Bytes of a group. */
  readonly bytes: number;
};

/** From so many files on Glue groups them without being told. */
const MANY_FILES = 50_000;
const GROUPED: readonly FormatName[] = ["csv", "json", "xml", "grokLog"];

/** The number of groups, each a partition of the rows; undefined where none were asked for. A file is never cut. */
export function fileGroups(
  files: readonly ScanFile[],
  format: FormatName,
  { files: how, bytes }: FileGrouping,
): number | undefined {
  const grouped = how === "inPartition" || (how === undefined && files.length > MANY_FILES);
  if (!grouped || !GROUPED.includes(format)) return undefined;
  let groups = 0;
  let held = 0;
  let folder = "";
  for (const { path, size } of files) {
    const own = path.slice(0, path.lastIndexOf("/"));
    if (groups === 0 || own !== folder || held + size > bytes) {
      groups++;
      held = 0;
      folder = own;
    }
    held += size;
  }
  return Math.max(1, groups);
}
