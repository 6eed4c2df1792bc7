// docs/glue-compatibility.md from the tables in conformance/compatibility, the package, and a conformance run: the one
// given with --results FILE, or one made now. With --check nothing is written; the status says whether the page is up
// to date.
import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "dynaframe-compatibility-"));
const cache = join(root, "node_modules", ".cache", "dynaframe");
mkdirSync(cache, { recursive: true });
const outfile = join(cache, `compatibility-${process.pid}.mjs`);
const run = (...command) =>
  spawnSync(process.execPath, command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
try {
  let results = args.includes("--results") ? args[args.indexOf("--results") + 1] : undefined;
  if (results === undefined) {
    results = join(folder, "conformance.json");
    // a failing case is for the page to say
    run(
      join(root, "scripts", "conformance.mjs"),
      join(root, "fixtures", "conformance"),
      "--engine",
      "all",
      "--json",
      results,
    );
  }
  await build({
    entryPoints: [join(root, "conformance", "compatibility.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    logLevel: "error",
    absWorkingDir: root,
  });
  process.exitCode = run(
    "--enable-source-maps",
    outfile,
    "--results",
    results,
    "--root",
    root,
    ...(args.includes("--check") ? ["--check"] : []),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outfile, { force: true });
}
