/** A process that takes the local server, tells its address, and gives it back when its input ends. */
import { startLocalServer } from "../../../src/engine/spark/local/local-server.js";

void (async () => {
  const { address, release } = await startLocalServer();
  process.stdout.write(`${address.port}\n`);
  for await (const chunk of process.stdin) void chunk;
  await release();
})();
