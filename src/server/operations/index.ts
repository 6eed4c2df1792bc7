/** Every operation that is implemented. What is not here fails with its name. */
import type { OperationTable } from "../operation.js";
import { connectionOperations } from "./connections.js";
import { databaseOperations } from "./databases.js";
import { partitionOperations } from "./partitions.js";
import { tableOperations, versionOperations } from "./tables.js";
import { tagOperations } from "./tags.js";

export const GLUE_HANDLERS: OperationTable = {
  ...databaseOperations, ...tableOperations, ...versionOperations, ...partitionOperations, ...connectionOperations, ...tagOperations,
};
