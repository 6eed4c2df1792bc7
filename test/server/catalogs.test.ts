/** Catalogs beside the account's own, through the JavaScript SDK: what is in one is in no other. */
import {
  BatchCreatePartitionCommand,
  CreateCatalogCommand,
  CreateDatabaseCommand,
  CreateTableCommand,
  DeleteCatalogCommand,
  GetCatalogCommand,
  GetCatalogsCommand,
  GetDatabaseCommand,
  GetDatabasesCommand,
  GetJobsCommand,
  GetPartitionsCommand,
  GetTableCommand,
  GetTagsCommand,
  type GlueClient,
  UpdateCatalogCommand,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { startGlueServer } from "../../src/server/index.js";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { post, withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const account = "123456789012";
const notFound = { name: "EntityNotFoundException" };

it("holds databases, tables and partitions of its own, by its name or its whole id", async () => {
  await send(
    new CreateCatalogCommand({ Name: "sales", CatalogInput: { Description: "of sales" }, Tags: { team: "a" } }),
  );
  for (const CatalogId of [undefined, "sales"]) {
    await send(new CreateDatabaseCommand({ CatalogId, DatabaseInput: { Name: "shop" } }));
    await send(
      new CreateTableCommand({
        CatalogId,
        DatabaseName: "shop",
        TableInput: { Name: "orders", Owner: CatalogId ?? "root", PartitionKeys: [{ Name: "day", Type: "string" }] },
      }),
    );
  }
  await send(
    new BatchCreatePartitionCommand({
      CatalogId: `${account}:sales`,
      DatabaseName: "shop",
      TableName: "orders",
      PartitionInputList: [{ Values: ["1"] }],
    }),
  );
  await send(
    new UpdateTableCommand({
      CatalogId: "sales",
      DatabaseName: "shop",
      TableInput: { Name: "orders", Owner: "new", PartitionKeys: [{ Name: "day", Type: "string" }] },
    }),
  );

  const table = async (CatalogId?: string) =>
    (await send(new GetTableCommand({ CatalogId, DatabaseName: "shop", Name: "orders" }))).Table;
  expect(await table()).toMatchObject({ Owner: "root", CatalogId: account, VersionId: "0" });
  expect(await table("sales")).toMatchObject({ Owner: "new", CatalogId: `${account}:sales`, VersionId: "1" });
  const partitions = async (CatalogId?: string) =>
    (await send(new GetPartitionsCommand({ CatalogId, DatabaseName: "shop", TableName: "orders" }))).Partitions;
  expect(await partitions()).toEqual([]);
  expect(await partitions("sales")).toMatchObject([{ Values: ["1"], CatalogId: `${account}:sales` }]);
  expect((await send(new GetDatabaseCommand({ CatalogId: "sales", Name: "shop" }))).Database?.CatalogId).toBe(
    `${account}:sales`,
  );
  expect(
    (await send(new GetTagsCommand({ ResourceArn: `arn:aws:glue:us-east-1:${account}:catalog/sales` }))).Tags,
  ).toEqual({ team: "a" });
});

it("is listed, told, changed and deleted with what is in it; made anew it is empty", async () => {
  for (const Name of ["b", "a"])
    await send(new CreateCatalogCommand({ Name, CatalogInput: { Parameters: { p: Name } } }));
  await send(new CreateDatabaseCommand({ CatalogId: "a", DatabaseInput: { Name: "shop" } }));
  const names = async (request: object) =>
    (await send(new GetCatalogsCommand(request))).CatalogList?.map(({ Name }) => Name);
  expect(await names({})).toEqual(["a", "b"]);
  expect(await names({ IncludeRoot: true, ParentCatalogId: account })).toEqual([account, "a", "b"]);
  expect(await names({ HasDatabases: true })).toEqual(["a"]);
  expect(await names({ ParentCatalogId: "a" })).toEqual([]);
  await send(new UpdateCatalogCommand({ CatalogId: "a", CatalogInput: { Description: "new" } }));
  expect((await send(new GetCatalogCommand({ CatalogId: "a" }))).Catalog).toMatchObject({
    CatalogId: `${account}:a`,
    Name: "a",
    Description: "new",
    Parameters: {},
    ResourceArn: `arn:aws:glue:us-east-1:${account}:catalog/a`,
    CreateTime: expect.any(Date) as Date,
  });
  await send(new DeleteCatalogCommand({ CatalogId: "a" }));
  await expect(send(new GetDatabasesCommand({ CatalogId: "a" }))).rejects.toMatchObject(notFound);
  await send(new CreateCatalogCommand({ Name: "a", CatalogInput: {} }));
  expect((await send(new GetDatabasesCommand({ CatalogId: "a" }))).DatabaseList).toEqual([]);
  expect((await send(new GetDatabasesCommand({}))).DatabaseList).toEqual([]);
});

it("what cannot be is refused by name", async () => {
  await send(new CreateCatalogCommand({ Name: "a", CatalogInput: {} }));
  await expect(send(new CreateCatalogCommand({ Name: "a", CatalogInput: {} }))).rejects.toMatchObject({
    name: "AlreadyExistsException",
  });
  await expect(send(new CreateCatalogCommand({ Name: account, CatalogInput: {} }))).rejects.toMatchObject({
    name: "InvalidInputException",
  });
  await expect(
    send(new CreateCatalogCommand({ Name: "r", CatalogInput: { TargetRedshiftCatalog: { CatalogArn: "arn" } } })),
  ).rejects.toMatchObject({ name: "OperationNotSupportedException" });
  await expect(send(new UpdateCatalogCommand({ CatalogId: "none", CatalogInput: {} }))).rejects.toMatchObject(notFound);
  await expect(send(new DeleteCatalogCommand({ CatalogId: account }))).rejects.toMatchObject({
    name: "InvalidInputException",
  });
  await expect(send(new GetTableCommand({ CatalogId: "none", DatabaseName: "d", Name: "t" }))).rejects.toMatchObject(
    notFound,
  );
  expect((await send(new GetJobsCommand({}))).Jobs).toEqual([]);

  const folder = mkdtempSync(join(tmpdir(), "dynaframe-catalogs-"));
  const plain = await startGlueServer({
    open: () => openSqliteCatalog(folder),
    accountId: account,
    port: 0,
    insecureNoAuth: true,
  });
  expect(await post(plain.endpoint, "AWSGlue.CreateCatalog", '{"Name":"x","CatalogInput":{}}')).toMatchObject({
    status: 400,
    type: "OperationNotSupportedException",
  });
  await plain.close();
  rmSync(folder, { recursive: true });
});
