/** A server on a catalog, until it is killed. */
import { openServer } from "../../src/server/open-server.js";

const [catalog = "", port = "0"] = process.argv.slice(2);
openServer({ catalog, port: Number(port), insecureNoAuth: true }).then(
  ({ endpoint }) => {
    process.stdout.write(`listening ${endpoint}\n`);
  },
  (error: unknown) => {
    process.stderr.write(String((error as Error).stack));
    process.exitCode = 1;
  },
);
