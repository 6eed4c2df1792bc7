/** `createDynamicFrame.fromOptions` for databases. */
import { DynamicFrame } from "../dynamic-frame.js";
import type { Environment } from "../environment.js";
import type { TransformOptions } from "../verbs/verb.js";
import { databaseNode, sourceName } from "./database-node.js";
import { checkSourceNames, databaseKind, isDatabaseType, readRequest, type DatabaseConnectionType, type DatabaseSourceOptions } from "./database-options.js";

/** Which table or query of a database to read. */
export type FromDatabaseOptions = TransformOptions & {
  /** `jdbc`: the url says which. */
  readonly connectionType: DatabaseConnectionType;
  /** The address, and a table (`dbtable`) or a `query`. */
  readonly connectionOptions: DatabaseSourceOptions;
};

export const isDatabaseSource = (options: { readonly connectionType: string }): options is FromDatabaseOptions => isDatabaseType(options.connectionType);

export function databaseFrame(environment: Environment, { connectionType, connectionOptions, ...options }: FromDatabaseOptions): DynamicFrame {
  checkSourceNames("fromOptions", connectionOptions);
  const request = readRequest("fromOptions", connectionOptions);
  const node = databaseNode(databaseKind(connectionType), connectionOptions, request, options);
  return new DynamicFrame(environment, node, sourceName(request));
}
