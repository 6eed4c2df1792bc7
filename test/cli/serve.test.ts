import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateDatabaseCommand } from "@aws-sdk/client-glue";
import { clientOf, post } from "../server/sdk-client.js";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-serve-"));
beforeAll(() => {
  buildIfStale();
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const main = join(__dirname, "..", "..", "dist", "esm", "cli", "main.js");

/** Runs the command until `use` is done; then interrupts it and gives its exit status and error stream. */
async function serving(
  args: readonly string[],
  use: (endpoint: string) => Promise<void>,
): Promise<{ status: number | null; err: string }> {
  const { DYNAFRAME_CATALOG: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [main, ...args, "--json", "serve", "--port", "0"].concat(
      args.includes("--catalog") ? ["--credentials", join(folder, "keys.json")] : ["--testing", "--insecure-no-auth"],
    ),
    { env, stdio: ["ignore", "pipe", "pipe"] },
  );
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      resolve((JSON.parse(line) as { endpoint: string }).endpoint);
    });
    child.once("close", () => {
      reject(new Error(err));
    });
  });
  try {
    await use(endpoint);
  } finally {
    child.kill("SIGTERM");
  }
  return { status: await ended, err };
}

test("serves a catalog to signed clients, logs a line each, and keeps it", async () => {
  const catalog = join(folder, "catalog");
  const secret = "a-secret-long-enough";
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ me: secret }));
  const { status, err } = await serving(["--catalog", catalog], async (endpoint) => {
    const glue = clientOf({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "me", secretAccessKey: secret },
    });
    await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: "served" } }));
    glue.destroy();
    expect((await post(endpoint, "AWSGlue.GetDatabases", "{}")).type).toBe("MissingAuthenticationTokenException");
  });
  expect(status).toBe(0);
  const log = err
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(log).toMatchObject([
    { operation: "CreateDatabase", status: 200, accessKey: "me" },
    { operation: "GetDatabases", status: 400 },
  ]);
  expect(err).not.toContain(secret);
  expect(JSON.parse((await cli(["databases", "--json"], { catalog })).out)).toMatchObject([{ Name: "served" }]);
}, 120_000);

test("a testing server is empty at first and after a reset", async () => {
  const { status } = await serving([], async (endpoint) => {
    expect((await post(endpoint, "AWSGlue.CreateDatabase", '{"DatabaseInput":{"Name":"a"}}')).status).toBe(200);
    expect((await fetch(`${endpoint}/reset`, { method: "POST" })).status).toBe(200);
    expect((await post(endpoint, "AWSGlue.GetDatabases", "{}")).json).toEqual({ DatabaseList: [] });
  });
  expect(status).toBe(0);
}, 120_000);

test("refuses to serve without keys, and says what it covers", async () => {
  expect(await cli(["serve", "--port", "0"])).toMatchObject({
    status: 2,
    err: expect.stringContaining("--insecure-no-auth") as string,
  });
  expect(
    await cli(["serve", "--port", "0", "--insecure-no-auth", "--host", "0.0.0.0"], { catalog: join(folder, "c") }),
  ).toMatchObject({ status: 2, err: expect.stringContaining("loopback") as string });
  const coverage = JSON.parse((await cli(["serve", "--coverage", "--json"])).out) as {
    operation: string;
    implemented: boolean;
  }[];
  expect(coverage).toHaveLength(195);
  expect(coverage.filter(({ implemented }) => !implemented)).toEqual([]);
}, 120_000);
