/**
 * Connections that are missing or of another kind: by code, with the names that there are, and no secret told. Nothing
 * is reached over the network.
 */
import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";
import { openWorld, refused, type World } from "./world.js";

const SECRET = "s3cret-of-orders";
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await world.glue.catalog.createConnection({
    Name: "orders",
    ConnectionType: "JDBC",
    ConnectionProperties: {
      JDBC_CONNECTION_URL: "jdbc:postgresql://localhost:1/shop",
      USERNAME: "u",
      PASSWORD: SECRET,
    },
  });
});
afterEach(() => world.close());

const read = (connectionType: "postgresql" | "mysql" | "s3", connectionOptions: object) =>
  world.glue.createDynamicFrame
    .fromOptions({ connectionType, connectionOptions, ...(connectionType === "s3" ? { format: "json" } : {}) } as never)
    .count();
const write = (connectionType: "postgresql" | "s3", connectionOptions: object) =>
  world.glue.writeDynamicFrame.fromOptions({
    frame: world.glue.createDynamicFrame.fromRows([{ a: 1 }]),
    connectionType,
    connectionOptions,
    ...(connectionType === "s3" ? { format: "json" } : {}),
  } as never);

test("a connection that is not there, for a source and a sink, of a database and of files", async () => {
  for (const call of [
    () => read("postgresql", { connectionName: "oders", dbtable: "t" }),
    () => write("postgresql", { connectionName: "oders", dbtable: "t" }),
    () => read("s3", { connectionName: "oders", path: "s3://lake/a" }),
    () => write("s3", { connectionName: "oders", path: "s3://lake/a" }),
    () =>
      world.glue.writeDynamicFrame.fromJdbcConf({
        frame: world.glue.createDynamicFrame.fromRows([{ a: 1 }]),
        catalogConnection: "oders",
        connectionOptions: { dbtable: "t", database: "shop" },
      }),
  ]) {
    const error = await refused(call);
    expect([error.code, error.message]).toEqual(["ENTITY_NOT_FOUND", expect.stringContaining("oders")]);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  }
});

test("a table of the catalog whose connection is gone", async () => {
  await world.glue.catalog.createDatabase({ Name: "shop" });
  await world.glue.catalog.createTable("shop", {
    Name: "t",
    Parameters: { classification: "postgresql", connectionName: "oders" },
    StorageDescriptor: { Location: "shop.public.t", Columns: [{ Name: "a", Type: "int" }] },
  });
  const error = await refused(() =>
    world.glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "t" }).count(),
  );
  expect([error.code, error.message]).toEqual(["ENTITY_NOT_FOUND", expect.stringContaining("oders")]);
});

test("a connection of another kind, and nobody at its address: by code, without the secret", async () => {
  for (const [call, code] of [
    [() => read("mysql", { connectionName: "orders", dbtable: "t" }), /^BAD_ADDRESS$/],
    [() => read("s3", { connectionName: "orders", path: "s3://lake/a" }), /^UNSUPPORTED_CONNECTION$/],
    [() => read("postgresql", { connectionName: "orders", dbtable: "t" }), /^CONNECTION_FAILED$/],
    [() => write("postgresql", { connectionName: "orders", dbtable: "t" }), /^CONNECTION_FAILED$/],
  ] as const) {
    const error = await refused(call);
    expect(error.code).toMatch(code);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  }
});

test("a url with a bare % is BAD_ADDRESS, and tells no password", async () => {
  for (const url of [`jdbc:postgresql://u:100%${SECRET}@localhost:1/shop`, "jdbc:postgresql://localhost:1/100%"]) {
    const error = await refused(() => read("postgresql", { url, dbtable: "t" }));
    expect([error.code, inspect(error, { depth: 9, showHidden: true }).includes(SECRET)]).toEqual([
      "BAD_ADDRESS",
      false,
    ]);
  }
});

// a greeting of MySQL without what must follow, then an OK that nobody asked for; messages of PostgreSQL of kinds that
// there are not
const GREETING = Buffer.from([0x4a, 0, 0, 0, 0x0a, ...Buffer.from("5.5.5\0"), ...Buffer.alloc(80)]);
test.each<["mysql" | "postgresql", string, Buffer]>([
  ["mysql", "a web server", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["mysql", "half a greeting", GREETING],
  [
    "mysql",
    "a greeting and more",
    Buffer.concat([GREETING, Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]), Buffer.alloc(40, 7)]),
  ],
  ["postgresql", "a web server", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["postgresql", "an unknown way to log in", Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99])],
  ["postgresql", "a log-in and noise", Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x54, 0, 0, 0, 7, 0, 1, 0x41])],
])("what answers is no %s server but %s: an error by code, and the process goes on", async (kind, _, bytes) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined).resume();
    socket.write(bytes);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  try {
    const url = `jdbc:${kind}://127.0.0.1:${(server.address() as AddressInfo).port}/shop`;
    const error = await refused(() =>
      read(kind, { url, user: "u", password: SECRET, dbtable: "t", connectTimeout: 1000, readTimeout: 1000 }),
    );
    expect(error.code).toMatch(/^CONNECTION_(FAILED|LOST)$/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
  } finally {
    // ends only when the client has left no connection behind, which would keep its process from ending
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});
