// PySpark's client in a virtual environment of its own, for a test through an endpoint's tunnel and for the benches.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const PACKAGES = ["pyspark-client==4.2.0"];

export const pysparkFolder =
  process.env.DYNAFRAME_PYSPARK
  ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe", "pyspark");

export const pyspark = {
  name: "pyspark",
  provide() {
    const stamp = join(pysparkFolder, "complete");
    if (existsSync(stamp)) return `${pysparkFolder} is there`;
    // made in its final place: scripts of a virtual environment name its folder
    rmSync(pysparkFolder, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", pysparkFolder], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync(
      join(pysparkFolder, "bin", "pip"),
      ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    writeFileSync(stamp, PACKAGES.join("\n"));
    return `${PACKAGES.join(", ")} in ${pysparkFolder}`;
  },
};
