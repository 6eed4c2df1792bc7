import type { DynamicFrame, DynamicFrameCollection, GlueContext } from "../index.js";
import type { TableName } from "./arguments.js";

/** The options of commands that read, resolve, map and relationalize a table. */
export type TransformCommandOptions = {
  readonly resolve: readonly (readonly [path: string, action: string])[];
  readonly choice?: string;
  readonly map?: string;
  /** True when given without a name. */
  readonly relationalize?: string | true;
  readonly where?: string;
};

/** The table after the steps that the options name, in the order: resolve or choice, map, relationalize. */
export function transformed(glue: GlueContext, { database, table }: TableName, options: TransformCommandOptions, mapping: readonly (readonly string[])[] | undefined): DynamicFrame | DynamicFrameCollection {
  const predicate = options.where === undefined ? {} : { pushDownPredicate: options.where };
  let frame = glue.createDynamicFrame.fromCatalog({ database, tableName: table, ...predicate });
  if (options.resolve.length > 0) frame = frame.resolveChoice({ specs: options.resolve });
  if (options.choice !== undefined) frame = frame.resolveChoice({ choice: options.choice });
  if (mapping !== undefined) frame = frame.applyMapping(mapping);
  if (options.relationalize === undefined) return frame;
  return frame.relationalize(options.relationalize === true ? table : options.relationalize);
}
