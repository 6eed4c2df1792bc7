/**
 * The settings of a crawler: Glue's shapes, checked, with what is in force worked out (developer guide, "Setting
 * crawler configuration options").
 */
import { Ajv, type ErrorObject } from "ajv";
import { DynaframeError } from "../types/error.js";

export type UpdateBehavior = "UPDATE_IN_DATABASE" | "LOG";
export type DeleteBehavior = "DEPRECATE_IN_DATABASE" | "DELETE_FROM_DATABASE" | "LOG";
export type RecrawlBehavior = "CRAWL_EVERYTHING" | "CRAWL_NEW_FOLDERS_ONLY" | "CRAWL_EVENT_MODE";

/** The `Configuration` JSON in Glue's own spelling. */
export type CrawlerConfiguration = {
  readonly Version: 1;
  readonly CrawlerOutput?: {
    readonly Tables?: { readonly AddOrUpdateBehavior?: "MergeNewColumns"; readonly TableThreshold?: number };
    readonly Partitions?: { readonly AddOrUpdateBehavior?: "InheritFromTable" };
  };
  readonly Grouping?: {
    readonly TableGroupingPolicy?: "CombineCompatibleSchemas";
    readonly TableLevelConfiguration?: number;
  };
  readonly CreatePartitionIndex?: boolean;
};

export type SchemaChangePolicy = { readonly updateBehavior?: UpdateBehavior; readonly deleteBehavior?: DeleteBehavior };

export type CrawlerTargets = {
  readonly s3Targets?: readonly { readonly path: string; readonly exclusions?: readonly string[] }[];
  readonly catalogTargets?: readonly { readonly databaseName: string; readonly tables: readonly string[] }[];
};

/**
 * A crawler's settings, as the API names them.
 * @see https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
 */
export type CrawlerConfigArgs = {
  /** What is crawled. */
  readonly targets?: CrawlerTargets;
  /** Which files are looked at again. */
  readonly recrawlPolicy?: { readonly recrawlBehavior?: RecrawlBehavior };
  /** What becomes of a table whose schema changed or whose files are gone. */
  readonly schemaChangePolicy?: SchemaChangePolicy;
  /** An object, or its JSON text as the API carries it. */
  readonly configuration?: CrawlerConfiguration | string;
};

/** What a crawler will do. */
export type EffectiveCrawlerConfig = {
  readonly updateBehavior: UpdateBehavior;
  readonly deleteBehavior: DeleteBehavior;
  readonly recrawlBehavior: RecrawlBehavior;
  /** False for catalog targets: they only update the tables they name. */
  readonly createsNewTables: boolean;
  /** Undefined: similar schemas only. */
  readonly tableGroupingPolicy: "CombineCompatibleSchemas" | undefined;
  /** Absolute level of the table folders; a bucket, or the folder that stands for one, is 1. */
  readonly tableLevel: number | undefined;
  readonly mergeNewColumns: boolean;
  readonly inheritFromTable: boolean;
  /** More tables than this are an error; undefined: any number. */
  readonly tableThreshold: number | undefined;
  readonly createPartitionIndex: boolean;
};

const UPDATE = { type: "string", enum: ["UPDATE_IN_DATABASE", "LOG"] } as const;
const DELETE = { type: "string", enum: ["DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE", "LOG"] } as const;
const RECRAWL = { type: "string", enum: ["CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"] } as const;
const object = (properties: object, required: readonly string[] = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const texts = { type: "array", items: { type: "string" } };

const CONFIGURATION = object(
  {
    Version: { const: 1 },
    CrawlerOutput: object({
      Tables: object({
        AddOrUpdateBehavior: { const: "MergeNewColumns" },
        TableThreshold: { type: "integer", minimum: 1 },
      }),
      Partitions: object({ AddOrUpdateBehavior: { const: "InheritFromTable" } }),
    }),
    Grouping: object({
      TableGroupingPolicy: { const: "CombineCompatibleSchemas" },
      TableLevelConfiguration: { type: "integer", minimum: 1 },
    }),
    CreatePartitionIndex: { type: "boolean" },
  },
  ["Version"],
);

const ARGS = object({
  targets: object({
    s3Targets: {
      type: "array",
      items: object({ path: { type: "string", minLength: 1 }, exclusions: texts }, ["path"]),
    },
    catalogTargets: {
      type: "array",
      items: object({ databaseName: { type: "string", minLength: 1 }, tables: { ...texts, minItems: 1 } }, [
        "databaseName",
        "tables",
      ]),
    },
  }),
  recrawlPolicy: object({ recrawlBehavior: RECRAWL }),
  schemaChangePolicy: object({ updateBehavior: UPDATE, deleteBehavior: DELETE }),
  configuration: CONFIGURATION,
});

/**
 * Checks the settings and fills in Glue's defaults. What Glue refuses is INVALID_CRAWLER (InvalidInputException) with
 * the path of the setting: an unknown or misspelt key, catalog targets beside others or with a DeleteBehavior other
 * than LOG, and MergeNewColumns or new-folders-only where they do not apply. CRAWL_NEW_FOLDERS_ONLY forces both
 * behaviours to LOG.
 */
export function effectiveCrawlerConfig(args: CrawlerConfigArgs): EffectiveCrawlerConfig {
  const configuration = parseConfiguration(args.configuration);
  if (Object.keys(args).length > 0) check({ ...args, ...(configuration === undefined ? {} : { configuration }) });
  const { targets = {}, schemaChangePolicy: policy = {} } = args;
  const catalogTargets = (targets.catalogTargets ?? []).length > 0;
  if (catalogTargets) checkCatalogTargets(targets, policy);
  const recrawlBehavior = args.recrawlPolicy?.recrawlBehavior ?? "CRAWL_EVERYTHING";
  const onlyLogs = recrawlBehavior === "CRAWL_NEW_FOLDERS_ONLY";
  if (onlyLogs) checkNewFoldersOnly(policy, catalogTargets);
  return {
    updateBehavior: onlyLogs ? "LOG" : (policy.updateBehavior ?? "UPDATE_IN_DATABASE"),
    deleteBehavior: onlyLogs ? "LOG" : (policy.deleteBehavior ?? "DEPRECATE_IN_DATABASE"),
    recrawlBehavior,
    createsNewTables: !catalogTargets,
    tableGroupingPolicy: catalogTargets ? "CombineCompatibleSchemas" : configuration?.Grouping?.TableGroupingPolicy,
    tableLevel: configuration?.Grouping?.TableLevelConfiguration,
    mergeNewColumns: configuration?.CrawlerOutput?.Tables?.AddOrUpdateBehavior === "MergeNewColumns",
    inheritFromTable: configuration?.CrawlerOutput?.Partitions?.AddOrUpdateBehavior === "InheritFromTable",
    tableThreshold: configuration?.CrawlerOutput?.Tables?.TableThreshold,
    createPartitionIndex: configuration?.CreatePartitionIndex === true,
  };
}

function parseConfiguration(
  configuration: CrawlerConfiguration | string | undefined,
): CrawlerConfiguration | undefined {
  if (typeof configuration !== "string") return configuration;
  if (configuration.trim() === "") return undefined;
  try {
    return JSON.parse(configuration) as CrawlerConfiguration; // checked by the schema next
  } catch (cause) {
    throw invalid("configuration", "it is not valid JSON", undefined, cause);
  }
}

function check(args: object): void {
  // the schema is ours: to check and to polish it takes longer than all else, at each crawl
  const validate = new Ajv({
    strict: false,
    verbose: true,
    meta: false,
    validateSchema: false,
    code: { optimize: false },
  }).compile(ARGS);
  if (validate(args)) return;
  const error = validate.errors?.[0];
  const path = (error?.instancePath ?? "").slice(1).replaceAll("/", ".") || "crawler";
  throw invalid(path, describe(error));
}

function describe(error: ErrorObject | undefined): string {
  const parameters: { [name: string]: unknown } = error?.params ?? {};
  if (error?.keyword === "additionalProperties") return `${String(parameters["additionalProperty"])} is not a setting`;
  if (error?.keyword === "enum")
    return `it must be one of ${String(parameters["allowedValues"])}, not ${JSON.stringify(error.data)}`;
  if (error?.keyword === "const")
    return `it must be ${String(parameters["allowedValue"])}, not ${JSON.stringify(error.data)}`;
  return error?.message ?? "it is not valid";
}

function checkCatalogTargets(targets: CrawlerTargets, policy: SchemaChangePolicy): void {
  if ((targets.s3Targets ?? []).length > 0)
    throw invalid("targets", "catalog targets cannot stand beside other targets", "Make two crawlers.");
  if (policy.deleteBehavior !== "LOG")
    throw invalid(
      "schemaChangePolicy.deleteBehavior",
      "it must be LOG for catalog targets",
      "Set deleteBehavior to LOG.",
    );
}

function checkNewFoldersOnly(policy: SchemaChangePolicy, catalogTargets: boolean): void {
  if (catalogTargets) throw invalid("recrawlPolicy", "CRAWL_NEW_FOLDERS_ONLY is for file targets only");
  if ((policy.updateBehavior ?? "LOG") !== "LOG" || (policy.deleteBehavior ?? "LOG") !== "LOG") {
    throw invalid(
      "schemaChangePolicy",
      "CRAWL_NEW_FOLDERS_ONLY needs LOG for both behaviors",
      "Leave schemaChangePolicy out, or set both to LOG.",
    );
  }
}

const invalid = (path: string, what: string, hint?: string, cause?: unknown): DynaframeError =>
  new DynaframeError("INVALID_CRAWLER", `crawler setting ${path}: ${what}`, {
    name: "InvalidInputException",
    path,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
