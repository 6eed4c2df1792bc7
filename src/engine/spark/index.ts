/** The Spark engine: plans run on Apache Spark, by Spark Connect. */
import type { Engine, EngineEnvironment } from "../index.js";
import { parseAddress } from "./connect/address.js";
import { executorsWork } from "./executors.js";
import { startLocalServer } from "./local/local-server.js";
import { SparkSession } from "./session.js";
import { SparkWorkspace } from "./workspace.js";

const capabilities = Object.freeze({ caseSensitiveNames: false, presence: false });

/**
 * Engine `sc://host:port`: a server that runs.
 * @throws BAD_OPTION for an address that is none; connects when a session opens.
 */
export function sparkEngine(address: string, clusterWork = executorsWork(true)): Engine {
  const server = parseAddress(address);
  return Object.freeze({
    name: "spark",
    capabilities,
    clusterWork,
    open: async (environment: EngineEnvironment) =>
      new SparkSession(await SparkWorkspace.open(server, environment, { clusterWork })),
  });
}

/**
 * Engine `spark-local`: a server on this machine, started when it is first used, shared among processes, and ended when
 * idle. Its executor has no other cores than the driver, which scans therefore unless told otherwise.
 */
export const sparkLocalEngine: Engine = Object.freeze({
  name: "spark",
  capabilities,
  get clusterWork() {
    return executorsWork(false);
  },
  open: async (environment: EngineEnvironment) => {
    const { address, release } = await startLocalServer();
    return new SparkSession(
      await SparkWorkspace.open(address, environment, { release, clusterWork: executorsWork(false) }),
    );
  },
});
