/**
 * A process that reads batches and kills itself before its nth change to a storage; with a number that is never reached
 * it ends by itself.
 */
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import type { Storage } from "../../../src/storage/index.js";

const [root = "", nth = "", engine = "duckdb"] = process.argv.slice(2);
let changes = 0;
const change = (): void => {
  if (changes++ === Number(nth)) process.kill(process.pid, "SIGKILL");
};

void (async () => {
  const glue = await GlueContext.open({
    catalog: join(root, "catalog"),
    engine,
    threads: 1,
    onWarning: () => undefined,
  });
  const storage = glue.storage as { -readonly [K in keyof Storage]: Storage[K] };
  const { create, publish, remove } = storage;
  storage.create = async (path) => {
    const writer = await create(path);
    return {
      ...writer,
      write: (bytes) => writer.write(bytes),
      abort: () => writer.abort(),
      commit: (options) => {
        change();
        return writer.commit(options);
      },
    };
  };
  storage.publish = (...args) => {
    change();
    return publish(...args);
  };
  storage.remove = (path) => {
    change();
    return remove(path);
  };
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: join(root, "in"), boundedFiles: "2" },
    format: "json",
  });
  await glue.forEachBatch({
    frame,
    options: { windowSize: "1 second", checkpointLocation: join(root, "checkpoint"), availableNow: true },
    batchFunction: async (batch) => {
      await glue.writeDynamicFrame.fromOptions({
        frame: batch,
        connectionType: "file",
        connectionOptions: { path: join(root, "out"), partitionKeys: ["day"] },
        format: "json",
      });
      await glue.writeDynamicFrame.fromOptions({
        frame: batch,
        connectionType: "file",
        connectionOptions: { path: join(root, "last") },
        format: "json",
        mode: "overwrite",
      });
    },
  });
  await glue.close();
})();
