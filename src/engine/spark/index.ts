/** The Spark engine: plans run on Apache Spark, by Spark Connect. */
import type { Engine, EngineEnvironment } from "../index.js";
import { parseAddress } from "./connect/address.js";
import { startLocalServer } from "./local/local-server.js";
import { SparkSession } from "./session.js";
import { SparkWorkspace } from "./workspace.js";

const capabilities = Object.freeze({ caseSensitiveNames: false, presence: false });

/** Engine `sc://host:port`: a server that runs. @throws BAD_OPTION for an address that is none; connects when a session opens. */
export function sparkEngine(address: string): Engine {
  const server = parseAddress(address);
  return Object.freeze({
    name: "spark", capabilities,
    open: async (environment: EngineEnvironment) => new SparkSession(await SparkWorkspace.open(server, environment)),
  });
}

/** Engine `spark-local`: a server on this machine, started when it is first used, shared among processes, and ended when idle. */
export const sparkLocalEngine: Engine = Object.freeze({
  name: "spark", capabilities,
  open: async (environment: EngineEnvironment) => {
    const { address, release } = await startLocalServer();
    return new SparkSession(await SparkWorkspace.open(address, environment, release));
  },
});
