/**
 * Resource links: what AWS Lake Formation's guide says of each call ("How resource links work", the tables of API
 * operations).
 */
import type { Catalog } from "../../src/catalog/index.js";
import type { OpenCatalog } from "./contract.js";

export function linkContract(name: string, open: OpenCatalog): void {
  describe(`${name}: resource links`, () => {
    let catalog: Catalog;
    beforeEach(async () => {
      catalog = await open(() => 1500);
      await catalog.createDatabase({ Name: "lake", Description: "the real one", LocationUri: "s3://lake" });
      await catalog.createTable("lake", {
        Name: "orders",
        Owner: "a",
        PartitionKeys: [{ Name: "day", Type: "string" }],
        StorageDescriptor: { Columns: [{ Name: "id", Type: "int" }] },
      });
      await catalog.createDatabase({ Name: "mine" });
      await catalog.createTable("mine", { Name: "linked", TargetTable: { DatabaseName: "Lake", Name: "Orders" } });
      await catalog.createDatabase({ Name: "link", TargetDatabase: { DatabaseName: "lake" } });
    });
    afterEach(() => catalog.close());

    it("a table's has its own name and its target's properties", async () => {
      const table = await catalog.getTable("mine", "linked");
      expect(table).toMatchObject({
        Name: "linked",
        DatabaseName: "mine",
        Owner: "a",
        VersionId: "0",
        TargetTable: { DatabaseName: "Lake", Name: "Orders" },
        StorageDescriptor: { Columns: [{ Name: "id", Type: "int" }] },
      });
      expect((await catalog.getTables("mine")).items).toEqual([table]);
      await expect(catalog.createTable("mine", { Name: "linked" })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    });

    it("a change through a table's reaches the target, held to the target's version", async () => {
      const {
        DatabaseName: _,
        CreateTime: _1,
        UpdateTime: _2,
        CatalogId: _3,
        VersionId: _4,
        IsRegisteredWithLakeFormation: _5,
        ...input
      } = await catalog.getTable("mine", "linked");
      await catalog.updateTable("mine", { ...input, Owner: "b" }, { versionId: "0" });
      await expect(catalog.updateTable("mine", { ...input, Owner: "c" }, { versionId: "0" })).rejects.toMatchObject({
        code: "CONCURRENT_MODIFICATION",
      });
      const target = await catalog.getTable("lake", "orders");
      expect(target).toMatchObject({ Name: "orders", Owner: "b", VersionId: "1" });
      expect(target.TargetTable).toBeUndefined();
      expect((await catalog.getTableVersions("mine", "linked")).items.map(({ VersionId }) => VersionId)).toEqual([
        "1",
        "0",
      ]);
    });

    it("partitions through a table's and a database's are the target's", async () => {
      expect(await catalog.batchCreatePartition("mine", "linked", [{ Values: ["1"] }])).toEqual([]);
      expect(await catalog.batchCreatePartition("link", "orders", [{ Values: ["2"] }])).toEqual([]);
      expect(
        (await catalog.getPartitions("lake", "orders", { expression: "day >= '1'" })).items.map(({ Values }) => Values),
      ).toEqual([["1"], ["2"]]);
      await catalog.deletePartition("mine", "linked", ["2"]);
      await expect(catalog.getPartition("lake", "orders", ["2"])).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
    });

    it("a database's has its own name and its target's properties and tables", async () => {
      expect(await catalog.getDatabase("link")).toMatchObject({
        Name: "link",
        Description: "the real one",
        LocationUri: "s3://lake",
        TargetDatabase: { DatabaseName: "lake" },
      });
      expect((await catalog.getDatabases()).items.map(({ Name, Description }) => [Name, Description])).toEqual([
        ["lake", "the real one"],
        ["link", "the real one"],
        ["mine", undefined],
      ]);
      await catalog.createTable("link", { Name: "new" });
      expect((await catalog.getTables("link")).items.map((t) => [t.DatabaseName, t.Name])).toEqual([
        ["lake", "new"],
        ["lake", "orders"],
      ]);
      await catalog.updateDatabase("link", {
        Name: "link",
        Description: "changed",
        TargetDatabase: { DatabaseName: "lake" },
      });
      const target = await catalog.getDatabase("lake");
      expect(target).toMatchObject({ Name: "lake", Description: "changed" });
      expect(target.TargetDatabase).toBeUndefined();
    });

    it("deleting one leaves its target", async () => {
      await catalog.deleteTable("mine", "linked");
      await catalog.deleteDatabase("link");
      expect((await catalog.getTables("mine")).items).toEqual([]);
      await expect(catalog.getDatabase("link")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
      expect(await catalog.getTable("lake", "orders")).toMatchObject({ Owner: "a" });
    });

    it("one that leads nowhere, to another account or to a link has its own properties, and nothing behind it", async () => {
      await catalog.deleteTable("lake", "orders");
      await catalog.createTable("mine", {
        Name: "twice",
        Owner: "me",
        TargetTable: { DatabaseName: "mine", Name: "linked" },
      });
      await catalog.createTable("mine", {
        Name: "itself",
        Owner: "me",
        TargetTable: { DatabaseName: "mine", Name: "itself" },
      });
      await catalog.createDatabase({
        Name: "foreign",
        TargetDatabase: { CatalogId: "999999999999", DatabaseName: "lake" },
      });
      expect(await catalog.getTable("mine", "linked")).toMatchObject({ Name: "linked", VersionId: "0" });
      for (const link of ["linked", "twice", "itself"])
        await expect(catalog.getPartitions("mine", link)).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
      expect(await catalog.getDatabase("foreign")).toMatchObject({ Name: "foreign" });
      await expect(catalog.getTables("foreign")).rejects.toMatchObject({ code: "ENTITY_NOT_FOUND" });
      for (const table of ["linked", "twice", "itself"]) await catalog.deleteTable("mine", table);
      await catalog.deleteDatabase("foreign");
    });

    it("a search finds a target's tables once", async () => {
      expect(
        (await catalog.searchTables({ filters: [{ Key: "Owner", Value: "a" }] })).items.map(
          ({ DatabaseName, Name }) => [DatabaseName, Name],
        ),
      ).toEqual([
        ["lake", "orders"],
        ["mine", "linked"],
      ]);
    });
  });
}
