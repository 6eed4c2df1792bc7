import type * as Ssh from "ssh2";
import { loadOptional } from "../types/load-optional.js";

/** The package ssh2. @throws OPTIONAL_DEPENDENCY when it is not installed. */
export async function loadSsh(): Promise<typeof Ssh> {
  const loaded = await loadOptional("ssh2", () => import("ssh2"), "A development endpoint");
  // CommonJS: imported from an ES module, most of it is only under `default`
  return "default" in loaded ? (loaded.default as typeof Ssh) : loaded;
}
