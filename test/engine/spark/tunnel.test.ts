/** A PySpark session through a development endpoint: its tunnel leads to the engine's port, and to nothing else. */
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startLocalServer } from "../../../src/engine/spark/local/local-server.js";
import { temporaryContext } from "../../../src/testing/index.js";
import { enterBySsh, startHost } from "../../devendpoint/endpoint-clients.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

const python = join(
  process.env["DYNAFRAME_PYSPARK"]
    ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynaframe", "pyspark"),
  "bin",
  "python",
);
const hasPyspark = existsSync(python);
if (!hasPyspark)
  process.stderr.write("SKIPPED: a PySpark session through an endpoint's tunnel (no PySpark: npm run provision)\n");

const SESSION = `
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
rows = spark.sql("select id % 3 as k, sum(id) as n from range(1000) group by 1 order by 1").collect()
print([(row.k, row.n) for row in rows], spark.range(5).filter("id > 2").count())
spark.stop()
`;

describeSpark("development endpoints and Spark", () => {
  (hasPyspark && sparkAddress === "spark-local" ? test : test.skip)(
    "a PySpark session works through the tunnel, while it is open",
    async () => {
      const context = await temporaryContext();
      const engine = await startLocalServer();
      const { host, stop, ended, log } = await startHost(context, "spark", {
        settings: { forwardPorts: [engine.address.port] },
      });
      const client = await enterBySsh(host.port);
      // what ssh -L does
      const local = createServer((socket) => {
        socket.on("error", () => undefined);
        client.forwardOut("127.0.0.1", 0, "127.0.0.1", engine.address.port, (error, channel) => {
          if (error) return socket.destroy();
          channel.on("error", () => {
            socket.destroy();
          });
          socket.pipe(channel).pipe(socket);
        });
      });
      await new Promise<void>((resolve) => {
        local.listen(0, "127.0.0.1", resolve);
      });
      try {
        const session = join(context.directory, "session.py"); // what python -c runs PySpark takes for its own doctests
        writeFileSync(session, SESSION);
        const { stdout } = await promisify(execFile)(
          python,
          [session, `sc://localhost:${(local.address() as AddressInfo).port}`],
          { env: { ...process.env, SPARK_CONNECT_AUTHENTICATE_TOKEN: engine.address.token ?? "" }, timeout: 300_000 },
        );
        expect(stdout.trim()).toBe("[(0, 166833), (1, 166167), (2, 166500)] 2");
        expect(log.filter(({ event }) => event === "tunnel").length).toBeGreaterThan(0);
      } finally {
        local.close();
        client.end();
        stop();
        await ended;
        await engine.release();
        await context.close();
      }
    },
    600_000,
  );
});
