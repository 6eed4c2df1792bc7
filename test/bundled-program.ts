/** A program of a test that runs in a process of its own, with the sources as they are now, in one file. */
import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync } from "esbuild";

/** Bundles `entry` before the tests of this file and removes it after them; gives where it is. */
export function bundledProgram(entry: string): () => string {
  // below node_modules, so that it finds the packages that are not in it
  const program = join(process.cwd(), "node_modules", ".cache", `${basename(entry, ".ts")}-${process.pid}.cjs`);
  beforeAll(() => {
    mkdirSync(join(program, ".."), { recursive: true });
    buildSync({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      packages: "external",
      logLevel: "error",
    });
  });
  afterAll(() => {
    rmSync(program, { force: true });
  });
  return () => program;
}
