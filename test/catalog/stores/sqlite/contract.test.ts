import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";
import { catalogContract } from "../../contract.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-catalog-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
catalogContract("sqlite", (clock) =>
  openSqliteCatalog(join(root, String((count += 1))), clock === undefined ? {} : { clock }),
);
