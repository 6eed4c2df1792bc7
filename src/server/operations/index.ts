/** Every operation that is implemented. What is not here fails with its name. */
import type { OperationTable } from "../operation.js";
import { blueprintOperations } from "./blueprints.js";
import { catalogOperations } from "./catalogs.js";
import { classifierOperations } from "./classifiers.js";
import { columnStatisticsOperations } from "./column-statistics.js";
import { connectionOperations } from "./connections.js";
import { crawlerOperations } from "./crawlers.js";
import { databaseOperations } from "./databases.js";
import { dataQualityOperations } from "./data-quality.js";
import { devEndpointOperations } from "./dev-endpoints.js";
import { functionOperations } from "./functions.js";
import { jobOperations } from "./jobs.js";
import { mappingOperations } from "./mappings.js";
import { partitionOperations } from "./partitions.js";
import { registryOperations } from "./registries.js";
import { schemaMetadataOperations } from "./schema-metadata.js";
import { schemaVersionOperations } from "./schema-versions.js";
import { schemaOperations } from "./schemas.js";
import { scriptOperations } from "./scripts.js";
import { securityOperations } from "./security.js";
import { sessionOperations } from "./sessions.js";
import { statementOperations } from "./statements.js";
import { statisticsRunOperations } from "./statistics-runs.js";
import { tableOptimizerOperations } from "./table-optimizers.js";
import { tableOperations, versionOperations } from "./tables.js";
import { tagOperations } from "./tags.js";
import { triggerOperations } from "./triggers.js";
import { unfilteredOperations } from "./unfiltered.js";
import { workflowRunOperations } from "./workflow-runs.js";
import { workflowOperations } from "./workflows.js";

export const GLUE_HANDLERS: OperationTable = {
  ...databaseOperations,
  ...tableOperations,
  ...versionOperations,
  ...partitionOperations,
  ...connectionOperations,
  ...crawlerOperations,
  ...classifierOperations,
  ...tagOperations,
  ...functionOperations,
  ...columnStatisticsOperations,
  ...jobOperations,
  ...triggerOperations,
  ...workflowOperations,
  ...securityOperations,
  ...registryOperations,
  ...schemaOperations,
  ...schemaVersionOperations,
  ...schemaMetadataOperations,
  ...unfilteredOperations,
  ...catalogOperations,
  ...statisticsRunOperations,
  ...devEndpointOperations,
  ...sessionOperations,
  ...statementOperations,
  ...mappingOperations,
  ...scriptOperations,
  ...blueprintOperations,
  ...dataQualityOperations,
  ...workflowRunOperations,
  ...tableOptimizerOperations,
};
