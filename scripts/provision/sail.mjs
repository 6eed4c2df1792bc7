// Sail, a Spark Connect server without Java, in a virtual environment of its own: npm run docs:sail runs the
// conformance cases on it.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const SAIL_VERSION = "0.7.2";
export const sailFolder = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "dynaframe",
  `sail-${SAIL_VERSION}`,
);

export const sail = {
  name: "sail",
  without: "no Python; the cases are not run on Sail",
  provide() {
    const stamp = join(sailFolder, "complete");
    if (existsSync(stamp)) return `${sailFolder} is there`;
    // made in its final place: scripts of a virtual environment name its folder
    rmSync(sailFolder, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", sailFolder], { stdio: ["ignore", "ignore", "inherit"] });
    const pip = (...args) =>
      execFileSync(join(sailFolder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", ...args], {
        stdio: ["ignore", "ignore", "inherit"],
      });
    pip(`pysail==${SAIL_VERSION}`);
    // Sail asks this package for the version of Spark that it is to be, and for nothing else
    pip("--no-deps", "pyspark-client==4.2.0");
    writeFileSync(stamp, SAIL_VERSION);
    return `pysail ${SAIL_VERSION} in ${sailFolder}`;
  },
};
