/** Every operation of FORMAT §4. */
import { bookmarkOperations } from "./bookmarks.js";
import { catalogOperations } from "./catalog.js";
import { crawlOperations } from "./crawl.js";
import { crawlerRuleOperations } from "./crawler-rules.js";
import { frameOperations } from "./dynamicframe.js";
import { formatOperations } from "./formats.js";
import type { OperationTable } from "./operation.js";
import { typeOperations } from "./types.js";
import { workflowOperations } from "./workflows.js";

export const operations: OperationTable = {
  ...typeOperations,
  ...frameOperations,
  ...formatOperations,
  ...catalogOperations,
  ...crawlerRuleOperations,
  ...crawlOperations,
  ...workflowOperations,
  ...bookmarkOperations,
};
