/** Optimizers of Iceberg tables through the JavaScript SDK: what is kept, what is refused, and that no run pretends. */
import {
  BatchGetTableOptimizerCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  CreateTableOptimizerCommand,
  DeleteTableCommand,
  DeleteTableOptimizerCommand,
  GetTableOptimizerCommand,
  type GlueClient,
  ListTableOptimizerRunsCommand,
  UpdateTableOptimizerCommand,
  type TableOptimizerConfiguration,
  type TableOptimizerType,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;

const CatalogId = "123456789012";
const table = { CatalogId, DatabaseName: "lake", TableName: "events" };
const of = (Type: TableOptimizerType) => ({ ...table, Type });
const configuration = (
  enabled: boolean,
  rest: Partial<TableOptimizerConfiguration> = {},
): { readonly TableOptimizerConfiguration: TableOptimizerConfiguration } => ({
  TableOptimizerConfiguration: { roleArn: "arn:aws:iam::123456789012:role/optimizer", enabled, ...rest },
});
const compaction = {
  compactionConfiguration: { icebergConfiguration: { strategy: "binpack" as const, minInputFiles: 5 } },
};
const createTable = (Name: string, Parameters: Record<string, string>) =>
  send(new CreateTableCommand({ DatabaseName: "lake", TableInput: { Name, Parameters } }));

beforeEach(async () => {
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "lake" } }));
  await createTable("events", { table_type: "ICEBERG", metadata_location: "s3://lake/events/metadata/v1.json" });
});

it("the configuration is kept, changed and dropped, each type by itself", async () => {
  await send(new CreateTableOptimizerCommand({ ...of("compaction"), ...configuration(false, compaction) }));
  await send(
    new CreateTableOptimizerCommand({
      ...of("retention"),
      ...configuration(false, {
        retentionConfiguration: { icebergConfiguration: { snapshotRetentionPeriodInDays: 3, cleanExpiredFiles: true } },
      }),
    }),
  );
  await expect(
    send(new CreateTableOptimizerCommand({ ...of("compaction"), ...configuration(true) })),
  ).rejects.toMatchObject({ name: "AlreadyExistsException" });
  const got = await send(new GetTableOptimizerCommand(of("compaction")));
  expect(got).toMatchObject({
    ...table,
    TableOptimizer: {
      type: "compaction",
      configurationSource: "table",
      configuration: configuration(false, compaction).TableOptimizerConfiguration,
    },
  });
  expect(got.TableOptimizer).not.toHaveProperty("lastRun");
  expect(await send(new ListTableOptimizerRunsCommand(of("compaction")))).toMatchObject({
    ...table,
    TableOptimizerRuns: [],
  });
  const { TableOptimizers, Failures } = await send(
    new BatchGetTableOptimizerCommand({
      Entries: (["compaction", "retention", "orphan_file_deletion"] as const).map((type) => ({
        catalogId: CatalogId,
        databaseName: "lake",
        tableName: "events",
        type,
      })),
    }),
  );
  expect(TableOptimizers?.map(({ tableOptimizer }) => tableOptimizer?.type)).toEqual(["compaction", "retention"]);
  expect(
    TableOptimizers?.[1]?.tableOptimizer?.configuration?.retentionConfiguration?.icebergConfiguration
      ?.snapshotRetentionPeriodInDays,
  ).toBe(3);
  expect(Failures).toMatchObject([
    { type: "orphan_file_deletion", tableName: "events", error: { ErrorCode: "EntityNotFoundException" } },
  ]);
  await send(new DeleteTableOptimizerCommand(of("compaction")));
  await expect(send(new GetTableOptimizerCommand(of("compaction")))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  await expect(send(new DeleteTableOptimizerCommand(of("compaction")))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  await send(new DeleteTableCommand({ DatabaseName: "lake", Name: "events" }));
  await createTable("events", { table_type: "ICEBERG" });
  await expect(send(new GetTableOptimizerCommand(of("retention")))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
});

it("one that is enabled tells of a run that failed, and what does the work", async () => {
  await send(new CreateTableOptimizerCommand({ ...of("orphan_file_deletion"), ...configuration(true) }));
  const { TableOptimizer: optimizer } = await send(new GetTableOptimizerCommand(of("orphan_file_deletion")));
  expect(optimizer?.lastRun).toMatchObject({
    eventType: "failed",
    startTimestamp: expect.any(Date) as Date,
    endTimestamp: expect.any(Date) as Date,
    error: expect.stringContaining("remove_orphan_files") as string,
  });
  await send(new UpdateTableOptimizerCommand({ ...of("orphan_file_deletion"), ...configuration(true) }));
  await send(new UpdateTableOptimizerCommand({ ...of("orphan_file_deletion"), ...configuration(false) }));
  const first = await send(new ListTableOptimizerRunsCommand({ ...of("orphan_file_deletion"), MaxResults: 1 }));
  const second = await send(
    new ListTableOptimizerRunsCommand({ ...of("orphan_file_deletion"), MaxResults: 1, NextToken: first.NextToken }),
  );
  expect([first.TableOptimizerRuns?.length, second.TableOptimizerRuns?.length, second.NextToken]).toEqual([
    1,
    1,
    undefined,
  ]);
});

it("refuses other tables, settings of another type, and what is not there", async () => {
  await createTable("plain", { classification: "csv" });
  await expect(
    send(new CreateTableOptimizerCommand({ ...of("compaction"), TableName: "plain", ...configuration(true) })),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
  await expect(
    send(new CreateTableOptimizerCommand({ ...of("compaction"), TableName: "none", ...configuration(true) })),
  ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  await expect(
    send(new CreateTableOptimizerCommand({ ...of("retention"), ...configuration(true, compaction) })),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
  await expect(
    send(new CreateTableOptimizerCommand({ ...of("retention"), TableOptimizerConfiguration: {} })),
  ).rejects.toMatchObject({ name: "InvalidInputException" });
  await expect(
    send(new UpdateTableOptimizerCommand({ ...of("retention"), ...configuration(true) })),
  ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  await expect(send(new ListTableOptimizerRunsCommand(of("retention")))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
});
