/** A process that writes to a catalog until it is killed, and prints a line for each write that was acknowledged. */
import { writeSync } from "node:fs";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";

const [address = "", name = "", count = "0"] = process.argv.slice(2);

async function main(): Promise<void> {
  const catalog = await openSqliteCatalog(address);
  writeSync(1, "open\n");
  for (let i = 0; i < Number(count); i += 1) {
    await catalog.applyTableChanges([{
      database: "db", table: { Name: `${name}_${i}`, PartitionKeys: [{ Name: "k", Type: "int" }] },
      putPartitions: Array.from({ length: 5 }, (_, k) => ({ Values: [String(k)] })),
    }]);
    writeSync(1, `table ${name}_${i}\n`);
    const counted = await increment(catalog);
    writeSync(1, `count ${counted}\n`);
  }
  await catalog.close();
  writeSync(1, "done\n");
}

async function increment(catalog: Awaited<ReturnType<typeof openSqliteCatalog>>): Promise<number> {
  for (;;) {
    const table = await catalog.getTable("db", "counter");
    const next = Number(table.Parameters?.["n"] ?? 0) + 1;
    try {
      await catalog.updateTable("db", { Name: "counter", Parameters: { n: String(next) } }, { versionId: table.VersionId });
      return next;
    } catch (error) {
      if ((error as { code?: string }).code !== "CONCURRENT_MODIFICATION") throw error;
    }
  }
}

main().catch((error: unknown) => { writeSync(2, `${String((error as Error).stack)}\n`); process.exitCode = 1; });
