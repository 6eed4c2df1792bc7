// PostgreSQL for the tests, which start a server of their own from its binaries.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram, installPackages } from "./apt-package.mjs";

const ROOT = "/usr/lib/postgresql";
const find = () =>
  findProgram("initdb", existsSync(ROOT) ? readdirSync(ROOT).map((version) => join(ROOT, version, "bin")) : []);

export const postgresql = {
  name: "postgresql",
  provide() {
    const found = find();
    if (found !== undefined) return `${found} is there`;
    installPackages(["postgresql"], "the tests of PostgreSQL");
    return `installed ${find()}`;
  },
};
