// A real MySQL for the tests, beside MariaDB, with which its package conflicts: unpacked into the user's cache folder
// and installed nowhere. Debian has it in unstable only, whose libraries are newer than the machine's: they are
// unpacked with it, and its own loader starts it.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./apt-package.mjs";

/** The folder that holds `usr/sbin/mysqld`, provided or not. */
export const mysqlRoot = () => join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe", "mysql");

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

export const mysql = {
  name: "mysql",
  without:
    "Debian unstable has it not for this machine: the tests against MySQL itself will be skipped, those against MariaDB run",
  provide() {
    const target = mysqlRoot();
    if (existsSync(join(target, "usr/sbin/mysqld"))) return `${target} is there`;
    const mirror = debianMirror();
    if (mirror === undefined || findProgram("apt-get", []) === undefined || findProgram("dpkg", []) === undefined)
      throw Object.assign(new Error("no Debian"), { code: "ENOENT" });
    mkdirSync(join(target, ".."), { recursive: true });
    const aside = mkdtempSync(`${target}-`);
    try {
      try {
        unpack(aside, mirror);
      } catch (error) {
        throw withoutIt(error);
      }
      rmSync(target, { recursive: true, force: true });
      renameSync(join(aside, "root"), target);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    return `unpacked into ${target}`;
  },
};

/**
 * A rolling release is now and then without a package, or with one that does not fit the others: no fault of this
 * checkout.
 */
const withoutIt = (error) => Object.assign(new Error(mysql.without, { cause: error }), { code: "ENOENT" });

/** Of the machine's own sources. */
function debianMirror() {
  const folder = "/etc/apt/sources.list.d";
  const files = [
    "/etc/apt/sources.list",
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  const text = files
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
  return /^(?:URIs:|deb(?: \[[^\]]*\])?) *(\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
}

/** Lists, cache and status of its own: what the machine has installed is neither read nor changed. */
function unpack(aside, mirror) {
  const at = (...parts) => join(aside, ...parts);
  for (const folder of ["lists/partial", "cache/archives/partial", "root"]) mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("status"), "");
  writeFileSync(at("sources.list"), `deb [signed-by=${KEYRING}] ${mirror} sid main\n`);
  const settings = {
    "Dir::Etc::sourcelist": at("sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": at("lists"),
    "Dir::State::status": at("status"),
    "Dir::Cache": at("cache"),
    "Debug::NoLocking": "1",
    "APT::Sandbox::User": "root",
  };
  const apt = (...args) =>
    execFileSync(
      "apt-get",
      ["-qq", ...Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]), ...args],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
  apt("update");
  apt("install", "-y", "--no-install-recommends", "--download-only", "mysql-server-core");
  for (const name of readdirSync(at("cache/archives")))
    if (name.endsWith(".deb")) execFileSync("dpkg", ["-x", at("cache/archives", name), at("root")]);
}
