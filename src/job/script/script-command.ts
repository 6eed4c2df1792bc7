/** How a script is run: by its name's ending, with what this machine has. */
import { stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import type { RunLimits } from "../definition/capacity.js";
import { dataUrl, NODE_PRELOAD, PYTHON_PRELOAD } from "./preload.js";

export type ScriptCommand = {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: { readonly [name: string]: string };
};

export type ScriptSource = {
  readonly location: string;
  /** A folder of the run's own, where a script may be put in another form. */
  readonly folder: string;
  /**
   * Where \`dynaframe\` is, for scripts that do not find it in a node_modules of theirs: the file that its package
   * exports.
   */
  readonly packageEntry: string | undefined;
  readonly limits: RunLimits;
};

/**
 * @throws SCRIPT_NOT_FOUND, UNSUPPORTED_SCRIPT, OPTIONAL_DEPENDENCY for TypeScript where neither Node nor esbuild reads
 * it.
 */
export async function scriptCommand(source: ScriptSource): Promise<ScriptCommand> {
  const script = await localScript(source.location);
  const extension = extname(script).toLowerCase();
  switch (extension) {
    case ".js":
    case ".mjs":
    case ".cjs":
      return nodeCommand(source, script, script);
    case ".ts":
    case ".mts":
      return nodeCommand(source, script, readsTypeScript() ? script : await withoutTypes(script, source.folder));
    case ".py":
      return { program: process.env["PYTHON"] ?? "python3", args: ["-c", PYTHON_PRELOAD, script], environment: {} };
    default:
      throw new DynaframeError(
        "UNSUPPORTED_SCRIPT",
        `A script ${extension === "" ? "without an ending" : `of kind ${extension}`} cannot be run.`,
        { file: script, expected: ".ts, .mts, .js, .mjs, .cjs or .py", hint: "Name the script by its language." },
      );
  }
}

async function localScript(location: string): Promise<string> {
  if (/^[a-z0-9+.-]{2,}:\/\//i.test(location) && !location.startsWith("file://")) {
    throw new DynaframeError("UNSUPPORTED_SCRIPT", `A script at ${location.split("://")[0] ?? ""}:// is not fetched.`, {
      file: location,
      expected: "a path",
      hint: "Copy the script to this machine, and name the copy as ScriptLocation.",
    });
  }
  const path = location.startsWith("file://") ? fileURLToPath(location) : resolve(location);
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile()) return path;
  throw new DynaframeError("SCRIPT_NOT_FOUND", `There is no script at ${path}.`, {
    file: path,
    hint: "Check Command.ScriptLocation; a relative path counts from where the runner was started.",
  });
}

/** `original`: where the imports of the script are looked for. */
function nodeCommand({ packageEntry, limits }: ScriptSource, original: string, script: string): ScriptCommand {
  const isElsewhere = script !== original;
  const findsPackage = packageEntry === undefined || canResolve(original);
  const hook =
    isElsewhere || !findsPackage
      ? {
          DYNAFRAME_SCRIPT_HOOK: JSON.stringify({
            script: pathToFileURL(original).href,
            packages: packageEntry === undefined ? {} : packagesAt(packageEntry),
          }),
        }
      : {};
  // the heap may not take all of it: engine and buffers lie outside
  const heap =
    limits.memory === undefined
      ? []
      : [`--max-old-space-size=${Math.max(64, Math.floor(limits.memory / 2 ** 20 / 2))}`];
  return { program: process.execPath, args: [...heap, "--import", dataUrl(NODE_PRELOAD), script], environment: hook };
}

const packagesAt = (entry: string): { readonly [name: string]: string } => ({
  "dynaframe": pathToFileURL(entry).href,
  "dynaframe/testing": pathToFileURL(join(entry, "..", "testing", "index.js")).href,
});

function canResolve(script: string): boolean {
  try {
    createRequire(script).resolve("dynaframe");
    return true;
  } catch {
    return false;
  }
}

/** Node 22.18 and 24 strip types by themselves. */
const readsTypeScript = (): boolean => Boolean((process.features as { readonly typescript?: unknown }).typescript);

/** The script and the files it imports by relative paths, in one module. */
async function withoutTypes(script: string, folder: string): Promise<string> {
  const { build } = await loadOptional(
    "esbuild",
    () => import("esbuild"),
    `A script in TypeScript, on Node ${process.versions.node},`,
  );
  const result = await build({
    entryPoints: [script],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "inline",
    logLevel: "silent",
    define: { "import.meta.url": JSON.stringify(pathToFileURL(script).href) },
  }).catch((cause: unknown) => {
    throw new DynaframeError(
      "BAD_SCRIPT",
      `The script cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { file: script, cause },
    );
  });
  const file = join(folder, "script.mjs");
  await writeFile(file, result.outputFiles[0]?.contents ?? "", { mode: 0o600 });
  return file;
}
