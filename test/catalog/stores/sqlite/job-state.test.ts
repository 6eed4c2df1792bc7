import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";
import { jobStateContract } from "../../job-state-contract.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-job-state-"));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
jobStateContract(() => openSqliteCatalog(join(root, String((count += 1)))));
