/** The code of a blueprint from where it is kept, as one module that can be stored and run without it. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Storage } from "../../storage/index.js";
import { loadOptional } from "../../types/load-optional.js";
import { DynaframeError } from "../../types/error.js";
import { badBlueprint } from "./define-blueprint.js";
import type { BlueprintCode } from "./layout-process.js";

const MOST_BYTES = 4 * 2 ** 20;
const IMPORTS_OF_ITS_OWN = /^\s*(?:import|export)\b[^;]*?\bfrom\s*["']\.|\bimport\s*\(\s*["']\./m;

/**
 * Of TypeScript the types go, and of a local module the files beside it that it imports come in, for which esbuild must
 * be installed.
 * @throws BAD_BLUEPRINT, OPTIONAL_DEPENDENCY.
 */
export async function readBlueprint(location: string, storage: Storage): Promise<BlueprintCode> {
  const path = location.startsWith("file://") ? fileURLToPath(location) : location;
  const extension = extname(path).toLowerCase();
  if (![".ts", ".mts", ".js", ".mjs"].includes(extension))
    throw badBlueprint(
      `a file ${extension === "" ? "without an ending" : `of kind ${extension}`} is no module; expected .ts, .mts, .js or .mjs`,
      { file: location },
    );
  const isRemote = /^[a-z0-9+.-]{2,}:\/\//i.test(path);
  const text = await textOf(storage, storage.resolve(path));
  const from = isRemote ? `${process.cwd()}/blueprint.mjs` : storage.resolve(path).replace(/^file:\/\//, "");
  const isPlain = extension === ".js" || extension === ".mjs";
  if (isPlain && !IMPORTS_OF_ITS_OWN.test(text)) return { code: text, from };
  if (isRemote && IMPORTS_OF_ITS_OWN.test(text))
    throw badBlueprint("it imports files beside it, which are not fetched", { file: location });
  const { build } = await loadOptional("esbuild", () => import("esbuild"), "A blueprint in TypeScript");
  const result = await build({
    stdin: {
      contents: text,
      loader: isPlain ? "js" : "ts",
      resolveDir: from.slice(0, from.lastIndexOf("/")),
      sourcefile: location,
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    logLevel: "silent",
  }).catch((cause: unknown) => {
    throw badBlueprint(cause instanceof Error ? cause.message : String(cause), { file: location, cause });
  });
  return { code: Buffer.from(result.outputFiles[0]?.contents ?? "").toString("utf8"), from };
}

async function textOf(storage: Storage, path: string): Promise<string> {
  const reader = await storage.open(path).catch((cause: unknown) => {
    throw badBlueprint(cause instanceof DynaframeError ? cause.message.replace(/\.$/, "") : "it cannot be read", {
      file: path,
      cause,
    });
  });
  try {
    const { size } = reader.ref;
    if (size > MOST_BYTES) throw badBlueprint(`it is longer than ${MOST_BYTES / 2 ** 20} MB`, { file: path });
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const read = await reader.read(bytes.subarray(at), at);
      if (read === 0) throw badBlueprint("it became shorter while it was read", { file: path });
      at += read;
    }
    return Buffer.from(bytes).toString("utf8");
  } finally {
    await reader.close();
  }
}
