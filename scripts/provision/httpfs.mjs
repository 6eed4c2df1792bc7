// DuckDB's S3 reader for the tests, as the Python package that carries it: the extension's own server needs not be
// reached.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

// must be DuckDB's own version
const VERSION = "1.5.5";

const httpfsPath = () =>
  join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    "dynaframe",
    `httpfs-${VERSION}`,
    "httpfs.duckdb_extension",
  );

export const httpfs = {
  name: "httpfs",
  without: "Python is not installed: the tests of httpfs will be skipped",
  provide() {
    const target = httpfsPath();
    if (existsSync(target)) return `${target} is there`;
    const folder = join(target, "..");
    mkdirSync(folder, { recursive: true });
    const aside = mkdtempSync(join(folder, "unpacking-"));
    try {
      const python = (...args) => execFileSync("python3", args, { cwd: aside, stdio: ["ignore", "ignore", "inherit"] });
      python(
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        `duckdb-extension-httpfs==${VERSION}`,
      );
      python(
        "-m",
        "zipfile",
        "-e",
        readdirSync(aside).find((name) => name.endsWith(".whl")),
        "unpacked",
      );
      copyFileSync(
        join(aside, "unpacked", "duckdb_extension_httpfs", "extensions", `v${VERSION}`, "httpfs.duckdb_extension"),
        target,
      );
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    return `unpacked ${target}`;
  },
};
