import type { FileRef } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";
import { nearestName } from "../../types/nearest-name.js";

/** How much of a source a sample looks at. */
export type SampleOptions = {
  /** Partitions; default 10. */
  readonly maxSamplePartitions?: number;
  /** Files of each; default 10. */
  readonly maxSampleFilesPerPartition?: number;
};

const NAMES = ["maxSamplePartitions", "maxSampleFilesPerPartition"];

export function checkSample(num: number, options: SampleOptions): void {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, NAMES);
    throw new DynaframeError("BAD_OPTION", `sampleOptions has no option ${unknown}.`, {
      path: unknown,
      expected: NAMES.join(", "),
      found: unknown,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    });
  }
  if (!Number.isSafeInteger(num) || num < 0) {
    throw new DynaframeError("BAD_ARGUMENT", `A sample of ${num} records cannot be taken.`, {
      path: "num",
      expected: "a whole number from 0",
      found: String(num),
    });
  }
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      throw new DynaframeError("BAD_OPTION", `sampleOptions.${name} is ${value}.`, {
        path: name,
        expected: "a whole number from 1",
        found: String(value),
      });
    }
  }
}

/** The first files of the first folders; a folder that holds files is a partition. */
export function sampleFiles<F extends FileRef>(
  files: readonly F[],
  { maxSamplePartitions = 10, maxSampleFilesPerPartition = 10 }: SampleOptions,
): readonly F[] {
  const taken = new Map<string, number>();
  return files.filter(({ path }) => {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const count = taken.get(folder) ?? 0;
    if (count >= maxSampleFilesPerPartition || (count === 0 && taken.size >= maxSamplePartitions)) return false;
    taken.set(folder, count + 1);
    return true;
  });
}
