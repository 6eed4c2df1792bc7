import type { TransformOptions } from "./verbs/verb.js";

/** The arguments that end every call, in Glue's order. */
export type Trailing = [transformationCtx?: string, info?: string, stageThreshold?: number, totalThreshold?: number];

/** Those that were given, as the verbs take them. */
export function trailing({
  transformationCtx,
  info,
  stageThreshold,
  totalThreshold,
  strictPaths,
}: TransformOptions): TransformOptions {
  return {
    ...(transformationCtx === undefined ? {} : { transformationCtx }),
    ...(info === undefined ? {} : { info }),
    ...(stageThreshold === undefined ? {} : { stageThreshold }),
    ...(totalThreshold === undefined ? {} : { totalThreshold }),
    ...(strictPaths === undefined ? {} : { strictPaths }),
  };
}
