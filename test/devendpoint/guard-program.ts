/**
 * A host as the guard sees it: holds the key open, starts the attacker behind it, gives it a new key between two
 * rounds. Arguments: folder, attacker, scratch, where it looks, and `given`.
 */
import { spawn } from "node:child_process";
import { openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { keyGuard } from "../../src/devendpoint/isolation/key-guard.js";

const [folder = "", attacker = "", scratch = "", sought = "", given = ""] = process.argv.slice(2);
const key = join(folder, "key");

async function main(): Promise<void> {
  openSync(key, "r");
  process.chdir(folder);
  const guard = await keyGuard({
    who: "the endpoint lab",
    folder,
    own: join(folder, "lab", "inside"),
    hidden: [join(folder, "..", "secrets"), "/no/such"],
    isKeyGiven: given === "given",
  });
  const {
    words: [program, ...args],
  } = guard.guarded({ words: [process.execPath, attacker, sought, String(process.pid), scratch], env: {} });
  process.stdout.write(`${JSON.stringify({ by: guard.by })}\n`);
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"], detached: true, cwd: folder });
  createInterface({ input: child.stdout }).on("line", (line) => {
    process.stdout.write(`${line}\n`);
    writeFileSync(join(folder, "key.next"), "the-key, another one", { mode: 0o600 });
    renameSync(join(folder, "key.next"), key);
    child.stdin.write("\n");
  });
  child.stdin.on("error", () => undefined);
  await new Promise((resolve) => {
    child.once("close", resolve);
  });
}

main().catch((error: unknown) => {
  process.stdout.write(`${JSON.stringify(error)}\n`);
});
