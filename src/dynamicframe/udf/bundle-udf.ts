/** The module of a function with all that it imports, as one text. */
import { fileURLToPath } from "node:url";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import type { Udf } from "./define-udf.js";

/**
 * CommonJS, which asks `require` for `dynaframe` and for what Node.js has itself.
 * @throws FUNCTION_NOT_BUNDLED, OPTIONAL_DEPENDENCY
 */
export async function bundleUdf({ module, name }: Udf): Promise<string> {
  const { build } = await loadOptional("esbuild", () => import("esbuild"), "Sending a function to a cluster");
  try {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(module)],
      bundle: true,
      write: false,
      platform: "node",
      format: "cjs",
      target: "node20",
      external: ["dynaframe"],
      define: { "import.meta.url": JSON.stringify(module) },
      logLevel: "silent",
    });
    return outputFiles[0]?.text ?? "";
  } catch (cause) {
    throw new DynaframeError(
      "FUNCTION_NOT_BUNDLED",
      `The module of the function ${name} cannot be sent to the cluster: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        file: module,
        cause,
        hint: "It and its imports must be JavaScript or TypeScript without native parts; run a function without defineUdf to have it in this process.",
      },
    );
  }
}
