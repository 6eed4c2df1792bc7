import { effectiveCrawlerConfig, type CrawlerConfigArgs } from "../../src/crawler/crawler-config.js";

const errorOf = (args: unknown): unknown => {
  try {
    effectiveCrawlerConfig(args as CrawlerConfigArgs);
  } catch (error) {
    return { ...(error as object) };
  }
  return undefined;
};

test("Glue's defaults", () => {
  expect(effectiveCrawlerConfig({ targets: { s3Targets: [{ path: "s3://k/m/" }] } })).toEqual({
    updateBehavior: "UPDATE_IN_DATABASE",
    deleteBehavior: "DEPRECATE_IN_DATABASE",
    recrawlBehavior: "CRAWL_EVERYTHING",
    createsNewTables: true,
    tableGroupingPolicy: undefined,
    tableLevel: undefined,
    mergeNewColumns: false,
    inheritFromTable: false,
    tableThreshold: undefined,
    createPartitionIndex: false,
  });
});

test("configuration as object and as text", () => {
  const configuration = {
    Version: 1.0 as const,
    CrawlerOutput: {
      Tables: { AddOrUpdateBehavior: "MergeNewColumns" as const },
      Partitions: { AddOrUpdateBehavior: "InheritFromTable" as const },
    },
    Grouping: { TableGroupingPolicy: "CombineCompatibleSchemas" as const, TableLevelConfiguration: 3 },
  };
  const expected = {
    mergeNewColumns: true,
    inheritFromTable: true,
    tableGroupingPolicy: "CombineCompatibleSchemas",
    tableLevel: 3,
  };
  expect(effectiveCrawlerConfig({ configuration })).toMatchObject(expected);
  expect(effectiveCrawlerConfig({ configuration: JSON.stringify(configuration) })).toMatchObject(expected);
});

test("new folders only forces LOG and refuses other behaviours", () => {
  const recrawlPolicy = { recrawlBehavior: "CRAWL_NEW_FOLDERS_ONLY" as const };
  expect(effectiveCrawlerConfig({ recrawlPolicy })).toMatchObject({ updateBehavior: "LOG", deleteBehavior: "LOG" });
  expect(errorOf({ recrawlPolicy, schemaChangePolicy: { updateBehavior: "UPDATE_IN_DATABASE" } })).toMatchObject({
    code: "INVALID_CRAWLER",
  });
});

test("catalog targets: alone, LOG, no new tables, combined", () => {
  const targets = { catalogTargets: [{ databaseName: "d", tables: ["t"] }] };
  expect(effectiveCrawlerConfig({ targets, schemaChangePolicy: { deleteBehavior: "LOG" } })).toMatchObject({
    createsNewTables: false,
    tableGroupingPolicy: "CombineCompatibleSchemas",
  });
  expect(errorOf({ targets })).toMatchObject({ name: "InvalidInputException" });
  expect(errorOf({ targets, schemaChangePolicy: { deleteBehavior: "DELETE_FROM_DATABASE" } })).toMatchObject({
    code: "INVALID_CRAWLER",
  });
  expect(
    errorOf({
      targets: { ...targets, s3Targets: [{ path: "s3://a" }] },
      schemaChangePolicy: { deleteBehavior: "LOG" },
    }),
  ).toMatchObject({ path: "targets" });
  expect(
    errorOf({
      targets: { catalogTargets: [{ databaseName: "d", tables: [] }] },
      schemaChangePolicy: { deleteBehavior: "LOG" },
    }),
  ).toMatchObject({ code: "INVALID_CRAWLER" });
});

test.each<[string, unknown, string]>([
  [
    "misspelt key",
    { Version: 1, Grouping: { TableGroupingPolice: "CombineCompatibleSchemas" } },
    "configuration.Grouping",
  ],
  [
    "wrong value",
    { Version: 1, CrawlerOutput: { Tables: { AddOrUpdateBehavior: "mergenewcolumns" } } },
    "configuration.CrawlerOutput.Tables.AddOrUpdateBehavior",
  ],
  ["no version", { Grouping: {} }, "configuration"],
  ["version 2", { Version: 2 }, "configuration.Version"],
  [
    "level 0",
    { Version: 1, Grouping: { TableLevelConfiguration: 0 } },
    "configuration.Grouping.TableLevelConfiguration",
  ],
  ["broken text", "{", "configuration"],
  ["a number", "7", "configuration"],
])("configuration refused: %s", (_, configuration, path) => {
  expect(errorOf({ configuration })).toMatchObject({ code: "INVALID_CRAWLER", name: "InvalidInputException", path });
});

test("unknown policies are refused", () => {
  expect(errorOf({ schemaChangePolicy: { updateBehavior: "MERGE" } })).toMatchObject({
    path: "schemaChangePolicy.updateBehavior",
  });
  expect(errorOf({ recrawlPolicy: { recrawlBehavior: "NEVER" } })).toMatchObject({
    path: "recrawlPolicy.recrawlBehavior",
  });
});
