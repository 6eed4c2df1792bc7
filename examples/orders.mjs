import { GlueContext } from "dynaframe";

const glue = await GlueContext.open({ catalog: "./.dynaframe" });
await glue.crawl({ database: "shop", includes: ["./fixtures/drifting-orders"], exclusions: ["case.json"] });
const orders = glue.createDynamicFrame.fromCatalog({ database: "shop", tableName: "drifting_orders" });
const tables = orders
  .resolveChoice({
    specs: [
      ["price", "cast:double"],
      ["id", "cast:string"],
    ],
  })
  .relationalize("orders");
console.log(
  await glue.writeDynamicFrame.fromOptions({
    frame: tables,
    connectionType: "file",
    connectionOptions: { path: "./out" },
    format: "parquet",
  }),
);
await glue.close();
