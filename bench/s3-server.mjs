// An S3 server of the bench's own over a folder, so that bare downloads and dynaframe's reads ask the same process for
// the same bytes.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versitygwPath } from "../scripts/provision/versitygw.mjs";

const KEYS = { accessKeyId: "bench", secretAccessKey: "bench-secret" };

/**
 * Starts it with the files of `dir` in `s3://bench/data/`; buckets are folders of `data`. Undefined where it was not
 * provided.
 */
export async function startS3(dir) {
  if (!existsSync(versitygwPath())) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-s3-"));
  for (const name of ["data", "meta"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const child = spawn(
    versitygwPath(),
    [
      "--access",
      KEYS.accessKeyId,
      "--secret",
      KEYS.secretAccessKey,
      "--port",
      `127.0.0.1:${port}`,
      "--quiet",
      "--keep-alive",
      "posix",
      "--sidecar",
      join(folder, "meta"),
      join(folder, "data"),
    ],
    { stdio: "ignore" },
  );
  const settings = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", ...KEYS };
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(settings.endpoint);
    const { CreateBucketCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const client = new S3Client({ ...settings, forcePathStyle: true, credentials: KEYS });
    await client.send(new CreateBucketCommand({ Bucket: "bench" }));
    for (const name of readdirSync(dir))
      await client.send(
        new PutObjectCommand({ Bucket: "bench", Key: `data/${name}`, Body: readFileSync(join(dir, name)) }),
      );
    client.destroy();
  } catch (error) {
    stop();
    throw error;
  }
  return { settings, stop, data: join(folder, "data") };
}

async function answers(endpoint) {
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the S3 server does not answer");
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}
