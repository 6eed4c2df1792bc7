/** Connections that are missing or of another kind: by code, with the names that there are, and no secret told. Nothing is reached over the network. */
import { inspect } from "node:util";
import { openWorld, refused, type World } from "./world.js";

const SECRET = "s3cret-of-orders";
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.glue.catalog.createConnection({ Name: "orders", ConnectionType: "JDBC", ConnectionProperties: { JDBC_CONNECTION_URL: "jdbc:postgresql://localhost:1/shop", USERNAME: "u", PASSWORD: SECRET } });
});
afterEach(() => world.close());

const read = (connectionType: "postgresql" | "mysql" | "s3", connectionOptions: object) =>
  world.glue.createDynamicFrame.fromOptions({ connectionType, connectionOptions, ...(connectionType === "s3" ? { format: "json" } : {}) } as never).count();
const write = (connectionType: "postgresql" | "s3", connectionOptions: object) =>
  world.glue.writeDynamicFrame.fromOptions({ frame: world.glue.createDynamicFrame.fromRows([{ a: 1 }]), connectionType, connectionOptions, ...(connectionType === "s3" ? { format: "json" } : {}) } as never);

test("a connection that is not there, for a source and a sink, of a database and of files", async () => {
  for (const call of [
    () => read("postgresql", { connectionName: "oders", dbtable: "t" }), () => write("postgresql", { connectionName: "oders", dbtable: "t" }),
    () => read("s3", { connectionName: "oders", path: "s3://lake/a" }), () => write("s3", { connectionName: "oders", path: "s3://lake/a" }),
    () => world.glue.writeDynamicFrame.fromJdbcConf({ frame: world.glue.createDynamicFrame.fromRows([{ a: 1 }]), catalogConnection: "oders", connectionOptions: { dbtable: "t", database: "shop" } }),
  ]) {
    const error = await refused(call);
    expect([error.code, error.message]).toEqual(["ENTITY_NOT_FOUND", expect.stringContaining("oders")]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  }
});

test("a table of the catalog whose connection is gone", async () => {
  await world.glue.catalog.createDatabase({ Name: "shop" });
  await world.glue.catalog.createTable("shop", { Name: "t", Parameters: { classification: "postgresql", connectionName: "oders" }, StorageDescriptor: { Location: "shop.public.t", Columns: [{ Name: "a", Type: "int" }] } });
  const error = await refused(() => world.glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t" }).count());
  expect([error.code, error.message]).toEqual(["ENTITY_NOT_FOUND", expect.stringContaining("oders")]);
});

test("a connection of another kind, and nobody at its address: by code, without the secret", async () => {
  for (const [call, code] of [
    [() => read("mysql", { connectionName: "orders", dbtable: "t" }), /^BAD_ADDRESS$/], [() => read("s3", { connectionName: "orders", path: "s3://lake/a" }), /^UNSUPPORTED_CONNECTION$/],
    [() => read("postgresql", { connectionName: "orders", dbtable: "t" }), /^CONNECTION_FAILED$/], [() => write("postgresql", { connectionName: "orders", dbtable: "t" }), /^CONNECTION_FAILED$/],
  ] as const) {
    const error = await refused(call);
    expect(error.code).toMatch(code);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  }
});
