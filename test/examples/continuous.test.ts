import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildIfStale } from "../cli/cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-example-"));
beforeAll(buildIfStale, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the example reads what comes, and what is new only when it is run again", () => {
  const run = (): string => execFileSync(process.execPath, ["examples/continuous.mjs", folder], { encoding: "utf8" });
  expect(run()).toBe("batch 0: read 2 = written 2 + errors 0\nbatch 1: read 1 = written 1 + errors 0\n2 batches\n");
  expect(run()).toBe("batch 2: read 2 = written 2 + errors 0\nbatch 3: read 1 = written 1 + errors 0\n2 batches\n");
});
