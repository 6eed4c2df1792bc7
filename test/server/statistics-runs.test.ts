/**
 * Column statistics computed by the engine, unfiltered metadata and the account's catalog, through the JavaScript SDK.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateDatabaseCommand,
  CreatePartitionCommand,
  CreateTableCommand,
  GetCatalogCommand,
  GetCatalogImportStatusCommand,
  GetCatalogsCommand,
  GetColumnStatisticsForTableCommand,
  GetColumnStatisticsTaskRunCommand,
  GetColumnStatisticsTaskRunsCommand,
  GetUnfilteredPartitionMetadataCommand,
  GetUnfilteredPartitionsMetadataCommand,
  GetUnfilteredTableMetadataCommand,
  type GlueClient,
  ImportCatalogToGlueCommand,
  ListColumnStatisticsTaskRunsCommand,
  StartColumnStatisticsTaskRunCommand,
  StopColumnStatisticsTaskRunCommand,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-statistics-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const Columns = [
  { Name: "id", Type: "bigint" },
  { Name: "price", Type: "double" },
  { Name: "amount", Type: "decimal(10,2)" },
  { Name: "name", Type: "string" },
  { Name: "paid", Type: "boolean" },
  { Name: "day", Type: "date" },
  { Name: "at", Type: "timestamp" },
];
const target = { DatabaseName: "shop", TableName: "orders" };

beforeAll(() => {
  mkdirSync(join(folder, "orders"));
  writeFileSync(
    join(folder, "orders", "a.csv"),
    [
      "id,price,amount,name,paid,day,at",
      "1,2.5,-10.25,ä,true,2024-01-31,2024-01-31 00:00:01",
      "7,,99.99,bcd,false,2024-02-01,2024-01-31 00:00:00",
      "7,1.5,0.01,,false,,",
      "",
    ].join("\n"),
  );
});
beforeEach(async () => {
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  await send(
    new CreateTableCommand({
      DatabaseName: "shop",
      TableInput: {
        Name: "orders",
        Parameters: { classification: "csv", "skip.header.line.count": "1" },
        StorageDescriptor: {
          Columns,
          Location: join(folder, "orders"),
          SerdeInfo: {
            SerializationLibrary: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            Parameters: { "field.delim": "," },
          },
        },
      },
    }),
  );
});

async function finished(id: string | undefined) {
  for (const giveUpAt = Date.now() + 60_000; ;) {
    const { ColumnStatisticsTaskRun: run } = await send(
      new GetColumnStatisticsTaskRunCommand({ ColumnStatisticsTaskRunId: id }),
    );
    if (run?.Status !== "STARTING" && run?.Status !== "RUNNING") return run;
    if (Date.now() > giveUpAt) throw new Error("the run never ends");
    await new Promise((resolve) => {
      setTimeout(resolve, 30);
    });
  }
}

it("a run computes exact statistics of every column", async () => {
  const { ColumnStatisticsTaskRunId: id } = await send(
    new StartColumnStatisticsTaskRunCommand({ ...target, Role: "r" }),
  );
  expect(await finished(id)).toMatchObject({
    Status: "SUCCEEDED",
    ...target,
    SampleSize: 100,
    ColumnNameList: Columns.map(({ Name }) => Name),
  });
  const { ColumnStatisticsList, Errors } = await send(
    new GetColumnStatisticsForTableCommand({ ...target, ColumnNames: Columns.map(({ Name }) => Name) }),
  );
  expect(Errors ?? []).toEqual([]);
  const data = Object.fromEntries((ColumnStatisticsList ?? []).map((each) => [each.ColumnName, each.StatisticsData]));
  expect(data["id"]).toEqual({
    Type: "LONG",
    LongColumnStatisticsData: { MinimumValue: 1, MaximumValue: 7, NumberOfNulls: 0, NumberOfDistinctValues: 2 },
  });
  expect(data["price"]).toEqual({
    Type: "DOUBLE",
    DoubleColumnStatisticsData: { MinimumValue: 1.5, MaximumValue: 2.5, NumberOfNulls: 1, NumberOfDistinctValues: 2 },
  });
  // -1025 and 9999 as two's complement
  expect(data["amount"]).toEqual({
    Type: "DECIMAL",
    DecimalColumnStatisticsData: {
      MinimumValue: { UnscaledValue: Uint8Array.of(0xfb, 0xff), Scale: 2 },
      MaximumValue: { UnscaledValue: Uint8Array.of(0x27, 0x0f), Scale: 2 },
      NumberOfNulls: 0,
      NumberOfDistinctValues: 3,
    },
  });
  expect(data["name"]?.StringColumnStatisticsData).toMatchObject({ MaximumLength: 3 });
  expect(data["paid"]).toEqual({
    Type: "BOOLEAN",
    BooleanColumnStatisticsData: { NumberOfTrues: 1, NumberOfFalses: 2, NumberOfNulls: 0 },
  });
  expect(data["day"]).toEqual({
    Type: "DATE",
    DateColumnStatisticsData: {
      MinimumValue: new Date("2024-01-31"),
      MaximumValue: new Date("2024-02-01"),
      NumberOfNulls: 1,
      NumberOfDistinctValues: 2,
    },
  });
  expect(data["at"]?.LongColumnStatisticsData).toMatchObject({
    MinimumValue: 1706659200,
    MaximumValue: 1706659201,
    NumberOfNulls: 1,
  });
  expect((await send(new ListColumnStatisticsTaskRunsCommand({}))).ColumnStatisticsTaskRunIds).toEqual([id]);
  expect((await send(new GetColumnStatisticsTaskRunsCommand(target))).ColumnStatisticsTaskRuns).toMatchObject([
    { ColumnStatisticsTaskRunId: id, Status: "SUCCEEDED" },
  ]);
  await expect(send(new StopColumnStatisticsTaskRunCommand(target))).rejects.toMatchObject({
    name: "ColumnStatisticsTaskNotRunningException",
  });
});

it("a run that cannot read its table fails with the reason; what cannot be computed is refused", async () => {
  await send(
    new CreateTableCommand({
      DatabaseName: "shop",
      TableInput: {
        Name: "gone",
        Parameters: { classification: "json" },
        StorageDescriptor: { Columns: [{ Name: "a", Type: "int" }], Location: join(folder, "nowhere") },
      },
    }),
  );
  const { ColumnStatisticsTaskRunId: id } = await send(
    new StartColumnStatisticsTaskRunCommand({ DatabaseName: "shop", TableName: "gone", Role: "r" }),
  );
  expect(await finished(id)).toMatchObject({
    Status: "FAILED",
    ErrorMessage: expect.stringContaining("nowhere") as string,
  });
  const refused = (more: object, name: string) =>
    expect(send(new StartColumnStatisticsTaskRunCommand({ ...target, Role: "r", ...more }))).rejects.toMatchObject({
      name,
    });
  await refused({ TableName: "none" }, "EntityNotFoundException");
  await refused({ ColumnNameList: ["none"] }, "InvalidInputException");
  await refused({ SampleSize: 10 }, "OperationNotSupportedException");
  await refused({ CatalogID: "999999999999" }, "EntityNotFoundException");
});

it("unfiltered metadata name every column", async () => {
  const more = { CatalogId: "123456789012", SupportedPermissionTypes: ["COLUMN_PERMISSION" as const] };
  await send(
    new CreateTableCommand({
      DatabaseName: "shop",
      TableInput: {
        Name: "p",
        PartitionKeys: [{ Name: "day", Type: "string" }],
        StorageDescriptor: { Columns: [{ Name: "a", Type: "int" }] },
      },
    }),
  );
  await send(new CreatePartitionCommand({ DatabaseName: "shop", TableName: "p", PartitionInput: { Values: ["1"] } }));
  await send(new CreatePartitionCommand({ DatabaseName: "shop", TableName: "p", PartitionInput: { Values: ["2"] } }));
  expect(await send(new GetUnfilteredTableMetadataCommand({ ...more, DatabaseName: "shop", Name: "p" }))).toMatchObject(
    { Table: { Name: "p" }, AuthorizedColumns: ["a", "day"], CellFilters: [], IsRegisteredWithLakeFormation: false },
  );
  expect(
    await send(
      new GetUnfilteredPartitionMetadataCommand({
        ...more,
        DatabaseName: "shop",
        TableName: "p",
        PartitionValues: ["1"],
      }),
    ),
  ).toMatchObject({ Partition: { Values: ["1"] }, AuthorizedColumns: ["a", "day"] });
  expect(
    (
      await send(
        new GetUnfilteredPartitionsMetadataCommand({
          ...more,
          DatabaseName: "shop",
          TableName: "p",
          Expression: "day > '1'",
        }),
      )
    ).UnfilteredPartitions?.map((u) => u.Partition?.Values),
  ).toEqual([["2"]]);
  await expect(
    send(
      new GetUnfilteredTableMetadataCommand({ ...more, CatalogId: "999999999999", DatabaseName: "shop", Name: "p" }),
    ),
  ).rejects.toMatchObject({ name: "EntityNotFoundException" });
});

it("the account has one catalog, with nothing left to import", async () => {
  expect((await send(new GetCatalogCommand({ CatalogId: "123456789012" }))).Catalog).toMatchObject({
    CatalogId: "123456789012",
    ResourceArn: "arn:aws:glue:us-east-1:123456789012:catalog",
  });
  await expect(send(new GetCatalogCommand({ CatalogId: "other" }))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
  expect((await send(new GetCatalogsCommand({}))).CatalogList).toEqual([]);
  expect((await send(new GetCatalogsCommand({ IncludeRoot: true }))).CatalogList).toHaveLength(1);
  await send(new ImportCatalogToGlueCommand({}));
  expect((await send(new GetCatalogImportStatusCommand({}))).ImportStatus).toEqual({ ImportCompleted: true });
});
