#!/usr/bin/env node
// Makes a virtual environment with the Glue clients that the tests drive (boto3, awswrangler, PyIceberg, the AWS CLI)
// and prints its folder. An existing complete one is kept. Without a usable Python it says so in one line and ends with
// status 3.
//   node scripts/provision/python-clients.mjs [--check] [folder]     --check makes nothing
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const PACKAGES = ["boto3", "awscli", "awswrangler", "pyiceberg[glue,pyarrow]"];

const args = process.argv.slice(2);
const checkOnly = args.includes("--check");
const folder =
  args.find((arg) => !arg.startsWith("-"))
  ?? process.env.DYNAFRAME_PYTHON_CLIENTS
  ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe", "python-clients");
const stamp = join(folder, "complete");

function python() {
  for (const command of ["python3", "python"]) {
    const { status, stdout } = spawnSync(
      command,
      ["-c", "import sys, venv, ensurepip; print(sys.version_info >= (3, 10))"],
      { encoding: "utf8" },
    );
    if (status === 0 && stdout.trim() === "True") return command;
  }
  console.error("SKIPPED: no Python ≥ 3.10 with venv, so the Python clients of the Glue API are not tested");
  process.exit(3);
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== PACKAGES.join("\n")) {
  if (checkOnly) {
    console.error("SKIPPED: the Python clients of the Glue API are not installed; npm run provision does it");
    process.exit(3);
  }
  const command = python();
  mkdirSync(dirname(folder), { recursive: true });
  try {
    // made in its final place: scripts of a virtual environment name its folder
    rmSync(folder, { recursive: true, force: true });
    execFileSync(command, ["-m", "venv", folder], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync(join(folder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    writeFileSync(`${stamp}.new`, PACKAGES.join("\n"));
    renameSync(`${stamp}.new`, stamp);
  } catch (error) {
    console.error(
      `SKIPPED: the Python clients of the Glue API cannot be installed: ${String(error.message).split("\n")[0]}`,
    );
    process.exit(3);
  }
}
console.log(folder);
