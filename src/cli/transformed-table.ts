import type { DynamicFrame, DynamicFrameCollection, GlueContext } from "../index.js";
import { DynaframeError } from "../types/error.js";
import type { TableName } from "./arguments.js";
import { UsageError } from "./usage-error.js";

/** The options of commands that read, resolve, map and relationalize a table. */
export type TransformCommandOptions = {
  readonly resolve: readonly (readonly [path: string, action: string])[];
  readonly choice?: string;
  readonly map?: string;
  /** True when given without a name. */
  readonly relationalize?: string | true;
  readonly where?: string;
};

/** @throws UsageError for a type that is none in the casts of the options */
export async function checkCasts({
  resolve,
  choice,
}: Pick<TransformCommandOptions, "resolve" | "choice">): Promise<void> {
  await checkTypes(
    "--resolve",
    resolve.map(([, action]) => action),
  );
  await checkTypes("--choice", choice === undefined ? [] : [choice]);
}

/** @throws UsageError for a type that is none in actions such as `cast:int` */
export async function checkTypes(option: string, actions: readonly string[]): Promise<void> {
  const { parseTypeName } = await import("../types/hive-parse.js");
  for (const action of actions) {
    const [, type] = /^(?:cast|project):(.*)$/.exec(action) ?? [];
    try {
      if (type !== undefined) parseTypeName(type);
    } catch (error) {
      throw error instanceof DynaframeError ? new UsageError(`${option}: ${error.message}`, error.hint) : error;
    }
  }
}

/** The table after the steps that the options name, in the order: resolve or choice, map, relationalize. */
export function transformed(
  glue: GlueContext,
  { database, table }: TableName,
  options: TransformCommandOptions,
  mapping: readonly (readonly string[])[] | undefined,
): DynamicFrame | DynamicFrameCollection {
  const predicate = options.where === undefined ? {} : { pushDownPredicate: options.where };
  let frame = glue.createDynamicFrame.fromCatalog({ database, tableName: table, ...predicate });
  if (options.resolve.length > 0) frame = frame.resolveChoice({ specs: options.resolve });
  if (options.choice !== undefined) frame = frame.resolveChoice({ choice: options.choice });
  if (mapping !== undefined) frame = frame.applyMapping(mapping);
  if (options.relationalize === undefined) return frame;
  return frame.relationalize(options.relationalize === true ? table : options.relationalize);
}
