// A CSV export and a customers table of a database, joined and written as partitioned Parquet; the daily figures go
// back into the database. Runs against an SQLite file that it makes; for PostgreSQL or MySQL only the connection's url
// differs.
//   node examples/csv-from-database.mjs [folder]
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "dynaframe";

const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), "dynaframe-example-")));
const glue = await GlueContext.open({ catalog: join(folder, "catalog") });

// what a real job finds: an export, a database, and a connection to it in the catalog
await mkdir(join(folder, "export"), { recursive: true });
const lines = Array.from(
  { length: 300 },
  (_, i) => `${i},${i % 7},2024-0${1 + (i % 3)}-1${i % 10},${i % 50 === 7 ? "n/a" : (i * 1.25).toFixed(2)}`,
);
await writeFile(join(folder, "export", "orders.csv"), `order_id,customer_id,day,amount\n${lines.join("\n")}\n`);
const connections = (await glue.catalog.getConnections()).items;
if (!connections.some(({ Name }) => Name === "shop"))
  await glue.catalog.createConnection({
    Name: "shop",
    ConnectionType: "JDBC",
    ConnectionProperties: { JDBC_CONNECTION_URL: `jdbc:sqlite:${join(folder, "shop.db")}` },
  });
const customers = Array.from({ length: 7 }, (_, i) => ({
  id: i,
  name: `Customer ${i}`,
  country: ["DE", "FR", "IT"][i % 3],
}));
await glue.writeDynamicFrame.fromJdbcConf({
  frame: glue.createDynamicFrame.fromRows(customers),
  catalogConnection: "shop",
  connectionOptions: { dbtable: "customers" },
  mode: "overwrite",
});

const orders = glue.createDynamicFrame
  .fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(folder, "export") },
    format: "csv",
    formatOptions: { withHeader: true },
  })
  .map((order) => ({ ...order, month: order.day.slice(0, 7) }))
  .applyMapping([
    ["order_id", "string", "order_id", "int"],
    ["customer_id", "string", "customer_id", "int"],
    ["day", "string", "day", "date"],
    ["month", "string", "month", "string"],
    ["amount", "string", "amount", "decimal(10,2)"],
  ]);
const fromDatabase = glue.createDynamicFrame.fromOptions({
  connectionType: "jdbc",
  connectionOptions: { useConnectionProperties: "true", connectionName: "shop", dbtable: "customers" },
});
const joined = orders.join("customer_id", "id", fromDatabase);

const files = await glue.writeDynamicFrame.fromOptions({
  frame: joined,
  connectionType: "file",
  connectionOptions: { path: join(folder, "orders"), partitionKeys: ["month", "country"] },
  format: "parquet",
  mode: "overwrite",
});
console.log(
  `orders: ${files.files.length} Parquet files, read ${files.read} = written ${files.written}, ${files.nulled.amount ?? 0} amounts were no numbers`,
);

const daily = joined
  .toDF()
  .sql(
    "select month, country, cast(count(*) as int) as orders, cast(sum(amount) as decimal(18,2)) as amount from self group by all order by all",
  );
const report = await glue.writeDynamicFrame.fromOptions({
  frame: glue.createDynamicFrame.fromDF(daily, "daily"),
  connectionType: "sqlite",
  mode: "merge",
  connectionOptions: {
    connectionName: "shop",
    dbtable: "monthly_sales",
    mergeKeys: ["month", "country"],
    preactions:
      "CREATE TABLE IF NOT EXISTS monthly_sales (month TEXT, country TEXT, orders INT, amount DECIMAL TEXT(18,2), PRIMARY KEY (month, country))",
  },
});
console.log(`monthly_sales: written ${report.written}, balanced: ${report.balanced}`);
await glue.close();
