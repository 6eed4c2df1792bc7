/** Databases, tables, versions and partitions as the JavaScript SDK drives them. */
import {
  BatchCreatePartitionCommand,
  BatchDeletePartitionCommand,
  BatchDeleteTableCommand,
  BatchDeleteTableVersionCommand,
  BatchGetPartitionCommand,
  BatchUpdatePartitionCommand,
  ConcurrentModificationException,
  CreateDatabaseCommand,
  CreatePartitionCommand,
  CreatePartitionIndexCommand,
  CreateTableCommand,
  DeleteDatabaseCommand,
  DeletePartitionCommand,
  DeletePartitionIndexCommand,
  DeleteTableCommand,
  EntityNotFoundException,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetPartitionCommand,
  GetPartitionIndexesCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTablesCommand,
  GetTableVersionCommand,
  GetTableVersionsCommand,
  GetTagsCommand,
  paginateGetPartitions,
  paginateGetTables,
  SearchTablesCommand,
  type TableInput,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDatabaseCommand,
  UpdatePartitionCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { withServer } from "./sdk-client.js";

const connected = withServer({ clock: () => Date.now() });
const send: ReturnType<typeof connected>["glue"]["send"] = ((command: never) =>
  connected().glue.send(command)) as never;

const orders: TableInput = {
  Name: "Orders",
  TableType: "EXTERNAL_TABLE",
  Parameters: { classification: "parquet" },
  Retention: 0,
  StorageDescriptor: {
    Columns: [{ Name: "ID", Type: "bigint" }],
    Location: "s3://b/orders",
    SerdeInfo: { SerializationLibrary: "x.Y", Parameters: { a: "1" } },
  },
  PartitionKeys: [
    { Name: "year", Type: "int" },
    { Name: "region", Type: "string" },
  ],
};
const at = { DatabaseName: "shop", TableName: "orders" };

beforeEach(async () => {
  await send(
    new CreateDatabaseCommand({
      DatabaseInput: { Name: "Shop", Description: "d", Parameters: { k: "v" } },
      Tags: { team: "a" },
    }),
  );
});

describe("databases", () => {
  it("come back with their times as dates, under folded names", async () => {
    const { Database } = await send(new GetDatabaseCommand({ Name: "SHOP" }));
    expect(Database).toMatchObject({
      Name: "shop",
      Description: "d",
      Parameters: { k: "v" },
      CatalogId: "123456789012",
    });
    expect(Math.abs((Database?.CreateTime?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  it("are listed, updated and deleted with their tables", async () => {
    await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "a" } }));
    const first = await send(new GetDatabasesCommand({ MaxResults: 1 }));
    expect(first.DatabaseList?.map((d) => d.Name)).toEqual(["a"]);
    const second = await send(new GetDatabasesCommand({ MaxResults: 1, NextToken: first.NextToken }));
    expect([second.DatabaseList?.map((d) => d.Name), second.NextToken]).toEqual([["shop"], undefined]);
    await send(new UpdateDatabaseCommand({ Name: "shop", DatabaseInput: { Name: "shop", Description: "new" } }));
    expect((await send(new GetDatabaseCommand({ Name: "shop" }))).Database?.Description).toBe("new");
    await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: orders }));
    await send(new DeleteDatabaseCommand({ Name: "shop" }));
    await expect(send(new GetTableCommand({ DatabaseName: "shop", Name: "orders" }))).rejects.toBeInstanceOf(
      EntityNotFoundException,
    );
  });

  it("answer with the errors that clients catch", async () => {
    await expect(send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }))).rejects.toMatchObject({
      name: "AlreadyExistsException",
      message: expect.stringContaining("shop") as string,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(send(new GetDatabaseCommand({ Name: "nope" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
      $fault: "client",
    });
    await expect(send(new GetDatabaseCommand({ Name: "" }))).rejects.toMatchObject({
      name: "ValidationException",
      message:
        "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
    });
    await expect(send(new GetDatabaseCommand({ Name: "shop", CatalogId: "999999999999" }))).rejects.toMatchObject({
      name: "EntityNotFoundException",
    });
    expect((await send(new GetDatabaseCommand({ Name: "shop", CatalogId: "123456789012" }))).Database?.Name).toBe(
      "shop",
    );
  });

  it("keep tags until they go", async () => {
    const arn = "arn:aws:glue:us-east-1:123456789012:database/shop";
    await send(new TagResourceCommand({ ResourceArn: arn, TagsToAdd: { env: "test" } }));
    expect((await send(new GetTagsCommand({ ResourceArn: arn }))).Tags).toEqual({ team: "a", env: "test" });
    await send(new UntagResourceCommand({ ResourceArn: arn, TagsToRemove: ["team"] }));
    expect((await send(new GetTagsCommand({ ResourceArn: arn }))).Tags).toEqual({ env: "test" });
    await send(new DeleteDatabaseCommand({ Name: "shop" }));
    await expect(send(new GetTagsCommand({ ResourceArn: arn }))).rejects.toBeInstanceOf(EntityNotFoundException);
    await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
    expect((await send(new GetTagsCommand({ ResourceArn: arn }))).Tags).toEqual({});
  });
});

describe("tables and versions", () => {
  beforeEach(() => send(new CreateTableCommand({ DatabaseName: "shop", TableInput: orders })) as Promise<unknown>);

  it("come back whole", async () => {
    const { Table } = await send(new GetTableCommand({ DatabaseName: "shop", Name: "ORDERS" }));
    expect(Table).toMatchObject({
      Name: "orders",
      DatabaseName: "shop",
      VersionId: "0",
      TableType: "EXTERNAL_TABLE",
      Parameters: orders.Parameters,
      PartitionKeys: orders.PartitionKeys,
      Retention: 0,
      StorageDescriptor: {
        Columns: [{ Name: "id", Type: "bigint" }],
        Location: "s3://b/orders",
        SerdeInfo: { SerializationLibrary: "x.Y", Parameters: { a: "1" } },
      },
    });
    expect(Table?.CreateTime).toBeInstanceOf(Date);
    expect(Table?.UpdateTime).toBeInstanceOf(Date);
  });

  it("lock by VersionId, and keep old versions unless told not to", async () => {
    const update = (Owner: string, more: object = {}) =>
      send(new UpdateTableCommand({ DatabaseName: "shop", TableInput: { ...orders, Owner }, ...more }));
    await update("a");
    await expect(update("b", { VersionId: "0" })).rejects.toBeInstanceOf(ConcurrentModificationException);
    await update("b", { VersionId: "1" });
    await update("c", { SkipArchive: true });
    const { TableVersions } = await send(new GetTableVersionsCommand(at));
    expect(TableVersions?.map((v) => [v.VersionId, v.Table?.Owner])).toEqual([
      ["3", "c"],
      ["1", "a"],
      ["0", undefined],
    ]);
    expect((await send(new GetTableVersionCommand({ ...at, VersionId: "1" }))).TableVersion?.Table?.Owner).toBe("a");
    expect((await send(new GetTableVersionCommand(at))).TableVersion?.VersionId).toBe("3");
    const { Errors } = await send(new BatchDeleteTableVersionCommand({ ...at, VersionIds: ["0", "1", "7", "3"] }));
    expect(Errors?.map((e) => [e.VersionId, e.ErrorDetail?.ErrorCode])).toEqual([
      ["7", "EntityNotFoundException"],
      ["3", "InvalidInputException"],
    ]);
  });

  it("page and filter by expression", async () => {
    for (const Name of ["items", "orders_eu", "orders_us"])
      await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: { Name } }));
    const names: string[] = [];
    for await (const page of paginateGetTables(
      { client: connected().glue, pageSize: 1 },
      { DatabaseName: "shop", Expression: "orders_.*" },
    ))
      names.push(...(page.TableList ?? []).map((t) => t.Name ?? ""));
    expect(names).toEqual(["orders_eu", "orders_us"]);
    const { TableList } = await send(new GetTablesCommand({ DatabaseName: "shop", AttributesToGet: ["NAME"] }));
    expect(TableList?.every((t) => t.StorageDescriptor === undefined)).toBe(true);
    await expect(send(new GetTablesCommand({ DatabaseName: "nope" }))).rejects.toBeInstanceOf(EntityNotFoundException);
  });

  it("are found by text, filters and order", async () => {
    await send(
      new CreateTableCommand({
        DatabaseName: "shop",
        TableInput: {
          Name: "refunds",
          Owner: "ann",
          StorageDescriptor: { Columns: [{ Name: "order_total", Type: "double" }] },
        },
      }),
    );
    const search = async (input: object): Promise<unknown> =>
      (await send(new SearchTablesCommand(input))).TableList?.map((t) => t.Name);
    expect(await search({ SearchText: "order" })).toEqual(["orders", "refunds"]);
    expect(await search({ SearchText: '"order_total"' })).toEqual(["refunds"]);
    expect(await search({ Filters: [{ Key: "Owner", Value: "ann", Comparator: "EQUALS" }] })).toEqual(["refunds"]);
    expect(await search({ SortCriteria: [{ FieldName: "Name", Sort: "DESC" }] })).toEqual(["refunds", "orders"]);
    const first = await send(new SearchTablesCommand({ MaxResults: 1 }));
    expect(
      (await send(new SearchTablesCommand({ MaxResults: 1, NextToken: first.NextToken }))).TableList?.map(
        (t) => t.Name,
      ),
    ).toEqual(["refunds"]);
  });

  it("are deleted, one by one and in batches", async () => {
    await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: { Name: "b" } }));
    const { Errors } = await send(new BatchDeleteTableCommand({ DatabaseName: "shop", TablesToDelete: ["b", "gone"] }));
    expect(Errors).toEqual([
      {
        TableName: "gone",
        ErrorDetail: { ErrorCode: "EntityNotFoundException", ErrorMessage: expect.any(String) as string },
      },
    ]);
    await send(new DeleteTableCommand({ DatabaseName: "shop", Name: "orders" }));
    expect((await send(new GetTablesCommand({ DatabaseName: "shop" }))).TableList).toEqual([]);
  });

  it("refuse what dynaframe cannot honour instead of answering something else", async () => {
    await expect(
      send(new GetTableCommand({ DatabaseName: "shop", Name: "orders", QueryAsOfTime: new Date() })),
    ).rejects.toMatchObject({ name: "OperationNotSupportedException" });
    await expect(send(new CreateTableCommand({ DatabaseName: "shop" } as never))).rejects.toMatchObject({
      name: "InvalidInputException",
    });
    await expect(
      send(
        new UpdateTableCommand({
          DatabaseName: "shop",
          TableInput: { ...orders, Nope: 1 } as never,
          VersionId: "x\ny".repeat(200),
        }),
      ),
    ).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("partitions", () => {
  const value = (year: number, region: string) => ({
    Values: [String(year), region],
    StorageDescriptor: { Columns: [{ Name: "id", Type: "int" }], Location: `s3://b/orders/${year}/${region}` },
  });
  beforeEach(async () => {
    await send(new CreateTableCommand({ DatabaseName: "shop", TableInput: orders }));
    await send(
      new BatchCreatePartitionCommand({
        ...at,
        PartitionInputList: [2022, 2023, 2024].flatMap((year) => ["eu", "us"].map((region) => value(year, region))),
      }),
    );
  });
  const found = async (input: object): Promise<string[]> =>
    (await send(new GetPartitionsCommand({ ...at, ...input }))).Partitions?.map((p) => (p.Values ?? []).join("/"))
    ?? [];

  it("are created once", async () => {
    await send(new CreatePartitionCommand({ ...at, PartitionInput: value(2025, "eu") }));
    await expect(send(new CreatePartitionCommand({ ...at, PartitionInput: value(2025, "eu") }))).rejects.toMatchObject({
      name: "AlreadyExistsException",
    });
    const { Errors } = await send(
      new BatchCreatePartitionCommand({ ...at, PartitionInputList: [value(2025, "eu"), value(2025, "us")] }),
    );
    expect(Errors).toEqual([
      {
        PartitionValues: ["2025", "eu"],
        ErrorDetail: { ErrorCode: "AlreadyExistsException", ErrorMessage: expect.any(String) as string },
      },
    ]);
    await expect(send(new CreatePartitionCommand({ ...at, PartitionInput: {} }))).rejects.toMatchObject({
      name: "InvalidInputException",
    });
  });

  it("answer expressions, pages, segments and ExcludeColumnSchema", async () => {
    expect(await found({ Expression: "year > 2022 AND region = 'eu'" })).toEqual(["2023/eu", "2024/eu"]);
    await expect(found({ Expression: "nope = 1" })).rejects.toMatchObject({ name: "InvalidInputException" });
    const all: string[] = [];
    for await (const page of paginateGetPartitions({ client: connected().glue, pageSize: 4 }, { ...at }))
      all.push(...(page.Partitions ?? []).map((p) => (p.Values ?? []).join("/")));
    expect(all).toHaveLength(6);
    const parts = await Promise.all(
      [0, 1, 2].map((SegmentNumber) => found({ Segment: { SegmentNumber, TotalSegments: 3 } })),
    );
    expect(parts.flat().sort()).toEqual(all);
    expect(parts.every((part) => part.length < 6)).toBe(true);
    await expect(found({ Segment: { SegmentNumber: 3, TotalSegments: 3 } })).rejects.toMatchObject({
      name: "InvalidInputException",
    });
    const { Partitions } = await send(new GetPartitionsCommand({ ...at, ExcludeColumnSchema: true, MaxResults: 1 }));
    expect(Partitions?.[0]?.StorageDescriptor).toEqual({ Location: "s3://b/orders/2022/eu" });
  });

  it("are got, updated and deleted, also in batches", async () => {
    expect((await send(new GetPartitionCommand({ ...at, PartitionValues: ["2022", "eu"] }))).Partition).toMatchObject({
      ...value(2022, "eu"),
      DatabaseName: "shop",
      TableName: "orders",
      CreationTime: expect.any(Date) as Date,
    });
    const got = await send(
      new BatchGetPartitionCommand({
        ...at,
        PartitionsToGet: [{ Values: ["2022", "eu"] }, { Values: ["1999", "eu"] }],
      }),
    );
    expect([got.Partitions?.length, got.UnprocessedKeys]).toEqual([1, [{ Values: ["1999", "eu"] }]]);
    await send(
      new UpdatePartitionCommand({
        ...at,
        PartitionValueList: ["2022", "eu"],
        PartitionInput: { Parameters: { p: "1" } },
      }),
    );
    expect(
      (await send(new GetPartitionCommand({ ...at, PartitionValues: ["2022", "eu"] }))).Partition?.Parameters,
    ).toEqual({ p: "1" });
    const updated = await send(
      new BatchUpdatePartitionCommand({
        ...at,
        Entries: [
          ["2022", "eu"],
          ["1999", "eu"],
        ].map((PartitionValueList) => ({ PartitionValueList, PartitionInput: { Values: PartitionValueList } })),
      }),
    );
    expect(updated.Errors).toEqual([
      {
        PartitionValueList: ["1999", "eu"],
        ErrorDetail: { ErrorCode: "EntityNotFoundException", ErrorMessage: expect.any(String) as string },
      },
    ]);
    await send(new DeletePartitionCommand({ ...at, PartitionValues: ["2022", "eu"] }));
    const deleted = await send(
      new BatchDeletePartitionCommand({
        ...at,
        PartitionsToDelete: [{ Values: ["2022", "eu"] }, { Values: ["2022", "us"] }],
      }),
    );
    expect(deleted.Errors?.map((e) => e.PartitionValues)).toEqual([["2022", "eu"]]);
    expect(await found({ Expression: "year = 2022" })).toEqual([]);
  });

  it("have indexes, which check what comes and hold keys in place", async () => {
    await send(
      new CreatePartitionIndexCommand({ ...at, PartitionIndex: { IndexName: "by_region", Keys: ["region", "year"] } }),
    );
    expect((await send(new GetPartitionIndexesCommand(at))).PartitionIndexDescriptorList).toEqual([
      {
        IndexName: "by_region",
        IndexStatus: "ACTIVE",
        Keys: [
          { Name: "region", Type: "string" },
          { Name: "year", Type: "int" },
        ],
      },
    ]);
    expect(await found({ Expression: "region = 'us' AND year >= 2023" })).toEqual(["2023/us", "2024/us"]);
    await expect(
      send(new CreatePartitionCommand({ ...at, PartitionInput: { Values: ["soon", "eu"] } })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await expect(
      send(
        new UpdateTableCommand({
          DatabaseName: "shop",
          TableInput: {
            ...orders,
            PartitionKeys: [
              { Name: "y", Type: "int" },
              { Name: "region", Type: "string" },
            ],
          },
        }),
      ),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    await expect(
      send(new CreatePartitionIndexCommand({ ...at, PartitionIndex: { IndexName: "x", Keys: ["nope"] } })),
    ).rejects.toMatchObject({ name: "InvalidInputException" });
    for (const IndexName of ["b", "c"])
      await send(new CreatePartitionIndexCommand({ ...at, PartitionIndex: { IndexName, Keys: ["year"] } }));
    await expect(
      send(new CreatePartitionIndexCommand({ ...at, PartitionIndex: { IndexName: "d", Keys: ["year"] } })),
    ).rejects.toMatchObject({ name: "ResourceNumberLimitExceededException" });
    await send(new DeletePartitionIndexCommand({ ...at, IndexName: "by_region" }));
    expect(
      (await send(new GetPartitionIndexesCommand(at))).PartitionIndexDescriptorList?.map((i) => i.IndexName),
    ).toEqual(["b", "c"]);
  });

  it("that do not fit make an index fail, with their values", async () => {
    await send(new CreatePartitionCommand({ ...at, PartitionInput: { Values: ["soon", "eu"] } }));
    await send(new CreatePartitionIndexCommand({ ...at, PartitionIndex: { IndexName: "i", Keys: ["year"] } }));
    expect((await send(new GetPartitionIndexesCommand(at))).PartitionIndexDescriptorList).toMatchObject([
      {
        IndexName: "i",
        IndexStatus: "FAILED",
        BackfillErrors: [{ Code: "INVALID_PARTITION_TYPE_DATA_ERROR", Partitions: [{ Values: ["soon", "eu"] }] }],
      },
    ]);
  });
});
