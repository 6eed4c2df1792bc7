/**
 * A process that reads a topic batch by batch and kills itself in the nth call of its function, after it has written
 * and before the commit.
 */
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";

const [root = "", bootstrapServers = "", nth = ""] = process.argv.slice(2);
let calls = 0;

void (async () => {
  const glue = await GlueContext.open({ catalog: join(root, "catalog"), threads: 1, onWarning: () => undefined });
  const frame = glue.createDataFrame.fromOptions({
    connectionType: "kafka",
    connectionOptions: { bootstrapServers, topicName: "killed", startingOffsets: "earliest", maxOffsetsPerTrigger: 2 },
  });
  await glue.forEachBatch({
    frame,
    options: { windowSize: "1 second", checkpointLocation: join(root, "checkpoint"), availableNow: true },
    batchFunction: async (df, batchId) => {
      process.stdout.write(`${JSON.stringify([batchId, (await df.rows()).map((row) => Number(row["id"]))])}\n`);
      await glue.writeDataFrame.fromOptions({
        frame: df,
        connectionType: "file",
        connectionOptions: { path: join(root, "out") },
        format: "json",
      });
      if (++calls === Number(nth)) process.kill(process.pid, "SIGKILL");
    },
  });
  await glue.close();
})();
