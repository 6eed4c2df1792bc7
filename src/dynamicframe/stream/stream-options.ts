/** Options of forEachBatch, by Glue's names. Source: docs/sources.md#context. */
import { nearestName } from "../../types/nearest-name.js";
import { DynaframeError } from "../../types/error.js";

/** How often batches begin and where their state is kept. `windowSize` and `checkpointLocation` are required. */
export type ForEachBatchOptions = {
  /**
   * How often a batch begins: `"100 seconds"`, `"5 minutes"`, `"500 milliseconds"`. One that takes longer is followed
   * by the next at once.
   */
  readonly windowSize: string;
  /** Folder, local or on S3, of what is remembered between runs; one for each source. */
  readonly checkpointLocation: string;
  /** Attempts after the first, 0 to 100; default 3. Before them 1, 2, 5, 5 … seconds pass. */
  readonly batchMaxRetries?: number | string;
  /**
   * "false": the batch's rows are not kept while its function runs, which then reads them anew each time. Default
   * "true".
   */
  readonly persistDataFrame?: boolean | "true" | "false";
  /** Accepted, no effect: what does not fit in memory is on disk. */
  readonly storageLevel?: string;
  /**
   * Ours (Spark's Trigger.AvailableNow): batches follow each other at once, and the promise resolves when nothing is
   * new any more.
   */
  readonly availableNow?: boolean;
  /**
   * Ours: true waits for a folder that is not there yet. Default false: it is PATH_NOT_FOUND, as in Spark, until a
   * batch was committed.
   */
  readonly waitForPaths?: boolean;
};

export type BatchSettings = {
  readonly windowMs: number;
  readonly checkpointLocation: string;
  readonly retries: number;
  readonly persist: boolean;
  readonly availableNow: boolean;
  readonly waitForPaths: boolean;
};

const NAMES = [
  "windowSize",
  "checkpointLocation",
  "batchMaxRetries",
  "persistDataFrame",
  "storageLevel",
  "availableNow",
  "waitForPaths",
] as const;
/** Milliseconds by unit, as Spark's intervals name them. */
const UNITS: readonly (readonly [unit: RegExp, ms: number])[] = [
  [/^(ms|milliseconds?)$/i, 1],
  [/^(s|seconds?)$/i, 1000],
  [/^minutes?$/i, 60_000],
  [/^hours?$/i, 3_600_000],
  [/^days?$/i, 86_400_000],
];

/** @throws BAD_OPTION */
export function batchSettings(options: ForEachBatchOptions): BatchSettings {
  const unknown = Object.keys(options).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, NAMES);
    throw bad(unknown, NAMES.join(", "), unknown, near === undefined ? "Leave it out." : `Did you mean ${near}?`);
  }
  const {
    windowSize,
    checkpointLocation,
    batchMaxRetries = 3,
    persistDataFrame = true,
    availableNow = false,
    waitForPaths = false,
  } = options;
  if (typeof checkpointLocation !== "string" || checkpointLocation === "")
    throw bad(
      "checkpointLocation",
      "the address of a folder",
      checkpointLocation,
      "Give checkpointLocation: './checkpoints/orders'.",
    );
  if (!/^\d+$/.test(String(batchMaxRetries)) || Number(batchMaxRetries) > 100)
    throw bad("batchMaxRetries", "a whole number from 0 to 100", batchMaxRetries);
  if (!["true", "false"].includes(String(persistDataFrame)))
    throw bad("persistDataFrame", "true or false", persistDataFrame);
  for (const [name, value] of Object.entries({ availableNow, waitForPaths }))
    if (typeof value !== "boolean") throw bad(name, "true or false", value);
  return {
    windowMs: interval(windowSize),
    checkpointLocation,
    retries: Number(batchMaxRetries),
    persist: String(persistDataFrame) === "true",
    availableNow,
    waitForPaths,
  };
}

function interval(text: unknown): number {
  const [, count = "", unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(String(text)) ?? [];
  const ms = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
  if (ms === undefined)
    throw bad("windowSize", "a time such as '100 seconds'", text, "Give windowSize: '100 seconds'.");
  return Number(count) * ms;
}

const bad = (
  path: string,
  expected: string,
  found: unknown,
  hint = "See the docstring of the option.",
): DynaframeError =>
  new DynaframeError("BAD_OPTION", `forEachBatch: option ${path} takes ${expected}.`, {
    path,
    expected,
    found: String(found),
    hint,
  });
