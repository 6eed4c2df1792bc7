/** `createDynamicFrame.fromOptions` for databases. */
import { checkTransformOptions } from "../check-transform-options.js";
import { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import { trailing } from "../trailing.js";
import type { TransformOptions } from "../verbs/verb.js";
import { databaseNode, sourceName } from "./database-node.js";
import {
  checkSourceNames,
  databaseKind,
  isDatabaseType,
  readRequest,
  type DatabaseConnectionType,
  type DatabaseSourceOptions,
} from "./database-options.js";

/** Which table or query of a database to read. */
export type FromDatabaseOptions = TransformOptions & {
  /** `jdbc`: the url says which. */
  readonly connectionType: DatabaseConnectionType;
  /** The address, and a table (`dbtable`) or a `query`. */
  readonly connectionOptions: DatabaseSourceOptions;
};

export const isDatabaseSource = (options: { readonly connectionType: string }): options is FromDatabaseOptions =>
  isDatabaseType(options.connectionType);

/**
 * What the call has beside the options that every step has. Glue's scripts may name a format, which a database does not
 * have.
 */
const CALL = ["connectionType", "connectionOptions", "format", "formatOptions"];

export function databaseFrame(environment: Environment, call: FromDatabaseOptions): DynamicFrame {
  const { connectionType, connectionOptions, ...options } = call;
  if (options.strictPaths !== false) checkTransformOptions("fromOptions", call, CALL);
  checkSourceNames("fromOptions", connectionOptions);
  const request = readRequest("fromOptions", connectionOptions);
  const node = databaseNode(databaseKind(connectionType), connectionOptions, request, trailing(options));
  return new DynamicFrame(environment, node, sourceName(request));
}
