/**
 * A standalone cluster of its own: a master, two workers of one core with directories of their own, and a Spark Connect
 * server on it.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JAVA_OPTIONS, requireJava } from "../../../src/engine/spark/local/java.js";
import { sparkJars } from "../../../src/engine/spark/local/spark-jars.js";

export type ClusterWorker = {
  /** Below which its executors run. */
  readonly directory: string;
  /** Ends it and its executors at once, as a machine that is lost. */
  readonly kill: () => void;
};
export type StandaloneCluster = {
  readonly address: string;
  readonly port: number;
  readonly folder: string;
  /** Those killed too. */
  readonly workers: readonly ClusterWorker[];
  /** One more worker, once it is registered; its executors find programs on that PATH. */
  readonly addWorker: (path?: string) => Promise<ClusterWorker>;
  readonly close: () => Promise<void>;
};

/** Milliseconds; JVMs on a busy machine need their time. */
const START_LIMIT = 300_000;

export async function startCluster(): Promise<StandaloneCluster> {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-cluster-"));
  // found on our own PATH, whatever a worker's is
  const java = execFileSync("/bin/sh", ["-c", `command -v "${requireJava()}"`], { encoding: "utf8" }).trim();
  const processes: ChildProcess[] = [];
  const home = join(folder, "spark");
  await mkdir(home);
  await symlink(sparkJars(), join(home, "jars"));
  const run = (
    name: string,
    main: string,
    args: readonly string[],
    options: readonly string[] = [],
    path = process.env["PATH"],
  ): ChildProcess => {
    const log = openSync(join(folder, `${name}.log`), "w");
    const child = spawn(java, [...JAVA_OPTIONS, ...options, "-cp", join(home, "jars", "*"), main, ...args], {
      // a group of its own, so that a worker goes with its executors
      detached: true,
      cwd: folder,
      stdio: ["ignore", log, log],
      env: { ...process.env, SPARK_HOME: home, SPARK_SCALA_VERSION: "2.13", SPARK_LOCAL_IP: "127.0.0.1", PATH: path },
    });
    closeSync(log);
    processes.push(child);
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of processes) killGroup(child);
    await sleep(100);
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    const masterPort = await freePort();
    const port = await freePort();
    const master = `spark://127.0.0.1:${masterPort}`;
    run(
      "master",
      "org.apache.spark.deploy.master.Master",
      ["--host", "127.0.0.1", "--port", String(masterPort), "--webui-port", "0"],
      ["-Xmx256m", "-Dspark.ui.enabled=false", "-Dspark.worker.timeout=20"],
    );
    await listening(masterPort, folder, "master");
    const workers: ClusterWorker[] = [];
    const addWorker = async (path?: string): Promise<ClusterWorker> => {
      const name = `worker-${workers.length + 1}`;
      const directory = join(folder, name);
      const child = run(
        name,
        "org.apache.spark.deploy.worker.Worker",
        [
          "--host",
          "127.0.0.1",
          "--port",
          "0",
          "--webui-port",
          "0",
          "--cores",
          "1",
          "--memory",
          "1g",
          "--work-dir",
          directory,
          master,
        ],
        ["-Xmx256m", "-Dspark.ui.enabled=false"],
        path,
      );
      await logged(folder, name, "Successfully registered with master");
      const worker = {
        directory,
        kill: () => {
          killGroup(child);
        },
      };
      workers.push(worker);
      return worker;
    };
    await addWorker();
    await addWorker();
    const settings = {
      "spark.master": master,
      "spark.app.name": "dynaframe-cluster",
      "spark.ui.enabled": "false",
      "spark.connect.grpc.binding.port": String(port),
      "spark.connect.grpc.binding.address": "127.0.0.1",
      "spark.driver.host": "127.0.0.1",
      "spark.driver.bindAddress": "127.0.0.1",
      "spark.executor.memory": "600m",
      "spark.executor.cores": "1",
      "spark.sql.shuffle.partitions": "4",
      "spark.sql.warehouse.dir": join(folder, "warehouse"),
      "spark.local.dir": join(folder, "local"),
      "spark.sql.catalogImplementation": "in-memory",
      "spark.executor.extraJavaOptions": "-Xss8m",
      // a stream is cut by the server, too
      "spark.connect.execute.reattachable.senderMaxStreamDuration": "5s",
      "spark.connect.progress.reportInterval": "500ms",
    };
    run(
      "connect",
      "org.apache.spark.sql.connect.service.SparkConnectServer",
      [],
      ["-Xmx800m", "-Xss8m", ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`)],
    );
    await listening(port, folder, "connect");
    return { address: `sc://127.0.0.1:${port}`, port, folder, workers, addWorker, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    /* it is gone */
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => {
      resolve(false);
    });
  });

const listening = (port: number, folder: string, name: string): Promise<void> =>
  until(() => answers(port), folder, name);
const logged = (folder: string, name: string, line: string): Promise<void> =>
  until(async () => (await readFile(join(folder, `${name}.log`), "utf8")).includes(line), folder, name);

async function until(isDone: () => Promise<boolean>, folder: string, name: string): Promise<void> {
  for (const limit = Date.now() + START_LIMIT; !(await isDone()); await sleep(100)) {
    if (Date.now() > limit)
      throw new Error(`${name} did not start:\n${await readFile(join(folder, `${name}.log`), "utf8")}`);
  }
}
