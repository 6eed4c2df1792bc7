// System packages of Debian and Ubuntu; elsewhere a line says what to install.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where a program lies: on PATH or in one of the folders. */
export const findProgram = (name, folders) =>
  [...(process.env.PATH ?? "").split(delimiter), ...folders]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/** Installs the packages; they start no service when the system says so. */
export function installPackages(packages, purpose) {
  if (findProgram("apt-get", []) === undefined || process.getuid() !== 0) {
    // as for a program that is not there: the machine lacks it, nothing failed
    throw Object.assign(new Error(`install ${packages.join(", ")}: without it ${purpose} will be skipped`), {
      code: "ENOENT",
    });
  }
  const apt = (...args) =>
    execFileSync("apt-get", ["-qq", ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "ignore", "inherit"],
    });
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
}
