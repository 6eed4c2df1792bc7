/** Real S3 servers for tests, each a process of its own on a port of its own. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client, CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Settings } from "../../src/storage/s3/index.js";

export type S3Server = {
  readonly endpoint: string;
  readonly settings: S3Settings;
  readonly client: S3Client;
  put(bucket: string, key: string, body: string | Uint8Array): Promise<void>;
  createBucket(name: string): Promise<void>;
  stop(): void;
};

const versitygwPath = (): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "dynaframe", "bin", "versitygw-v1.8.0");

const httpfsPath = (): string =>
  join(
    process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    "dynaframe",
    "httpfs-1.5.5",
    "httpfs.duckdb_extension",
  );

/** DuckDB's S3 reader, or undefined, said loudly, where it was not provided. */
export function httpfsExtension(): string | undefined {
  if (existsSync(httpfsPath())) return httpfsPath();
  process.stderr.write(
    "SKIPPED: reading by httpfs: no extension; run: node scripts/provision.mjs httpfs (needs Python)\n",
  );
  return undefined;
}

/** Said once and loudly where the server is not there; CI provides it. */
export function describeWithVersitygw(name: string, tests: () => void): void {
  const there = existsSync(versitygwPath());
  if (!there)
    process.stderr.write(`SKIPPED: ${name}: no versitygw; run: node scripts/provision.mjs versitygw (needs Go)\n`);
  (there ? describe : describe.skip)(name, tests);
}

export type Versitygw = S3Server & {
  /** Its buckets are folders here: a quick way to put many objects there. */
  readonly data: string;
  addUser(access: string, secret: string): void;
};

/** A full S3 server over a folder. Its owner has the keys `owner`/`owner-secret`. */
export async function startVersitygw(): Promise<Versitygw> {
  const folder = mkdtempSync(join(tmpdir(), "dyna-versitygw-"));
  for (const name of ["data", "meta", "iam"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const [access, secret] = ["owner", "owner-secret"];
  const credentials = ["--access", access, "--secret", secret];
  const child = spawn(
    versitygwPath(),
    [
      ...credentials,
      "--port",
      `127.0.0.1:${port}`,
      "--quiet",
      "--keep-alive",
      "--iam-dir",
      join(folder, "iam"),
      "posix",
      "--sidecar",
      join(folder, "meta"),
      join(folder, "data"),
    ],
    { stdio: "ignore" },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await started(child, folder, {
    endpoint,
    region: "us-east-1",
    accessKeyId: access,
    secretAccessKey: secret,
  });
  return {
    ...server,
    data: join(folder, "data"),
    addUser: (user, password) =>
      void execFileSync(versitygwPath(), [
        "admin",
        ...credentials,
        "--endpoint-url",
        endpoint,
        "create-user",
        "--access",
        user,
        "--secret",
        password,
        "--role",
        "user",
      ]),
  };
}

/** The small server from npm. */
export async function startS3rver(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "dyna-s3rver-"));
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [
      require.resolve("s3rver/bin/s3rver.js"),
      "-d",
      folder,
      "-a",
      "127.0.0.1",
      "-p",
      String(port),
      "-s",
      "--no-vhost-buckets",
    ],
    { stdio: "ignore" },
  );
  return started(child, folder, {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
  });
}

async function started(
  child: ChildProcess,
  folder: string,
  settings: Required<Pick<S3Settings, "endpoint" | "region" | "accessKeyId" | "secretAccessKey">>,
): Promise<S3Server> {
  const { endpoint, region, accessKeyId, secretAccessKey } = settings;
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.on("exit", kill);
  await answers(endpoint, child);
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  return {
    endpoint,
    settings,
    client,
    put: async (Bucket, Key, Body) =>
      void (await client.send(
        new PutObjectCommand({ Bucket, Key, Body: typeof Body === "string" ? Buffer.from(Body) : Body }),
      )),
    createBucket: async (Bucket) => void (await client.send(new CreateBucketCommand({ Bucket }))),
    stop: () => {
      process.off("exit", kill);
      kill();
      client.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}`);
    const there = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server does not answer");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once("error", reject)
      .listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => {
          if (typeof address === "object" && address !== null) resolve(address.port);
        });
      });
  });
}
