/**
 * A Spark Connect server on this machine: started when there is none, shared by all processes of the user, ended when
 * idle.
 */
import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serversFolder } from "../../../storage/cache-folder.js";
import { DynaframeError } from "../../../types/error.js";
import type { ServerAddress } from "../connect/address.js";
import { JAVA_OPTIONS, requireJava } from "./java.js";
import { KEEPER_SOURCE } from "./keeper.js";
import { SPARK_VERSION, sparkJars } from "./spark-jars.js";

export type LocalServer = {
  readonly address: ServerAddress;
  /** Gives the server back; it ends when nobody has it for a while. */
  readonly release: () => Promise<void>;
};

type State = { readonly keeper: number; readonly port: number; readonly ready: boolean; readonly token: string };

/** Milliseconds. A JVM on a busy machine needs its time. */
const START_LIMIT = 180_000;
const IDLE = 60_000;

/** @throws SPARK_NOT_INSTALLED, SPARK_START_FAILED */
export async function startLocalServer(): Promise<LocalServer> {
  const folder = join(serversFolder(), `spark-local-${SPARK_VERSION}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // the lease comes first: a server that is about to end sees it
  const lease = join(folder, `lease-${process.pid}-${randomUUID()}`);
  await writeFile(lease, "", { mode: 0o600 });
  const release = (): Promise<void> => rm(lease, { force: true });
  try {
    const { port, token } = await serverIn(folder);
    return {
      address: { host: "127.0.0.1", port, secure: false, token, userId: userInfo().username, headers: new Map() },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function serverIn(folder: string): Promise<State> {
  const limit = Date.now() + START_LIMIT;
  let startedHere = false;
  for (;;) {
    const state = await readState(folder);
    if (state?.ready === true && isAlive(state.keeper)) return state;
    if (state === undefined || !isAlive(state.keeper)) {
      if (startedHere) throw await startFailed(folder);
      startedHere = await startOne(folder);
    }
    if (Date.now() > limit) throw await startFailed(folder);
    await sleep(100);
  }
}

/** Starts the keeper, unless another process is doing so. True when this one did. */
async function startOne(folder: string): Promise<boolean> {
  const java = requireJava();
  const jars = sparkJars();
  const lock = join(folder, "starting");
  try {
    await writeFile(lock, String(process.pid), { flag: "wx", mode: 0o600 });
  } catch {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return false;
  }
  try {
    // another process may have started one between our look and our lock
    const state = await readState(folder);
    if (state !== undefined && isAlive(state.keeper)) return false;
    const port = await freePort();
    const settings = JSON.stringify({
      folder,
      java,
      args: serverArguments(jars, folder, port),
      port,
      idle: Number(process.env["DYNAFRAME_SPARK_IDLE"] ?? IDLE),
    });
    const keeper = spawn(process.execPath, ["-e", KEEPER_SOURCE], {
      detached: true,
      stdio: "ignore",
      cwd: folder,
      env: {
        ...process.env,
        KEEPER: settings,
        SPARK_CONNECT_AUTHENTICATE_TOKEN: randomBytes(24).toString("base64url"),
      },
    });
    keeper.unref();
    for (let i = 0; i < 100 && (await readState(folder))?.keeper !== keeper.pid; i++) await sleep(50);
    return true;
  } finally {
    await rm(lock, { force: true });
  }
}

function serverArguments(jars: string, folder: string, port: number): readonly string[] {
  const memory = process.env["DYNAFRAME_SPARK_MEMORY"] ?? "1g";
  const settings: Readonly<Record<string, string>> = {
    "spark.master": `local[${Math.min(8, availableParallelism())}]`,
    "spark.app.name": "dynaframe",
    "spark.ui.enabled": "false",
    "spark.connect.grpc.binding.port": String(port),
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": String(Math.min(8, availableParallelism())),
    "spark.sql.warehouse.dir": join(folder, "warehouse"),
    "spark.local.dir": join(folder, "local"),
    "spark.connect.progress.reportInterval": "500ms",
    "spark.sql.catalogImplementation": "in-memory",
  };
  return [
    ...JAVA_OPTIONS,
    `-Xmx${memory}`,
    "-Xss8m",
    "-XX:+ExitOnOutOfMemoryError",
    ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
    "-cp",
    join(jars, "*"),
    "org.apache.spark.sql.connect.service.SparkConnectServer",
  ];
}

async function readState(folder: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, "server.json"), "utf8")) as State;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function startFailed(folder: string): Promise<DynaframeError> {
  const log = await readFile(join(folder, "server.log"), "utf8").catch(() => "");
  const told = log
    .split("\n")
    .filter((line) => /ERROR|Exception|Error:/.test(line))
    .slice(0, 5)
    .join("\n");
  return new DynaframeError(
    "SPARK_START_FAILED",
    `The local Spark server did not start.${told === "" ? "" : `\n${told}`}`,
    { file: join(folder, "server.log"), hint: "See the server's log. DYNAFRAME_SPARK_MEMORY sets its heap (1g)." },
  );
}

function freePort(): Promise<number> {
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
