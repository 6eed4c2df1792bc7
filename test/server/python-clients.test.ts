/** Clients from the Python world, in a virtual environment that scripts/provision/python-clients.mjs makes. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type TestServer } from "../../src/testing/start-server.js";
import { record } from "./clients/record.js";

const root = join(__dirname, "..", "..");
const provisioned = spawnSync(process.execPath, [join(root, "scripts", "provision", "python-clients.mjs"), "--check"], {
  encoding: "utf8",
  timeout: 600_000,
});
const clients = provisioned.status === 0 ? provisioned.stdout.trim() : undefined;
if (clients === undefined)
  process.stderr.write(`${provisioned.stderr.trim().split("\n").at(-1) ?? "SKIPPED: python clients"}\n`);

type S3rver = { run(): Promise<{ port: number }>; close(): Promise<void> };

let server: TestServer;
let s3: S3rver | undefined;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-python-"));
let environment: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  // the only key that s3rver knows
  server = await startServer({ credentials: { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" } });
  const S3rver = jest.requireActual<new (options: object) => S3rver>("s3rver");
  s3 = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory: folder,
    configureBuckets: [{ name: "lake" }],
  });
  const { port } = await s3.run();
  environment = {
    ...process.env,
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
  };
});
beforeEach(() => server.reset());
afterAll(async () => {
  await s3?.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (
  command: string,
  args: readonly string[],
  endpoint = server.endpoint,
): Promise<{ status: number; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(
      join(clients ?? "", "bin", command),
      args,
      { env: { ...environment, GLUE_ENDPOINT: endpoint }, timeout: 240_000 },
      (error, out, err) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), out, err });
      },
    );
  });

const whenProvisioned = clients === undefined ? describe.skip : describe;

whenProvisioned("python clients", () => {
  it.each(["boto3", "awswrangler", "pyiceberg"])(
    "%s",
    async (client) => {
      const recording = await record(client, server.endpoint);
      const { status, out, err } = await run(
        "python",
        ["-W", "ignore", join(__dirname, "python", `${client}_client.py`)],
        recording.endpoint,
      );
      recording.end();
      recording.close();
      expect(status === 0 ? "" : err).toBe(""); // of a run that ends well, only notes such as "retrying"
      expect(out).toMatch(/ok\n$/);
    },
    300_000,
  );

  it("the AWS CLI", async () => {
    const recording = await record("aws-cli", server.endpoint);
    const aws = (...args: string[]) =>
      run("aws", ["--endpoint-url", recording.endpoint, "--output", "json", "glue", ...args]);
    expect(await aws("create-database", "--database-input", '{"Name":"cli"}')).toMatchObject({ status: 0 });
    expect(
      await aws(
        "create-table",
        "--database-name",
        "cli",
        "--table-input",
        '{"Name":"t","PartitionKeys":[{"Name":"y","Type":"int"}]}',
      ),
    ).toMatchObject({ status: 0 });
    expect(
      await aws(
        "create-partition",
        "--database-name",
        "cli",
        "--table-name",
        "t",
        "--partition-input",
        '{"Values":["2024"]}',
      ),
    ).toMatchObject({ status: 0 });
    const partitions = await aws(
      "get-partitions",
      "--database-name",
      "cli",
      "--table-name",
      "t",
      "--expression",
      "y = 2024",
    );
    expect(JSON.parse(partitions.out)).toMatchObject({ Partitions: [{ Values: ["2024"], DatabaseName: "cli" }] });
    const missing = await aws("get-table", "--database-name", "cli", "--name", "nope");
    expect(missing.status).not.toBe(0);
    expect(missing.err).toContain("(EntityNotFoundException)");
    recording.end();
    recording.close();
  }, 300_000);
});
