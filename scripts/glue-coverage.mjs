#!/usr/bin/env node
// Writes docs/glue-api-coverage.md from the table of the built server (`npm run build` first).
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, "dist", "esm", "cli", "main.js");
writeFileSync(join(root, "docs", "glue-api-coverage.md"), execFileSync(process.execPath, [cli, "serve", "--coverage"], { encoding: "utf8" }));
