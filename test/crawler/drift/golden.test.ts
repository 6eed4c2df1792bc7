/**
 * Whole outputs of the table of twelve versions, as files to be read. What they say is checked by hand in
 * tell-drift.test.ts and twelve-versions.ts; here that nothing of it changes unseen. `DYNAFRAME_GOLDEN=write` writes
 * them anew.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../../src/catalog/index.js";
import { printBlame, printDrift } from "../../../src/cli/print/drift-report.js";
import { plainStyle } from "../../../src/cli/print/style.js";
import { blamePath } from "../../../src/crawler/drift/blame-path.js";
import { driftPage } from "../../../src/crawler/drift/drift-page.js";
import { diffVersions, tellDrift } from "../../../src/crawler/drift/tell-drift.js";
import { twelveVersions } from "./twelve-versions.js";

const root = mkdtempSync(join(tmpdir(), "dyna-golden-"));
let catalog: Catalog;
beforeAll(async () => {
  catalog = await twelveVersions(root);
});
afterAll(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const orders = { database: "shop", tableName: "orders" };
const names = (file: string): string => file.slice(join(root, "orders").length + 1);
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const OUTPUTS: { readonly [file: string]: () => Promise<string> } = {
  "drift.txt": async () => printDrift(await tellDrift(catalog, orders), { net: false, names, style: plainStyle }),
  "drift.json": async () => json(await tellDrift(catalog, orders)),
  "drift.html": async () => driftPage(await tellDrift(catalog, orders)),
  "diff-3-5.txt": async () =>
    printDrift(await diffVersions(catalog, { ...orders, from: 3, to: 5 }), { net: true, names, style: plainStyle }),
  "diff-3-5.json": async () => json(await diffVersions(catalog, { ...orders, from: 3, to: 5 })),
  "blame-price.txt": async () => printBlame(await blamePath(catalog, { ...orders, path: "price" }), names, plainStyle),
  "blame-price.json": async () => json(await blamePath(catalog, { ...orders, path: "price" })),
};

test.each(Object.keys(OUTPUTS))("%s", async (file) => {
  const text = ((await OUTPUTS[file]?.()) ?? "").replaceAll(root, "/lake");
  const path = join(__dirname, "golden", file);
  if (process.env["DYNAFRAME_GOLDEN"] === "write") writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
});
