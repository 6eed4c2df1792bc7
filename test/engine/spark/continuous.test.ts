/** forEachBatch on Spark: micro-batches of the driver, each an ordinary plan of the server. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { s3Stream } from "../../dynamicframe/stream/s3-stream.js";
import { describeWithVersitygw } from "../../storage/s3-servers.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

describeSpark("continuous processing", () => {
  test("batches over new files, written by the executors, once each", async () => {
    const root = await mkdtemp(join(tmpdir(), "dynaframe-spark-stream-"));
    const pass = async (): Promise<readonly (readonly [number, number])[]> => {
      await using glue = await GlueContext.open({ catalog: join(root, "catalog"), engine: sparkAddress, threads: 1 });
      const seen: (readonly [number, number])[] = [];
      await glue.forEachBatch({
        frame: glue.createDynamicFrame
          .fromOptions({
            connectionType: "file",
            connectionOptions: { path: join(root, "in"), boundedFiles: "1" },
            format: "json",
          })
          .resolveChoice({ specs: [["v", "cast:long"]] }),
        options: { windowSize: "1 second", checkpointLocation: join(root, "checkpoint"), availableNow: true },
        batchFunction: async (frame, batchId) => {
          const { written } = await glue.writeDynamicFrame.fromOptions({
            frame,
            connectionType: "file",
            connectionOptions: { path: join(root, "out") },
            format: "parquet",
          });
          seen.push([batchId, written]);
        },
      });
      return seen;
    };
    try {
      await mkdir(join(root, "in"), { recursive: true });
      await writeFile(join(root, "in", "a.json"), '{"id":1,"v":"7"}\n{"id":2,"v":8}\n');
      await writeFile(join(root, "in", "b.json"), '{"id":3}\n');
      expect((await pass()).map(([id, written]) => [id, written])).toEqual([
        [0, expect.any(Number)],
        [1, expect.any(Number)],
      ]);
      await writeFile(join(root, "in", "c.json"), '{"id":4,"v":9}\n');
      expect(await pass()).toEqual([[2, 1]]);
      await using glue = await GlueContext.open({ catalog: join(root, "reader"), threads: 1 });
      const rows = await glue.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path: join(root, "out") }, format: "parquet" })
        .records();
      expect(rows.map((r) => [r["id"], r["v"] ?? null]).sort()).toEqual([
        [1, 7],
        [2, 8],
        [3, null],
        [4, 9],
      ]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }, 180_000);

  describeWithVersitygw("on S3", () => {
    test(
      "each file is in one batch, what a batch writes is there once, and a folder that is not there is told",
      () => s3Stream(sparkAddress),
      300_000,
    );
  });
});
