/** What starting any server needs: a port, an account that is not root, and patience. */
import { spawnSync, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

export type Account = { readonly uid?: number; readonly gid?: number };

/** Gives files to the account. */
export function giveTo({ uid, gid }: Account, ...paths: readonly string[]): void {
  if (uid !== undefined && gid !== undefined) for (const path of paths) chownSync(path, uid, gid);
}

/** A copy in the folder that only the account may read, as servers want their keys. */
export function ownCopy(account: Account, file: string, folder: string): string {
  const copy = join(folder, basename(file));
  copyFileSync(file, copy);
  chmodSync(copy, 0o600);
  giveTo(account, copy);
  return copy;
}

/** Database servers refuse to run as root: then `name`'s account, else `nobody`'s. Undefined when root has neither. */
export function unprivileged(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return {};
  for (const account of [name, "nobody"]) {
    const [uid, gid] = ["-u", "-g"]
      .map((flag) => spawnSync("id", [flag, account], { encoding: "utf8" }))
      .map(({ status, stdout }) => (status === 0 ? Number(stdout) : undefined));
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  return undefined;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

async function waitFor(
  ready: () => boolean | Promise<boolean>,
  server: ChildProcess,
  log: () => string,
): Promise<void> {
  const giveUp = Date.now() + 60_000;
  while (!(await ready())) {
    if (server.exitCode !== null || Date.now() > giveUp) throw new Error(`the server did not start: ${log()}`);
    await sleep(50);
  }
}

export type DatabaseServer = {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly process: ChildProcess;
  /** Ends it with the signal that it was started with, even when a test has stopped it, and removes its folder. */
  readonly stop: () => Promise<void>;
};

/** The server, once `ready` says so of it and of what it has logged. */
export async function databaseServer(
  child: ChildProcessByStdio<null, null, Readable>,
  ready: (log: string) => boolean | Promise<boolean>,
  {
    folder,
    port,
    password,
    end,
  }: { readonly folder: string; readonly port: number; readonly password: string; readonly end: NodeJS.Signals },
): Promise<DatabaseServer> {
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  await waitFor(
    () => ready(log),
    child,
    () => log,
  );
  return {
    port,
    user: "tester",
    password,
    process: child,
    stop: async () => {
      const gone = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGCONT");
        child.kill(end);
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
