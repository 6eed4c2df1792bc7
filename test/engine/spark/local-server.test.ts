/**
 * spark-local: one server for all processes of a user, which ends when none has it for a while; a process that was
 * killed does not keep it.
 */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { SPARK_VERSION, sparkJars } from "../../../src/engine/spark/local/spark-jars.js";
import { bundledProgram } from "../../bundled-program.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const program = bundledProgram(join(__dirname, "local-program.ts"));
const cache = mkdtempSync(join(tmpdir(), "dynaframe-local-"));
const servers = join(cache, "servers");
const stateFile = join(servers, `spark-local-${SPARK_VERSION}`, "server.json");
const children: ChildProcessByStdio<Writable, Readable, null>[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL"); // of a test that failed; the server ends without them
  rmSync(cache, { recursive: true, force: true });
});

type Holder = { readonly child: ChildProcessByStdio<Writable, Readable, null>; readonly port: number };

async function hold(): Promise<Holder> {
  const child = spawn(process.execPath, [program()], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      XDG_CACHE_HOME: cache,
      DYNAFRAME_SERVERS: servers,
      DYNAFRAME_SPARK_JARS: sparkJars(),
      DYNAFRAME_SPARK_IDLE: "1000",
    },
  });
  children.push(child);
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, port: Number(line.toString()) };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(100);
};

(sparkAddress.startsWith("sc://") ? describe.skip : describeSpark)("the local server", () => {
  test("is one for all who ask at once and later, stays while one has it, and ends after that", async () => {
    const [first, second] = await Promise.all([hold(), hold()]);
    const { server, keeper } = JSON.parse(readFileSync(stateFile, "utf8")) as {
      readonly server: number;
      readonly keeper: number;
    };
    try {
      first.child.stdin.end();
      await once(first.child, "exit");
      // longer than it may be idle
      await sleep(3500);
      const third = await hold();
      expect([second.port, third.port]).toEqual([first.port, first.port]);
      expect(isAlive(server)).toBe(true);
      second.child.kill("SIGKILL");
      third.child.stdin.end();
      await until(() => !isAlive(server));
      expect(existsSync(stateFile)).toBe(false);
    } finally {
      if (isAlive(keeper)) process.kill(keeper, "SIGTERM");
    }
  }, 300_000);
});
