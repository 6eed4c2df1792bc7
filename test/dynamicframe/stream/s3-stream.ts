/**
 * A stream over a folder of a real S3 server, on any engine: two runs of it, what they wrote, and a misspelt folder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../../src/index.js";
import { startVersitygw } from "../../storage/s3-servers.js";

export async function s3Stream(engine: string): Promise<void> {
  const server = await startVersitygw();
  const root = await mkdtemp(join(tmpdir(), "dynaframe-s3-stream-"));
  const open = (name: string, on = engine): Promise<GlueContext> =>
    GlueContext.open({ catalog: join(root, name), engine: on, threads: 1, s3: server.settings });
  try {
    await server.createBucket("lake");
    const seen: unknown[] = [];
    const pass = async (path = "s3://lake/in/"): Promise<unknown> => {
      await using glue = await open("catalog");
      return await glue.forEachBatch({
        frame: glue.createDynamicFrame
          .fromOptions({ connectionType: "s3", connectionOptions: { paths: [path] }, format: "json" })
          .resolveChoice({ specs: [["v", "cast:long"]] }),
        options: { windowSize: "1 second", checkpointLocation: "s3://lake/checkpoint/orders", availableNow: true },
        batchFunction: async (frame, batchId, { errors }) => {
          const { written } = await glue.writeDynamicFrame.fromOptions({
            frame,
            connectionType: "s3",
            connectionOptions: { path: "s3://lake/out/" },
            format: "parquet",
          });
          seen.push([batchId, written, errors]);
        },
      });
    };
    await expect(pass()).rejects.toMatchObject({
      code: "PATH_NOT_FOUND",
      hint: expect.stringContaining("waitForPaths: true"),
    });
    await server.put("lake", "in/a.json", '{"id":1,"v":"7"}\n{ broken\n');
    await server.put("lake", "in/deep/b.json", '{"id":2,"v":8}\n');
    expect(await pass()).toEqual({
      batches: 1,
      lastBatchId: 0,
      reason: "ended",
      errors: 1,
      errorBatches: [{ batchId: 0, errors: 1 }],
    });
    await server.put("lake", "in/c.json", '{"id":3}\n');
    expect(await pass()).toMatchObject({ batches: 1, lastBatchId: 1, errors: 0 });
    expect(await pass()).toMatchObject({ batches: 0, lastBatchId: 1 });
    expect(seen).toEqual([
      [0, 2, 1],
      [1, 1, 0],
    ]);
    await using reader = await open("reader", "duckdb");
    const rows = await reader.createDynamicFrame
      .fromOptions({ connectionType: "s3", connectionOptions: { paths: ["s3://lake/out/"] }, format: "parquet" })
      .records();
    expect(rows.map((r) => [r["id"], r["v"] ?? null]).sort()).toEqual([
      [1, 7],
      [2, 8],
      [3, null],
    ]);
  } finally {
    server.stop();
    await rm(root, { recursive: true, force: true });
  }
}
