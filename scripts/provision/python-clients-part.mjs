// The Python clients of the Glue API as a part: their script is a program of its own, so that the tests can ask it too.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("python-clients.mjs", import.meta.url));

export const pythonClients = {
  name: "python-clients",
  provide() {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: "utf8" });
    if (status === 0) return `${stdout.trim()} is there`;
    // status 3: the machine lacks Python, or cannot get the packages
    throw Object.assign(new Error(stderr.trim().replace(/^SKIPPED: /, "")), status === 3 ? { code: "ENOENT" } : {});
  },
};
