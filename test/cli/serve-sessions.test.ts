/** Interactive sessions and development endpoints of the API, really running, through the JavaScript SDK. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  CancelStatementCommand,
  CreateConnectionCommand,
  CreateDevEndpointCommand,
  CreateSessionCommand,
  DeleteDevEndpointCommand,
  DeleteSessionCommand,
  GetDevEndpointCommand,
  GetSessionCommand,
  GetStatementCommand,
  type GlueClient,
  ListStatementsCommand,
  RunStatementCommand,
  type Statement,
  StopSessionCommand,
} from "@aws-sdk/client-glue";
import { Client, utils } from "ssh2";
import { clientOf } from "../server/sdk-client.js";
import { hasNamespaces } from "../devendpoint/namespaces-here.js";
import { buildIfStale } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-sessions-"));
const main = join(__dirname, "..", "..", "dist", "esm", "cli", "main.js");
const Role = "arn:aws:iam::123456789012:role/glue";
let glue: GlueClient;
let stop: () => Promise<number | null>;

beforeAll(async () => {
  buildIfStale();
  const child = spawn(
    process.execPath,
    [main, "--catalog", join(folder, "catalog"), "--json", "--quiet", "serve", "--port", "0", "--insecure-no-auth"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  const endpoint = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      resolve((JSON.parse(line) as { endpoint: string }).endpoint);
    });
  });
  glue = clientOf({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
}, 300_000);
afterAll(async () => {
  glue.destroy();
  expect(await stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const sessionState = async (Id: string): Promise<string | undefined> =>
  (await glue.send(new GetSessionCommand({ Id }))).Session?.Status;
const run = async (Code: string): Promise<number> =>
  (await glue.send(new RunStatementCommand({ SessionId: "s", Code }))).Id ?? -1;
const statement = async (Id: number): Promise<Statement> => {
  const { Statement: found } = await until(
    () => glue.send(new GetStatementCommand({ SessionId: "s", Id })),
    ({ Statement: now }) => !["WAITING", "RUNNING", "CANCELLING"].includes(now?.State ?? ""),
  );
  return found ?? {};
};

test("a session keeps its names from statement to statement, reports errors, cancels, stops and is gone", async () => {
  expect(
    (await glue.send(new CreateSessionCommand({ Id: "s", Role, Command: { Name: "glueetl" } }))).Session,
  ).toMatchObject({ Status: "PROVISIONING" });
  await until(
    () => sessionState("s"),
    (status) => status !== "PROVISIONING",
  );
  expect(await sessionState("s")).toBe("READY");
  const first = await run(
    "const frame = glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]); console.log(await frame.count())",
  );
  const second = await run("(await frame.schemaTree()).includes('choice')");
  expect(await statement(first)).toMatchObject({
    Id: 0,
    State: "AVAILABLE",
    Output: { Status: "ok", Data: { TextPlain: "2\n" } },
  });
  expect(await statement(second)).toMatchObject({
    Id: 1,
    State: "AVAILABLE",
    Output: { Status: "ok", Data: { TextPlain: "true\n" } },
  });
  expect(await statement(await run("frame.nothing()"))).toMatchObject({
    State: "AVAILABLE",
    Output: { Status: "error", ErrorName: "TypeError", ErrorValue: expect.stringContaining("nothing") as string },
  });

  // what code writes to the pipe itself is no result, and does not end the server
  expect(await statement(await run("process.stdout.write('not json\\n{\"id\":9'); 7"))).toMatchObject({
    State: "AVAILABLE",
    Output: { Status: "ok", Data: { TextPlain: "7\n" } },
  });

  const endless = await run("for (;;);");
  const never = await run("1");
  await until(
    () => glue.send(new GetStatementCommand({ SessionId: "s", Id: endless })),
    ({ Statement: now }) => now?.State === "RUNNING",
  );
  await glue.send(new CancelStatementCommand({ SessionId: "s", Id: never }));
  await new Promise((resolve) => setTimeout(resolve, 300)); // so that the loop has begun in the session's process
  await glue.send(new CancelStatementCommand({ SessionId: "s", Id: endless }));
  expect([(await statement(endless)).State, (await statement(never)).State]).toEqual(["CANCELLED", "CANCELLED"]);
  expect((await statement(await run("await frame.count()"))).Output?.Data?.TextPlain).toBe("2\n");
  expect((await glue.send(new ListStatementsCommand({ SessionId: "s" }))).Statements).toHaveLength(7);

  await glue.send(new StopSessionCommand({ Id: "s" }));
  expect(await sessionState("s")).toBe("STOPPED");
  await expect(run("1")).rejects.toMatchObject({ name: "IllegalSessionStateException" });
  await glue.send(new DeleteSessionCommand({ Id: "s" }));
  await expect(sessionState("s")).rejects.toMatchObject({ name: "EntityNotFoundException" });
});

test("a session whose process ends is FAILED, and so is its statement", async () => {
  await glue.send(new CreateSessionCommand({ Id: "s", Role, Command: {} }));
  await until(
    () => sessionState("s"),
    (status) => status === "READY",
  );
  expect(await statement(await run("process.exit(3)"))).toMatchObject({
    Output: { Status: "error", ErrorName: "SessionFailed" },
  });
  await until(
    () => sessionState("s"),
    (status) => status !== "READY",
  );
  expect((await glue.send(new GetSessionCommand({ Id: "s" }))).Session).toMatchObject({
    Status: "FAILED",
    ErrorMessage: "The process of the session has ended.",
  });
  await glue.send(new DeleteSessionCommand({ Id: "s" }));
});

test("a development endpoint that the API created is entered by SSH", async () => {
  const pair = utils.generateKeyPairSync("ed25519");
  await glue.send(new CreateDevEndpointCommand({ EndpointName: "lab", RoleArn: Role, PublicKey: pair.public }));
  const { DevEndpoint } = await until(
    () => glue.send(new GetDevEndpointCommand({ EndpointName: "lab" })),
    ({ DevEndpoint: now }) => now?.Status !== "PROVISIONING",
  );
  expect(DevEndpoint).toMatchObject({
    Status: "READY",
    PrivateAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
  });
  const client = new Client();
  const out = await new Promise<string>((resolve, reject) => {
    client
      .once("error", reject)
      .once("ready", () => {
        client.exec("catalog.address.length > 0", (error, channel) => {
          if (error) return reject(error);
          let text = "";
          channel
            .on("data", (chunk: Buffer) => {
              text += chunk.toString();
            })
            .on("close", () => {
              resolve(text);
            });
        });
      })
      .connect({
        host: "127.0.0.1",
        port: Number(DevEndpoint?.PrivateAddress?.split(":")[1]),
        username: "glue",
        privateKey: pair.private,
      });
  });
  client.end();
  expect(out).toBe("true\n");
  await glue.send(new DeleteDevEndpointCommand({ EndpointName: "lab" }));
});

/** A server whose catalog has a connection with a password, and so a key. */
async function guarded(
  env: Readonly<Record<string, string>>,
  body: (client: GlueClient, ask: (code: string) => Promise<string>, catalog: string) => Promise<void>,
  more: readonly string[] = [],
  status = "READY",
): Promise<void> {
  const catalog = mkdtempSync(join(tmpdir(), "dynaframe-guarded-"));
  const child = spawn(
    process.execPath,
    [main, "--catalog", catalog, "--json", "--quiet", "serve", "--port", "0", ...more],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        DYNAFRAME_ACCESS_KEY_ID: "operator",
        DYNAFRAME_SECRET_ACCESS_KEY: "operators-secret",
        ...env,
      },
    },
  );
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => {
      resolve();
    });
  });
  const endpoint = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      resolve((JSON.parse(line) as { endpoint: string }).endpoint);
    });
  });
  const client = clientOf({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "operator", secretAccessKey: "operators-secret" },
  });
  try {
    await client.send(
      new CreateConnectionCommand({
        ConnectionInput: {
          Name: "shop",
          ConnectionType: "JDBC",
          ConnectionProperties: {
            JDBC_CONNECTION_URL: "jdbc:postgresql://127.0.0.1:1/shop",
            USERNAME: "u",
            PASSWORD: "p4ss",
          },
        },
      }),
    );
    await client.send(new CreateSessionCommand({ Id: "g", Role, Command: {} }));
    const state = await until(
      async () => (await client.send(new GetSessionCommand({ Id: "g" }))).Session,
      (session) => session?.Status !== "PROVISIONING",
    );
    expect(state).toMatchObject({ Status: status });
    const ask = async (Code: string): Promise<string> => {
      const { Id } = await client.send(new RunStatementCommand({ SessionId: "g", Code }));
      const { Statement: done } = await until(
        () => client.send(new GetStatementCommand({ SessionId: "g", Id })),
        ({ Statement: now }) => !["WAITING", "RUNNING"].includes(now?.State ?? ""),
      );
      return done?.Output?.Data?.TextPlain ?? `${done?.Output?.ErrorName}: ${done?.Output?.ErrorValue}`;
    };
    await body(client, ask, catalog);
  } finally {
    client.destroy();
    child.kill("SIGTERM");
    await ended;
    rmSync(catalog, { recursive: true, force: true });
  }
}

test("a session is given neither the catalog's key nor the server's credentials; what a connection holds it asks of the server", async () => {
  await guarded({ DYNAFRAME_KEY: Buffer.alloc(32, 7).toString("base64") }, async (_client, ask) => {
    expect(
      await ask(
        "Object.entries(process.env).filter(([name, value]) => name === 'DYNAFRAME_KEY' || value === 'operators-secret').length",
      ),
    ).toBe("0\n");
    expect(await ask("catalog.address.startsWith('http://')")).toBe("true\n");
    expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n");
  });
});

const canNest = hasNamespaces("sessions");
(canNest ? test : test.skip)(
  "by default a session cannot read the key file, nor have the server run what could; it can be cancelled and works all the same",
  async () => {
    await guarded({}, async (client, ask, catalog) => {
      const key = join(catalog, "key");
      expect(existsSync(key)).toBe(true);
      expect(await ask(`require('node:fs').readFileSync(${JSON.stringify(key)}, 'utf8')`)).toMatch(/ENOENT/);
      expect(await ask("[process.pid, process.ppid]")).toBe("[ 1, 0 ]\n");
      expect(await ask(`await glue.sql("SELECT content FROM read_text('${key}')").rows()`)).not.toMatch(/content:/);
      expect(await ask("await catalog.changeEntities([{ ref: { kind: 'job', name: 'steal' }, doc: {} }])")).toMatch(
        /is not for it/,
      );
      const { Id } = await client.send(new RunStatementCommand({ SessionId: "g", Code: "for (;;);" }));
      await until(
        () => client.send(new GetStatementCommand({ SessionId: "g", Id })),
        ({ Statement: now }) => now?.State === "RUNNING",
      );
      await new Promise((resolve) => setTimeout(resolve, 300)); // so that the loop has begun in the session's process
      await client.send(new CancelStatementCommand({ SessionId: "g", Id }));
      expect(await ask("await glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]).count()")).toBe("2\n");
      expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n");
    });
  },
);

test("where nothing keeps a session from the key it is FAILED, unless the server gives it the key", async () => {
  const nowhere = { PATH: folder };
  await guarded(
    nowhere,
    async (client) => {
      expect((await client.send(new GetSessionCommand({ Id: "g" }))).Session).toMatchObject({
        ErrorMessage: expect.stringContaining("could read the key file") as string,
      });
    },
    [],
    "FAILED",
  );
  await guarded(
    nowhere,
    async (_client, ask, catalog) => {
      expect(await ask(`require('node:fs').readFileSync(${JSON.stringify(join(catalog, "key"))}, 'utf8').length`)).toBe(
        "45\n",
      );
    },
    ["--give-key"],
  );
});

// nobody must be able to run Node and to read the package here
const canBeNobody =
  process.getuid?.() === 0
  && spawnSync(process.execPath, ["-e", `require("node:fs").accessSync(${JSON.stringify(__dirname)}, 4)`], {
    uid: 65534,
    gid: 65534,
    cwd: tmpdir(),
  }).status === 0;
if (!canBeNobody)
  process.stderr.write(
    "SKIPPED: sessions as another user of the system (needs root, and a checkout that others may read)\n",
  );
(canBeNobody ? test : test.skip)(
  "a session as another user cannot read the key file, by Node or by the engine",
  async () => {
    await guarded({ DYNAFRAME_SESSION_USER: "65534:65534" }, async (_client, ask, catalog) => {
      const key = join(catalog, "key");
      expect(existsSync(key)).toBe(true);
      expect(await ask("process.getuid()")).toBe("65534\n");
      expect(await ask(`require('node:fs').readFileSync(${JSON.stringify(key)}, 'utf8')`)).toMatch(/EACCES/);
      expect(await ask(`await glue.sql("SELECT content FROM read_text('${key}')").rows()`)).not.toMatch(/content/);
      expect(await ask("require('node:child_process').spawnSync('cat', [" + JSON.stringify(key) + "]).status")).toBe(
        "1\n",
      );
      // and it works all the same
      expect(await ask("await glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]).count()")).toBe("2\n");
      expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n");
    });
  },
);
