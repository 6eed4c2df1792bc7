// Bundles the conformance runner from source and runs it: TypeScript without a build step. Arguments are passed on.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "node_modules", ".cache", "dynaframe");
mkdirSync(folder, { recursive: true });
// one file per run: two runs at once must not overwrite each other's code
const outfile = join(folder, `conformance-${process.pid}.mjs`);
await build({
  entryPoints: [join(root, "conformance", "run.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  logLevel: "error",
  absWorkingDir: root,
});
const child = spawn(process.execPath, ["--enable-source-maps", outfile, ...process.argv.slice(2)], {
  stdio: "inherit",
});
child.on("exit", async (code, signal) => {
  const { rm } = await import("node:fs/promises");
  await rm(outfile, { force: true });
  process.exitCode = signal ? 1 : (code ?? 1);
});
