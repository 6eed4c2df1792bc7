/** Interactive sessions and development endpoints of the API, really running, through the JavaScript SDK. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import {
  CancelStatementCommand, CreateDevEndpointCommand, CreateSessionCommand, DeleteDevEndpointCommand, DeleteSessionCommand, GetDevEndpointCommand, GetSessionCommand, GetStatementCommand, type GlueClient, ListStatementsCommand,
  RunStatementCommand, type Statement, StopSessionCommand,
} from "@aws-sdk/client-glue";
import { Client, utils } from "ssh2";
import { clientOf } from "../server/sdk-client.js";
import { buildIfStale } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-sessions-"));
const main = join(__dirname, "..", "..", "dist", "esm", "cli", "main.js");
const Role = "arn:aws:iam::123456789012:role/glue";
let glue: GlueClient, stop: () => Promise<number | null>;

beforeAll(async () => {
  buildIfStale();
  const child = spawn(process.execPath, [main, "--catalog", join(folder, "catalog"), "--json", "--quiet", "serve", "--port", "0", "--insecure-no-auth"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => { child.once("close", resolve); });
  stop = () => { child.kill("SIGTERM"); return ended; };
  const endpoint = await new Promise<string>((resolve) => { createInterface({ input: child.stdout }).once("line", (line) => { resolve((JSON.parse(line) as { endpoint: string }).endpoint); }); });
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
const sessionState = async (Id: string): Promise<string | undefined> => (await glue.send(new GetSessionCommand({ Id }))).Session?.Status;
const run = async (Code: string): Promise<number> => (await glue.send(new RunStatementCommand({ SessionId: "s", Code }))).Id ?? -1;
const statement = async (Id: number): Promise<Statement> => {
  const { Statement: found } = await until(() => glue.send(new GetStatementCommand({ SessionId: "s", Id })), ({ Statement: now }) => !["WAITING", "RUNNING", "CANCELLING"].includes(now?.State ?? ""));
  return found ?? {};
};

test("a session keeps its names from statement to statement, reports errors, cancels, stops and is gone", async () => {
  expect((await glue.send(new CreateSessionCommand({ Id: "s", Role, Command: { Name: "glueetl" } }))).Session).toMatchObject({ Status: "PROVISIONING" });
  await until(() => sessionState("s"), (status) => status !== "PROVISIONING");
  expect(await sessionState("s")).toBe("READY");
  const first = await run("const frame = glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]); console.log(await frame.count())");
  const second = await run("(await frame.schemaTree()).includes('choice')");
  expect(await statement(first)).toMatchObject({ Id: 0, State: "AVAILABLE", Output: { Status: "ok", Data: { TextPlain: "2\n" } } });
  expect(await statement(second)).toMatchObject({ Id: 1, State: "AVAILABLE", Output: { Status: "ok", Data: { TextPlain: "true\n" } } });
  expect(await statement(await run("frame.nothing()"))).toMatchObject({ State: "AVAILABLE", Output: { Status: "error", ErrorName: "TypeError", ErrorValue: expect.stringContaining("nothing") as string } });

  // what code writes to the pipe itself is no result, and does not end the server
  expect(await statement(await run("process.stdout.write('not json\\n{\"id\":9'); 7"))).toMatchObject({ State: "AVAILABLE", Output: { Status: "ok", Data: { TextPlain: "7\n" } } });

  const endless = await run("for (;;);"), never = await run("1");
  await until(() => glue.send(new GetStatementCommand({ SessionId: "s", Id: endless })), ({ Statement: now }) => now?.State === "RUNNING");
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
  await until(() => sessionState("s"), (status) => status === "READY");
  expect(await statement(await run("process.exit(3)"))).toMatchObject({ Output: { Status: "error", ErrorName: "SessionFailed" } });
  await until(() => sessionState("s"), (status) => status !== "READY");
  expect((await glue.send(new GetSessionCommand({ Id: "s" }))).Session).toMatchObject({ Status: "FAILED", ErrorMessage: "The process of the session has ended." });
  await glue.send(new DeleteSessionCommand({ Id: "s" }));
});

test("a development endpoint that the API created is entered by SSH", async () => {
  const pair = utils.generateKeyPairSync("ed25519");
  await glue.send(new CreateDevEndpointCommand({ EndpointName: "lab", RoleArn: Role, PublicKey: pair.public }));
  const { DevEndpoint } = await until(() => glue.send(new GetDevEndpointCommand({ EndpointName: "lab" })), ({ DevEndpoint: now }) => now?.Status !== "PROVISIONING");
  expect(DevEndpoint).toMatchObject({ Status: "READY", PrivateAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string });
  const client = new Client();
  const out = await new Promise<string>((resolve, reject) => {
    client.once("error", reject).once("ready", () => {
      client.exec("catalog.address.length > 0", (error, channel) => {
        if (error) return reject(error);
        let text = "";
        channel.on("data", (chunk: Buffer) => { text += chunk.toString(); }).on("close", () => { resolve(text); });
      });
    }).connect({ host: "127.0.0.1", port: Number(DevEndpoint?.PrivateAddress?.split(":")[1]), username: "glue", privateKey: pair.private });
  });
  client.end();
  expect(out).toBe("true\n");
  await glue.send(new DeleteDevEndpointCommand({ EndpointName: "lab" }));
});
