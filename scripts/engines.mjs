// docs/engines.md from conformance runs: those given with --results FILE, or runs made now on every engine. With
// --check nothing is written.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "dynaframe-engines-"));
const cache = join(root, "node_modules", ".cache", "dynaframe");
mkdirSync(cache, { recursive: true });
const outfile = join(cache, `engines-${process.pid}.mjs`);
const run = (...command) =>
  spawnSync(process.execPath, command, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
try {
  const given = args.flatMap((arg, i) => (arg === "--results" ? [args[i + 1]] : []));
  const results =
    given.length > 0
      ? given
      : ["all", "spark"].map((engine) => {
          const file = join(folder, `${engine}.json`);
          // a failing case is for the page to say
          run(
            join(root, "scripts", "conformance.mjs"),
            join(root, "fixtures", "conformance"),
            "--engine",
            engine,
            "--json",
            file,
          );
          return file;
        });
  await build({
    entryPoints: [join(root, "conformance", "engines.ts")],
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
    "--root",
    root,
    ...results.flatMap((file) => ["--results", file]),
    ...(args.includes("--check") ? ["--check"] : []),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outfile, { force: true });
}
