/** Drift over time, as data: what changed between versions of a table, when, by which data, and whom it breaks. */
import type { SchemaChange } from "../../shapes/change-evidence.js";

/** A version of a table at which its exact type changed. */
export type DriftVersion = { readonly versionId: string; /** Seconds since the epoch. */ readonly at: number };

/**
 * A change with the version that brought it; of a difference over many versions, the last of them that touched the
 * path.
 */
export type DriftChange = SchemaChange & DriftVersion;

/** A version that changed the type, and what it changed. */
export type DriftStep = DriftVersion & { readonly changes: readonly SchemaChange[] };

/** Judged over inferred schemas: every field may be missing, so a new one breaks nobody. */
export type Compatibility = {
  /** Readers with the new schema read the old data. */
  readonly backward: boolean;
  /** Readers with the old schema read the new data. */
  readonly forward: boolean;
  readonly full: boolean;
};

/** How a table's exact type changed between two versions. */
export type DriftReport = {
  readonly table: string;
  readonly location?: string;
  /** What is compared with; undefined when the table began within the range: then its first schema is. */
  readonly from: DriftVersion;
  readonly to: DriftVersion;
  /** Each version at which the type changed, oldest first. */
  readonly steps: readonly DriftStep[];
  /** The difference between `from` and `to`, in the order of the fields. */
  readonly changes: readonly DriftChange[];
  readonly compatibility: Compatibility;
};

export function compatibilityOf(
  changes: readonly Pick<SchemaChange, "breaksBackward" | "breaksForward">[],
): Compatibility {
  const backward = !changes.some(({ breaksBackward }) => breaksBackward);
  const forward = !changes.some(({ breaksForward }) => breaksForward);
  return { backward, forward, full: backward && forward };
}
