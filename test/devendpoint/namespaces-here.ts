import { spawnSync } from "node:child_process";

/** Whether processes may have namespaces of their own on this machine. Says what is not tested where they may not. */
export function hasNamespaces(what: string): boolean {
  const has =
    spawnSync("unshare", [
      "--user",
      "--map-root-user",
      "--mount",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "true",
    ]).status === 0;
  if (!has) process.stderr.write(`SKIPPED: ${what} in namespaces of their own (this machine has none)\n`);
  return has;
}
