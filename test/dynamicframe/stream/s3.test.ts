/** forEachBatch with its folder, its checkpoint and its outputs on S3. */
import { s3Stream } from "./s3-stream.js";
import { describeWithVersitygw } from "../../storage/s3-servers.js";

describeWithVersitygw("continuous processing on S3", () => {
  test(
    "each file is in one batch, what a batch writes is there once, and a folder that is not there is told",
    () => s3Stream("duckdb"),
    300_000,
  );
});
