// Eight processes write one catalog at once and are killed, in its folder and through a server: the test of
// test/processes for longer.
//   node bench/processes.mjs [seconds, default 60]
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { status } = spawnSync(
  process.execPath,
  ["node_modules/jest/bin/jest.js", "test/processes", "--maxWorkers=1", "--verbose"],
  { cwd: root, stdio: "inherit", env: { ...process.env, DYNAFRAME_PROCESS_SECONDS: process.argv[2] ?? "60" } },
);
process.exitCode = status ?? 1;
