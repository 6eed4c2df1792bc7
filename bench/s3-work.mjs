// The pieces of work around S3: bare downloads with the SDK, and dynaframe's reads of the same objects.
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const files = async ({ settings }) => {
  const { ListObjectsV2Command, S3Client } = await import("@aws-sdk/client-s3");
  const { accessKeyId, secretAccessKey, ...server } = settings;
  const client = new S3Client({ ...server, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: "bench", Prefix: "data/" }));
  return { client, keys: Contents.map(({ Key }) => Key) };
};

async function context(settings) {
  const { GlueContext } = await import("../dist/esm/index.js");
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-bench-"));
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), s3: settings });
  return {
    glue,
    close: async () => {
      await glue.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const S3_TASKS = {
  /** Whole objects, one stream each, `atOnce` at a time, every byte received and dropped. */
  s3Bare: async ({ settings, atOnce }) => {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { client, keys } = await files({ settings });
    return {
      run: async () => {
        let bytes = 0;
        const left = [...keys];
        await Promise.all(
          Array.from({ length: atOnce }, async () => {
            for (let key = left.shift(); key !== undefined; key = left.shift()) {
              const { Body } = await client.send(new GetObjectCommand({ Bucket: "bench", Key: key }));
              for await (const chunk of Body) bytes += chunk.length;
            }
          }),
        );
        return { bytes };
      },
      close: () => client.destroy(),
    };
  },
  /** The storage's readers alone, block by block as the scanner reads, one object after the other. */
  s3Blocks: async ({ settings }) => {
    const { glue, close } = await context(settings);
    const refs = [];
    for await (const ref of glue.storage.list("s3://bench/data")) refs.push(ref);
    const block = new Uint8Array(1 << 18);
    return {
      run: async () => {
        let bytes = 0;
        for (const { path } of refs) {
          const reader = await glue.storage.open(path);
          for (let at = 0, n = -1; n !== 0; at += n) {
            n = await reader.read(block, at);
            bytes += n;
          }
          await reader.close();
        }
        return { bytes };
      },
      close,
    };
  },
  /** Listing, exact scan of every record, and the schema. */
  s3Scan: async ({ settings, small }) => {
    const { glue, close } = await context(settings);
    await glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path: small }, format: "json" })
      .schema();
    return {
      run: async () => {
        await glue.createDynamicFrame
          .fromOptions({ connectionType: "s3", connectionOptions: { path: "s3://bench/data" }, format: "json" })
          .schema();
        return { bytes: glue.counters.bytesScanned };
      },
      close,
    };
  },
  /**
   * A crawl into an empty catalog, of plain or of packed files: listing, exact scan of every record, the table written.
   */
  s3Crawl: async ({ settings, small }) => {
    const { glue, close } = await context(settings);
    await glue.crawl({ database: "warm", includes: [small] });
    // as the bare download did before the clock
    for await (const { path } of glue.storage.list("s3://bench/data")) if (path === "") break;
    return {
      run: async () => {
        const { totals } = await glue.crawl({ database: "d", includes: ["s3://bench/data"] });
        return { bytes: totals.bytes, files: totals.files };
      },
      close,
    };
  },
};
