import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { buildIfStale } from "../cli/cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-example-"));
beforeAll(buildIfStale, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the example joins an export with a table, writes partitions, and merges the same figures however often it runs", () => {
  // 300 orders of 7 customers in 3 countries over 3 months; those numbered 7, 57, 107, … have no amount
  const amounts = Array.from({ length: 300 }, (_, i) => (i % 50 === 7 ? 0 : Math.round(i * 125))).reduce(
    (a, b) => a + b,
    0,
  );
  execFileSync(process.execPath, ["examples/csv-from-database.mjs", folder]);
  const out = execFileSync(process.execPath, ["examples/csv-from-database.mjs", folder], { encoding: "utf8" });
  expect(out).toBe(
    "orders: 9 Parquet files, read 300 = written 300, 6 amounts were no numbers\nmonthly_sales: written 9, balanced: true\n",
  );
  expect(
    readdirSync(join(folder, "orders"))
      .filter((name) => name.startsWith("month="))
      .sort(),
  ).toEqual(["month=2024-01", "month=2024-02", "month=2024-03"]);
  const db = new DatabaseSync(join(folder, "shop.db"), { readOnly: true });
  const rows = db.prepare("SELECT orders, amount FROM monthly_sales").all() as { orders: number; amount: string }[];
  db.close();
  expect(rows.reduce((sum, row) => sum + row.orders, 0)).toBe(300);
  expect(Math.round(rows.reduce((sum, row) => sum + Number(row.amount) * 100, 0))).toBe(amounts);
});
