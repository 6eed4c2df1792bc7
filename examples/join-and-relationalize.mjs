// Who sat in which house, and when: three nested tables joined into one history, which is then split into flat tables.
// As in Glue's legislators sample, line by line.   node examples/join-and-relationalize.mjs [folder for the results]
import { fileURLToPath } from "node:url";
import { DropFields, GlueContext, Join, RenameField } from "dynaframe";

const target = process.argv[2] ?? "out/legislators";
const data = fileURLToPath(new URL("data/legislators", import.meta.url));
const glue = await GlueContext.open({ catalog: `${target}/.dynaframe` });
try {
  // a table for each folder, its types exact
  await glue.crawl({ database: "legislators", includes: [data] });
  const table = (tableName) =>
    glue.createDynamicFrame.fromCatalog({ database: "legislators", tableName, transformationCtx: tableName });
  const persons = table("persons");
  const memberships = table("memberships");

  // both persons and organizations have id and name: told apart before they meet
  let organizations = DropFields.apply({ frame: table("organizations"), paths: ["other_names", "identifiers"] });
  organizations = RenameField.apply(RenameField.apply(organizations, "id", "org_id"), "name", "org_name");

  const people = Join.apply(persons, memberships, ["id"], ["person_id"], "people");
  const history = Join.apply(organizations, people, ["org_id"], ["organization_id"], "history").dropFields([
    "person_id",
    "org_id",
  ]);
  await history.printSchema();

  const written = await glue.writeDynamicFrame.fromOptions({
    frame: history,
    connectionType: "file",
    connectionOptions: { path: `${target}/history`, partitionKeys: ["org_name"] },
    format: "parquet",
    mode: "overwrite",
  });
  console.log(`history: ${written.written} rows in ${written.files.length} files`);

  // every list becomes a table of its own, joined to the root by keys
  const tables = history.relationalize("hist_root");
  const report = await glue.writeDynamicFrame.fromOptions({
    frame: tables,
    connectionType: "file",
    connectionOptions: { path: `${target}/tables` },
    format: "parquet",
    mode: "overwrite",
  });
  for (const [name, { written: rows }] of Object.entries(report.tables)) console.log(`${name}: ${rows} rows`);
} finally {
  await glue.close();
}
