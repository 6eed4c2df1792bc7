/** Clients from the Java world: the AWS SDK for Java, and Spark with Iceberg's GlueCatalog on an S3 server. */
import { once } from "node:events";
import { GetTableCommand, GetTablesCommand, type GlueClient, type Table } from "@aws-sdk/client-glue";
import { startServer, type TestServer } from "../../src/testing/start-server.js";
import { startVersitygw, type Versitygw, describeWithVersitygw } from "../storage/s3-servers.js";
import { record, type Recording } from "./clients/record.js";
import { describeWithJava, type JavaProgram, runJava, sql } from "./java-client.js";
import { clientOf } from "./sdk-client.js";

const LIMIT = 600_000; // JVMs on a busy machine need their time
const credentials = { accessKeyId: "owner", secretAccessKey: "owner-secret" }; // those of the S3 server, too

let server: TestServer;
let env: NodeJS.ProcessEnv = {};
beforeAll(async () => {
  server = await startServer({ credentials });
  env = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
});
afterAll(() => server.close());

describeWithJava("the AWS SDK for Java", () => {
  it(
    "makes, reads, pages through and drops what it made, and knows each refusal by its class",
    async () => {
      const recording = await record("aws-sdk-java", server.endpoint);
      const { child, lines, errors } = runJava("GlueTour", { ...env, GLUE_ENDPOINT: recording.endpoint });
      const first = await lines.next();
      const [status] = child.exitCode === null ? ((await once(child, "exit")) as [number]) : [child.exitCode];
      recording.end();
      recording.close();
      expect([first.value, status, status === 0 ? "" : errors()]).toEqual(["ok", 0, ""]);
    },
    LIMIT,
  );
});

describeWithVersitygw("Spark's GlueCatalog", () => {
  describeWithJava("Spark with Iceberg's GlueCatalog", () => {
    let s3: Versitygw;
    let spark: JavaProgram;
    let glue: GlueClient;
    let recording: Recording;
    beforeAll(async () => {
      recording = await record("spark-iceberg", server.endpoint);
      s3 = await startVersitygw();
      await s3.createBucket("lake");
      glue = clientOf(server);
      const catalog = {
        "": "org.apache.iceberg.spark.SparkCatalog",
        ".catalog-impl": "org.apache.iceberg.aws.glue.GlueCatalog",
        ".io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
        ".warehouse": "s3://lake/warehouse",
        ".glue.endpoint": recording.endpoint,
        ".s3.endpoint": s3.endpoint,
        ".s3.path-style-access": "true",
        ".cache-enabled": "false",
      };
      spark = runJava("SparkSql", env, {
        "spark.master": "local[1]",
        "spark.app.name": "glue-catalog",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        ...Object.fromEntries(Object.entries(catalog).map(([name, value]) => [`spark.sql.catalog.glue${name}`, value])),
      });
    }, LIMIT);
    afterAll(async () => {
      spark.child.stdin?.end();
      if (spark.child.exitCode === null) await once(spark.child, "exit");
      s3.stop();
      recording.close();
    }, LIMIT);

    const run = (statement: string): Promise<readonly unknown[]> => sql(spark, statement);
    const entry = async (name: string): Promise<Table | undefined> =>
      (await glue.send(new GetTableCommand({ DatabaseName: "shop", Name: name }))).Table;

    it(
      "creates, evolves, queries, renames and drops a table, and each commit moves the catalog's entry",
      async () => {
        await run("CREATE NAMESPACE glue.shop");
        await run(
          "CREATE TABLE glue.shop.orders (id BIGINT COMMENT 'key', note STRING, at TIMESTAMP) USING iceberg PARTITIONED BY (days(at)) COMMENT 'all orders'",
        );
        const created = await entry("orders");
        expect(created).toMatchObject({
          TableType: "EXTERNAL_TABLE",
          Parameters: { table_type: "ICEBERG" },
          VersionId: "0",
          StorageDescriptor: {
            Location: "s3://lake/warehouse/shop.db/orders",
            Columns: [
              { Name: "id", Type: "bigint", Comment: "key" },
              { Name: "note", Type: "string" },
              { Name: "at", Type: "timestamp" },
            ],
          },
        });
        await run(
          "INSERT INTO glue.shop.orders VALUES (1, 'one', TIMESTAMP '2024-01-01 10:00:00'), (2, 'two', TIMESTAMP '2024-01-02 10:00:00')",
        );
        const filled = await entry("orders");
        expect(filled?.VersionId).toBe("1");
        expect(filled?.Parameters?.["previous_metadata_location"]).toBe(created?.Parameters?.["metadata_location"]);
        await run("ALTER TABLE glue.shop.orders ADD COLUMN price DECIMAL(10,2)");
        await run("ALTER TABLE glue.shop.orders RENAME COLUMN note TO remark");
        await run("INSERT INTO glue.shop.orders VALUES (3, 'three', TIMESTAMP '2024-01-03 10:00:00', 1.50)");
        await run("UPDATE glue.shop.orders SET price = 2.25 WHERE id = 1");
        await run("DELETE FROM glue.shop.orders WHERE id = 2");
        expect(await run("SELECT * FROM glue.shop.orders ORDER BY id")).toEqual([
          { id: 1, remark: "one", at: "2024-01-01T10:00:00.000Z", price: 2.25 },
          { id: 3, remark: "three", at: "2024-01-03T10:00:00.000Z", price: 1.5 },
        ]);
        const evolved = await entry("orders");
        expect(evolved?.VersionId).toBe("6");
        // Iceberg keeps the columns of earlier schemas in the entry, marked as such
        const current = evolved?.StorageDescriptor?.Columns?.filter(
          (column) => column.Parameters?.["iceberg.field.current"] === "true",
        );
        expect(current?.map((column) => [column.Name, column.Type])).toEqual([
          ["id", "bigint"],
          ["remark", "string"],
          ["at", "timestamp"],
          ["price", "decimal(10,2)"],
        ]);
        await run("ALTER TABLE glue.shop.orders RENAME TO shop.sales");
        expect(
          (await glue.send(new GetTablesCommand({ DatabaseName: "shop" }))).TableList?.map((table) => table.Name),
        ).toEqual(["sales"]);
        expect(await run("SELECT count(*) AS n FROM glue.shop.sales")).toEqual([{ n: 2 }]);
        expect(await run("SHOW TABLES IN glue.shop")).toMatchObject([{ namespace: "shop", tableName: "sales" }]);
        await run("DROP TABLE glue.shop.sales PURGE");
        await run("DROP NAMESPACE glue.shop");
        expect(await run("SHOW NAMESPACES IN glue")).toEqual([]);
        recording.end();
      },
      LIMIT,
    );

    it(
      "a commit on a table that was changed meanwhile is tried again on what it is now",
      async () => {
        await run("CREATE NAMESPACE glue.shop");
        await run("CREATE TABLE glue.shop.counts (n BIGINT) USING iceberg");
        const other = runJava(
          "SparkSql",
          env,
          Object.fromEntries(
            spark.child.spawnargs
              .filter((arg) => arg.startsWith("-Dspark."))
              .map((arg) => arg.slice(2).split(/=(.*)/s) as [string, string]),
          ),
        );
        try {
          const insert = async (session: JavaProgram, from: number): Promise<void> => {
            for (let n = from; n < from + 4; n += 1) await sql(session, `INSERT INTO glue.shop.counts VALUES (${n})`);
          };
          await Promise.all([insert(spark, 0), insert(other, 100)]);
        } finally {
          other.child.stdin?.end();
          await once(other.child, "exit");
        }
        expect(await run("SELECT n FROM glue.shop.counts ORDER BY n")).toEqual(
          [0, 1, 2, 3, 100, 101, 102, 103].map((n) => ({ n })),
        );
        expect((await entry("counts"))?.VersionId).toBe("8");
      },
      LIMIT,
    );
  });
});
