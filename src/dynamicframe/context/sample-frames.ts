import { limit } from "../../plan/ir/build.js";
import { databaseFrame, isDatabaseSource, type FromDatabaseOptions } from "../database/database-frame.js";
import { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import { errorTotal, type FrameNode } from "../frame-node.js";
import { fromCatalog, fromOptions, type FromCatalogOptions, type FromOptionsOptions } from "../readers.js";
import { checkSample, type SampleOptions } from "../sources/sample-files.js";

type Sample = {
  /** Records at most. */
  readonly num: number;
  /** From how many partitions and files. */
  readonly sampleOptions?: SampleOptions;
};
/** `FromCatalogOptions`, how many records to take, and from how many files. */
export type SampleFromCatalogOptions = FromCatalogOptions & Sample;
/** `FromOptionsOptions`, how many records to take, and from how many files. */
export type SampleFromOptionsOptions = (FromOptionsOptions | FromDatabaseOptions) & Sample;

/** The first `num` records of a few files of a catalog table; only those files are read. */
export function sampleFromCatalog(
  environment: Environment,
  { num, sampleOptions = {}, ...options }: SampleFromCatalogOptions,
): DynamicFrame {
  checkSample(num, sampleOptions);
  return firstOf(fromCatalog(environment, { ...options, sample: sampleOptions }), num);
}

/** The same by path, or of a table or query of a database, which is read whole: `sampleQuery` reads less. */
export function sampleFromOptions(
  environment: Environment,
  { num, sampleOptions = {}, ...options }: SampleFromOptionsOptions,
): DynamicFrame {
  checkSample(num, sampleOptions);
  if (isDatabaseSource(options)) return firstOf(databaseFrame(environment, options), num);
  return firstOf(fromOptions(environment, { ...options, sample: sampleOptions }), num);
}

/** The records that are left out are counted, so that a write of the sample still adds up. */
function firstOf(frame: DynamicFrame, num: number): DynamicFrame {
  const node: FrameNode = {
    kind: "sample",
    args: { num },
    inputs: [frame.node],
    options: {},
    resolve: async ([input]) => {
      if (!input) throw new Error("sample has one input");
      const good = input.sources.reduce((sum, source) => sum + source.records, 0) - errorTotal(input);
      const left = Math.max(0, good - num);
      return {
        ...input,
        relation: limit(input.relation, num),
        dropped: left > 0 ? [...input.dropped, { reason: "sample", count: left }] : input.dropped,
      };
    },
  };
  return new DynamicFrame(frame.environment, node, frame.name);
}
