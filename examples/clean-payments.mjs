// Payments whose types drift: ids of two kinds, prices as numbers and as texts, a line that is cut off. Choices are
// resolved, functions clean what is left, and nothing is lost: what cannot be cleaned is kept apart, with the reason.
//   node examples/clean-payments.mjs [folder for the results]
import { fileURLToPath } from "node:url";
import { GlueContext } from "dynaframe";

const target = process.argv[2] ?? "out/payments";
const data = fileURLToPath(new URL("data/payments", import.meta.url));
const glue = await GlueContext.open({ catalog: `${target}/.dynaframe` });
try {
  await glue.crawl({ database: "health", includes: [data] });
  const payments = glue.createDynamicFrame.fromCatalog({
    database: "health",
    tableName: "payments",
    transformationCtx: "payments",
  });
  await payments.printSchema();

  // "$1,250.50" → 1250.5; what is no amount makes an error record
  const amount = (record) => {
    const text = String(record.paid).replaceAll(/[$,]/g, "");
    const paid = Number(text);
    if (text.trim() === "" || Number.isNaN(paid)) throw new Error(`paid is ${record.paid}`);
    return { ...record, paid };
  };

  const clean = payments
    .resolveChoice({
      specs: [
        ["id", "cast:string"],
        ["units", "cast:int"],
      ],
    }) // "one" is no int: null, and counted
    .map(amount, { transformationCtx: "amount", info: "examples/clean-payments.mjs" })
    .resolveChoice({ specs: [["paid", "cast:double"]] }) // 88 came back as an int, 1250.5 as a double; a mapping takes one source type
    .filter((record) => record.paid >= 0, { transformationCtx: "not negative" })
    .dropNullFields()
    .applyMapping([
      ["id", "string", "id", "string"],
      ["day", "string", "day", "date"],
      ["provider.name", "string", "provider", "string"],
      ["provider.state", "string", "state", "string"],
      ["paid", "double", "paid", "decimal(10,2)"],
      ["units", "int", "units", "int"],
    ]);
  await clean.printSchema();

  const report = await glue.writeDynamicFrame.fromOptions({
    frame: clean,
    connectionType: "file",
    connectionOptions: { path: `${target}/clean`, partitionKeys: ["state"] },
    format: "parquet",
    mode: "overwrite",
  });
  const { read, written, errors, filtered, nulled, balanced } = report;
  console.log(JSON.stringify({ read, written, errors, filtered, nulled, balanced }));

  const failed = clean.errorsAsDynamicFrame();
  await failed.write("file", { path: `${target}/errors` }, "json", {}, { mode: "overwrite" });
  for (const { error } of await failed.records()) console.log(`${error.callsite.site}: ${error.msg}`);
} finally {
  await glue.close();
}
