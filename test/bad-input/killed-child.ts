/** A process of its own running the bundled library, killed after a while. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";

export type Bundle = { readonly path: string; remove(): void };

/**
 * The library as one file below the repository, so that its packages are found; nobody else's build can change it
 * meanwhile.
 */
export async function bundleLibrary(): Promise<Bundle> {
  mkdirSync(resolve(".cache"), { recursive: true });
  const folder = mkdtempSync(resolve(".cache", "killed-"));
  const path = join(folder, "library.cjs");
  await build({
    entryPoints: [resolve("src/index.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    packages: "external",
    outfile: path,
    logLevel: "error",
  });
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export type Fate = {
  readonly finished: boolean;
  /** From "ready" to the end. */ readonly milliseconds: number;
  readonly pid: number;
};

/**
 * Runs `body` (of an async function that has `glue` and `ready`) in a child with a context on the catalog, and kills it
 * with SIGKILL that many milliseconds after it called `ready()`; without `killAfter` it may finish.
 */
export function runChild(bundle: Bundle, catalog: string, body: string, killAfter?: number): Promise<Fate> {
  const script = join(bundle.path, "..", `child-${process.hrtime.bigint()}.cjs`);
  writeFileSync(
    script,
    `const { GlueContext } = require(${JSON.stringify(bundle.path)});
(async () => {
  const glue = await GlueContext.open({ catalog: ${JSON.stringify(catalog)}, threads: 2, onWarning: () => undefined });
  const ready = () => process.send("ready");
  ${body}
  await glue.close();
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });\n`,
  );
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let complaint = "";
    let from = performance.now();
    child.stderr?.on("data", (text: Buffer) => {
      complaint += text.toString();
    });
    child.on("message", () => {
      from = performance.now();
      if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", fail);
    child.on("exit", (code, signal) => {
      const fate = { finished: code === 0, milliseconds: performance.now() - from, pid: child.pid ?? 0 };
      if (code === 0 || signal === "SIGKILL") done(fate);
      else fail(new Error(`the child ended with ${code ?? signal}: ${complaint}`));
    });
  });
}

/** Moments spread over a run: the n-th part of it each, and somewhere within that part. */
export const moments = (milliseconds: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.round(((i + Math.random()) / n) * milliseconds));
