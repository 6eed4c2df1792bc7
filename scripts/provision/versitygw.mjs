// An S3 server for the tests and the bench: built with Go once per machine, into the user's cache folder.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const VERSION = "v1.8.0";

/** Where the server lies, built or not. */
export const versitygwPath = () =>
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dynaframe", "bin", `versitygw-${VERSION}`);

export const versitygw = {
  name: "versitygw",
  without: "Go is not installed: the tests against a full S3 server will be skipped",
  /** A line on what was done; throws when it cannot be had, with code ENOENT where the tool is not installed. */
  provide() {
    const target = versitygwPath();
    if (existsSync(target)) return `${target} is there`;
    const folder = join(target, "..");
    mkdirSync(folder, { recursive: true });
    const aside = mkdtempSync(join(folder, "building-"));
    try {
      execFileSync("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
        env: { ...process.env, GOBIN: aside, GOFLAGS: "" },
        stdio: ["ignore", "ignore", "inherit"],
      });
      renameSync(join(aside, "versitygw"), target);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    return `built ${target}`;
  },
};
