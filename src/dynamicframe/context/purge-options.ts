import { nearestName } from "../../types/nearest-name.js";
import { DynaframeError } from "../../types/error.js";
import { requireOptions } from "../require-text.js";

/** Glue's options, and `dryRun`, which is ours. */
export type PurgeOptions = {
  /** Hours: files changed since then stay. Default 168, a week; 0 takes everything. */
  readonly retentionPeriod?: number;
  /** Tables only: Spark SQL over the partition columns; the other partitions stay. */
  readonly partitionPredicate?: string;
  /** Files of these storage classes stay; files of storages without classes have none. */
  readonly excludeStorageClasses?: readonly string[];
  /** Folder that gets `Success.csv` and `Failed.csv`. */
  readonly manifestFilePath?: string;
  /** Says what would go, and removes nothing. */
  readonly dryRun?: boolean;
};

export type PurgeRules = {
  readonly before: number;
  readonly partitionPredicate: string;
  readonly excludeStorageClasses: readonly string[];
  readonly manifestFilePath: string | undefined;
  readonly dryRun: boolean;
};

const NAMES = ["retentionPeriod", "partitionPredicate", "excludeStorageClasses", "manifestFilePath", "dryRun"];
const WEEK = 168;
const HOUR = 3_600_000;

/** Checks strictly: a misspelt option of something that removes files must not be passed over. */
export function purgeRules(call: string, options: PurgeOptions, now: number): PurgeRules {
  requireOptions("purge", options);
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, NAMES);
    throw new DynaframeError("BAD_OPTION", `${call} has no option ${unknown}.`, {
      path: unknown,
      expected: NAMES.join(", "),
      found: unknown,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  const {
    retentionPeriod = WEEK,
    partitionPredicate = "",
    excludeStorageClasses = [],
    manifestFilePath,
    dryRun = false,
  } = options;
  if (typeof retentionPeriod !== "number" || !(retentionPeriod >= 0))
    throw wrong(call, "retentionPeriod", "hours from 0", retentionPeriod);
  if (typeof partitionPredicate !== "string")
    throw wrong(call, "partitionPredicate", "a predicate over partition columns", partitionPredicate);
  if (!Array.isArray(excludeStorageClasses) || excludeStorageClasses.some((name) => typeof name !== "string"))
    throw wrong(call, "excludeStorageClasses", "a list of names", excludeStorageClasses);
  if (typeof dryRun !== "boolean") throw wrong(call, "dryRun", "true or false", dryRun);
  return {
    before: now - retentionPeriod * HOUR,
    partitionPredicate,
    excludeStorageClasses,
    manifestFilePath: manifestFilePath === "" ? undefined : manifestFilePath,
    dryRun,
  };
}

const wrong = (call: string, option: string, expected: string, found: unknown): DynaframeError =>
  new DynaframeError("BAD_OPTION", `${call}: option ${option} takes ${expected}, not ${JSON.stringify(found)}.`, {
    path: option,
    expected,
    found: JSON.stringify(found),
  });
