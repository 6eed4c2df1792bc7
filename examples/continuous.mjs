// Files come to a folder while it is read: each batch goes to Parquet once, in whatever state the process was left
// before.
//   node examples/continuous.mjs [folder]     run it again: only what is new is read
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GlueContext } from "../dist/esm/index.js";

const folder = process.argv[2] ?? "out/continuous";
const inbox = join(folder, "inbox");
await mkdir(inbox, { recursive: true });

/** A producer lets files appear whole. */
async function arrive(name, orders) {
  await writeFile(join(folder, name), orders.map((order) => `${JSON.stringify(order)}\n`).join(""));
  await rename(join(folder, name), join(inbox, name));
}

await arrive(`${Date.now()}-a.json`, [
  { id: 1, qty: 2 },
  { id: 2, qty: "3" },
]);

const glue = await GlueContext.open({ catalog: join(folder, "catalog") });
const orders = glue.createDynamicFrame
  .fromOptions({ connectionType: "file", connectionOptions: { path: inbox }, format: "json" })
  .resolveChoice({ specs: [["qty", "cast:long"]] });

const query = glue.forEachBatch({
  frame: orders,
  options: { windowSize: "200 milliseconds", checkpointLocation: join(folder, "checkpoint") },
  batchFunction: async (batch, batchId) => {
    const report = await glue.writeDynamicFrame.fromOptions({
      frame: batch,
      connectionType: "file",
      connectionOptions: { path: join(folder, "orders") },
      format: "parquet",
    });
    console.log(`batch ${batchId}: read ${report.read} = written ${report.written} + errors ${report.errors}`);
    if (report.read === 1) void query.stop();
    else await arrive(`${Date.now()}-b.json`, [{ id: 3, qty: 4 }]);
  },
});
const { batches } = await query;
console.log(`${batches} batches`);
await glue.close();
