// Runs of a job under random kills, with two foreign readers at the target: the test of test/job for longer.
//   node bench/kills.mjs [runs, default 1000]
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { status } = spawnSync(
  process.execPath,
  ["node_modules/jest/bin/jest.js", "test/job/random-kills", "--maxWorkers=1", "--verbose"],
  { cwd: root, stdio: "inherit", env: { ...process.env, DYNAFRAME_KILLS: process.argv[2] ?? "1000" } },
);
process.exitCode = status ?? 1;
