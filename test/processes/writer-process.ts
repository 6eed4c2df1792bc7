/** A process that writes to a catalog until it is killed, and prints a line for each write that was acknowledged. */
import { writeSync } from "node:fs";
import { openHttpCatalog } from "../../src/catalog/stores/http/index.js";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";

const [address = "", name = "", count = "0"] = process.argv.slice(2);

async function main(): Promise<void> {
  const catalog = address.startsWith("http:") ? await openHttpCatalog(address) : await openSqliteCatalog(address);
  writeSync(1, "open\n");
  for (let i = 0; i < Number(count); i += 1) {
    await catalog.applyTableChanges([
      {
        database: "db",
        table: { Name: `${name}_${i}`, PartitionKeys: [{ Name: "k", Type: "int" }] },
        putPartitions: Array.from({ length: 5 }, (_, k) => ({ Values: [String(k)] })),
      },
    ]);
    writeSync(1, `table ${name}_${i}\n`);
    const { value, from, to } = await increment(catalog);
    writeSync(1, `count ${value} ${from} ${to}\n`);
  }
  await catalog.close();
  writeSync(1, "done\n");
}

/**
 * Adds one under the optimistic lock; `from` and `to` are the times at which the update that succeeded was sent and
 * acknowledged.
 */
async function increment(
  catalog: Catalog,
): Promise<{ readonly value: number; readonly from: bigint; readonly to: bigint }> {
  for (;;) {
    const table = await catalog.getTable("db", "counter");
    const value = Number(table.Parameters?.["n"] ?? 0) + 1;
    const from = process.hrtime.bigint(); // one clock for all processes of the machine
    try {
      await catalog.updateTable(
        "db",
        { Name: "counter", Parameters: { n: String(value) } },
        { versionId: table.VersionId },
      );
      return { value, from, to: process.hrtime.bigint() };
    } catch (error) {
      if ((error as { code?: string }).code !== "CONCURRENT_MODIFICATION") throw error;
    }
  }
}

main().catch((error: unknown) => {
  // a server that was killed: what it had not acknowledged may or may not be there
  if ((error as { code?: string }).code === "CATALOG_UNREACHABLE") process.exit(0);
  writeSync(2, `${String((error as Error).stack)}\n`);
  process.exitCode = 1;
});
