import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "..", "..");
export const mainFile = join(root, "dist", "esm", "cli", "main.js");

export type Finished = { readonly status: number | null; readonly out: string; readonly err: string };
export type CliOptions = {
  readonly catalog?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of output after which the reader goes away. */ readonly readAtMost?: number;
  readonly interruptAfter?: number;
};

/** Builds what the tests run, when it is older than its sources. */
export function buildIfStale(): void {
  execFileSync(process.execPath, [join(root, "scripts", "build.mjs"), "--if-stale"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Runs the built command as a user would, with pipes and no terminal. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<Finished> {
  const { NO_COLOR: _, DYNAFRAME_CATALOG: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    ...(options.catalog === undefined ? {} : { DYNAFRAME_CATALOG: options.catalog }),
    ...options.env,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [mainFile, ...args], {
      cwd: options.cwd ?? root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      if (options.readAtMost !== undefined && out.length >= options.readAtMost) child.stdout.destroy();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    if (options.interruptAfter !== undefined)
      setTimeout(() => {
        child.kill("SIGINT");
      }, options.interruptAfter);
    child.on("error", reject);
    child.on("close", (status) => {
      resolve({ status, out, err });
    });
  });
}
