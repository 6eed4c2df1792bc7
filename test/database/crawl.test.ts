/**
 * Databases as targets of a crawl, on real servers: paths, types, keys, comments, what came, changed and went; the
 * tables made are read back.
 */
import { tablePattern } from "../../src/crawler/database/jdbc-target.js";
import type { CrawlOptions } from "../../src/index.js";
import { startDatabase, type TestDatabase } from "./servers.js";

const COLUMNS = async ({ glue }: TestDatabase, table: string): Promise<unknown> =>
  ((await glue.catalog.getTable("shop", table)).StorageDescriptor?.Columns ?? []).map(({ Name, Type, Comment }) =>
    Comment === undefined ? [Name, Type] : [Name, Type, Comment],
  );

async function connect({ glue, options }: TestDatabase): Promise<void> {
  const { url, user, password } = options;
  await glue.catalog.createConnection({
    Name: "db",
    ConnectionType: "JDBC",
    ConnectionProperties: {
      JDBC_CONNECTION_URL: url,
      ...(user === undefined ? {} : { USERNAME: user }),
      ...(password === undefined ? {} : { PASSWORD: password }),
    },
  });
}
const crawlOf = ({ glue }: TestDatabase, path: string, more: Partial<CrawlOptions> = {}) =>
  glue.crawl({ database: "shop", includes: [], jdbcTargets: [{ connectionName: "db", path }], ...more });
const actions = (report: Awaited<ReturnType<typeof crawlOf>>): unknown =>
  report.tables.map(({ name, action }) => [name, action]);

describe("PostgreSQL", () => {
  let db: TestDatabase | undefined;
  beforeAll(async () => {
    db = await startDatabase("postgresql");
    if (db !== undefined) await connect(db);
  }, 60_000);
  afterAll(async () => {
    await db?.stop();
  });
  const check = (name: string, body: (database: TestDatabase) => Promise<void>): void =>
    test(
      name,
      async () => {
        if (db !== undefined) await body(db);
      },
      60_000,
    );

  check(
    "types, keys, comments, domains, arrays, views and partitioned tables, and the tables can be read",
    async (database) => {
      await database.sql(`CREATE DOMAIN price AS numeric(8,3);
      CREATE TABLE orders (day date, id bigint, small smallint, n int, ok boolean, r real, d double precision, amount numeric(10,2), any_number numeric, p price, name varchar(20), raw bytea,
        at timestamp, atz timestamptz, doc jsonb, u uuid, tags text[], "Mixed Case" text, PRIMARY KEY (id, day));
      COMMENT ON TABLE orders IS 'what was bought'; COMMENT ON COLUMN orders.amount IS 'in euro';
      INSERT INTO orders (id, day, amount) VALUES (1, '2024-01-02', 3.50);
      CREATE VIEW cheap AS SELECT id FROM orders; CREATE TABLE parts (k int) PARTITION BY RANGE (k); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9);
      CREATE SCHEMA "Odd Schema"; CREATE TABLE "Odd Schema"."a.b" (x int)`);
      expect(actions(await crawlOf(database, "postgres/%"))).toEqual([
        ["postgres_odd_schema_a_b", "create"],
        ["postgres_public_cheap", "create"],
        ["postgres_public_orders", "create"],
        ["postgres_public_parts", "create"],
      ]);
      expect(await COLUMNS(database, "postgres_public_orders")).toEqual([
        ["day", "date"],
        ["id", "bigint"],
        ["small", "smallint"],
        ["n", "int"],
        ["ok", "boolean"],
        ["r", "float"],
        ["d", "double"],
        ["amount", "decimal(10,2)", "in euro"],
        ["any_number", "decimal(38,18)"],
        ["p", "decimal(8,3)"],
        ["name", "string"],
        ["raw", "binary"],
        ["at", "timestamp"],
        ["atz", "timestamp"],
        ["doc", "string"],
        ["u", "string"],
        ["tags", "array<string>"],
        ["mixed case", "string"],
      ]);
      const table = await database.glue.catalog.getTable("shop", "postgres_public_orders");
      expect(table).toMatchObject({
        Description: "what was bought",
        Parameters: {
          classification: "postgresql",
          connectionName: "db",
          typeOfData: "table",
          "dynaframe.primaryKey": '["id","day"]',
        },
        StorageDescriptor: { Location: "postgres.public.orders" },
      });
      const [row] = await database.glue.createDynamicFrame
        .fromCatalog({ database: "shop", tableName: "postgres_public_orders" })
        .records();
      expect(String(row?.["amount"])).toBe("3.50");
      expect(
        await database.glue.createDynamicFrame
          .fromCatalog({ database: "shop", tableName: "postgres_odd_schema_a_b" })
          .count(),
      ).toBe(0);
    },
  );

  check("a second crawl has nothing to do; what came, changed and went is told, by policy", async (database) => {
    expect(new Set((await crawlOf(database, "postgres/%")).tables.map(({ action }) => action))).toEqual(
      new Set(["keep"]),
    );
    await database.sql("ALTER TABLE orders ADD COLUMN extra int; DROP VIEW cheap; CREATE TABLE fresh (a int)");
    const report = await crawlOf(database, "postgres/public/%");
    expect(actions(report)).toEqual([
      ["postgres_public_cheap", "deprecate"],
      ["postgres_public_fresh", "create"],
      ["postgres_public_orders", "update"],
      ["postgres_public_parts", "update"],
    ]);
    expect(report.tables.find(({ name }) => name === "postgres_public_orders")?.typeChanges).toHaveLength(1);
    await database.sql("DROP TABLE fresh");
    expect(
      actions(
        await crawlOf(database, "postgres/public/f%", {
          schemaChangePolicy: { deleteBehavior: "DELETE_FROM_DATABASE" },
        }),
      ),
    ).toEqual([["postgres_public_fresh", "delete"]]);
    await expect(database.glue.catalog.getTable("shop", "postgres_public_fresh")).rejects.toMatchObject({
      code: "ENTITY_NOT_FOUND",
    });
    await database.sql("ALTER TABLE orders DROP COLUMN extra");
    expect(
      actions(
        await crawlOf(database, "postgres/public/orders", {
          schemaChangePolicy: { updateBehavior: "LOG", deleteBehavior: "LOG" },
        }),
      ),
    ).toEqual([["postgres_public_orders", "log"]]);
  });

  check("a database that cannot be reached is a problem; its tables stay, and no secret is told", async (database) => {
    const report = await crawlOf(database, "no_such_database/%");
    expect(report.problems).toHaveLength(1);
    expect(JSON.stringify(report)).not.toContain(database.options.password ?? "no password");
    expect(
      (await database.glue.catalog.getTable("shop", "postgres_public_orders")).Parameters?.["DEPRECATED_BY_CRAWLER"],
    ).toBeUndefined();
  });

  check("exclusions, and files beside it in one crawl", async (database) => {
    const report = await database.glue.crawl({
      database: "other",
      includes: [],
      jdbcTargets: [{ connectionName: "db", path: "postgres/public", exclusions: ["p*"] }],
    });
    expect(actions(report)).toEqual([["postgres_public_orders", "create"]]);
  });
});

describe("MariaDB", () => {
  let db: TestDatabase | undefined;
  beforeAll(async () => {
    db = await startDatabase("mariadb");
    if (db !== undefined) await connect(db);
  }, 60_000);
  afterAll(async () => {
    await db?.stop();
  });
  test("types, keys and comments; tables without transactions too", async () => {
    if (db === undefined) return;
    const [[name]] = (await db.sql("SELECT DATABASE()")) as [[string]];
    await db.sql(
      "CREATE TABLE orders (id BIGINT UNSIGNED, day DATE, t TINYINT, b BOOLEAN, m MEDIUMINT, n INT UNSIGNED, f FLOAT, d DOUBLE, amount DECIMAL(10,2) COMMENT 'in euro', name VARCHAR(20), raw BLOB, at DATETIME(3), ts TIMESTAMP NULL, doc JSON, e ENUM('a','b'), y YEAR, PRIMARY KEY (day, id)) COMMENT 'what was bought'",
    );
    await db.sql("CREATE TABLE old (x INT) ENGINE=MyISAM");
    await db.sql("CREATE VIEW cheap AS SELECT id FROM orders");
    expect(actions(await crawlOf(db, `${name}/%`))).toEqual([
      [`${name}_cheap`, "create"],
      [`${name}_old`, "create"],
      [`${name}_orders`, "create"],
    ]);
    expect(await COLUMNS(db, `${name}_orders`)).toEqual([
      ["id", "decimal(20,0)"],
      ["day", "date"],
      ["t", "tinyint"],
      ["b", "boolean"],
      ["m", "int"],
      ["n", "bigint"],
      ["f", "float"],
      ["d", "double"],
      ["amount", "decimal(10,2)", "in euro"],
      ["name", "string"],
      ["raw", "binary"],
      ["at", "timestamp"],
      ["ts", "timestamp"],
      ["doc", "string"],
      ["e", "string"],
      ["y", "smallint"],
    ]);
    const table = await db.glue.catalog.getTable("shop", `${name}_orders`);
    expect(table).toMatchObject({
      Description: "what was bought",
      Parameters: { classification: "mysql", "dynaframe.primaryKey": '["day","id"]' },
    });
    expect((await db.glue.catalog.getTable("shop", `${name}_cheap`)).Description).toBeUndefined();
    expect(
      await db.glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: `${name}_orders` }).count(),
    ).toBe(0);
  }, 60_000);
});

test("include paths: levels, wildcards, and what is refused", () => {
  const matching = (kind: "postgresql" | "mysql", path: string, ...tables: string[]): string[] =>
    tables.filter((text) => {
      const [schema, name] = text.includes("/") ? text.split("/") : [undefined, text];
      return tablePattern({ connectionName: "c", path }, kind).matches({
        ...(schema === undefined ? {} : { schema }),
        name: name ?? "",
      });
    });
  expect(matching("postgresql", "shop/public/%", "public/a", "sales/a")).toEqual(["public/a"]);
  expect(matching("postgresql", "shop/%", "public/a", "sales/a")).toEqual(["public/a", "sales/a"]);
  expect(matching("postgresql", "shop", "public/a")).toEqual(["public/a"]);
  expect(matching("postgresql", "shop/s%/o%r", "sales/other", "sales/others", "public/other")).toEqual(["sales/other"]);
  expect(matching("mysql", "shop/a.b", "a.b", "axb")).toEqual(["a.b"]);
  for (const path of ["", "%/public/a", "a/b/c/d"])
    expect(() => tablePattern({ connectionName: "c", path }, "postgresql")).toThrow(
      expect.objectContaining({ code: "INVALID_CRAWLER" }) as Error,
    );
  expect(() => tablePattern({ connectionName: "c", path: "a/b/c" }, "mysql")).toThrow(/names no tables/);
});
