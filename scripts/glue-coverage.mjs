#!/usr/bin/env node
// Writes docs/glue-api-coverage.md from the server's own table of operations.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, ".cache", `coverage-${process.pid}.mjs`);
mkdirSync(dirname(bundle), { recursive: true });
try {
  await build({
    entryPoints: [join(root, "src", "server", "coverage.ts")],
    outfile: bundle,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "warning",
  });
  const { coverageMarkdown } = await import(pathToFileURL(bundle).href);
  writeFileSync(join(root, "docs", "glue-api-coverage.md"), coverageMarkdown());
} finally {
  rmSync(bundle, { force: true });
}
