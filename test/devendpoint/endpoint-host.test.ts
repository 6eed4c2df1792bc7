import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Client, utils, type ClientChannel, type ConnectConfig } from "ssh2";
import { hostEndpoint } from "../../src/devendpoint/endpoint-host.js";
import { insideHere } from "../../src/devendpoint/endpoint-inside.js";
import {
  changeEndpoint,
  costOf,
  createEndpoint,
  deleteEndpoint,
  getEndpoint,
  listEndpoints,
} from "../../src/devendpoint/endpoint-record.js";
import { checkPublicKeys } from "../../src/devendpoint/public-keys.js";
import { temporaryContext, type TemporaryContext } from "../../src/testing/index.js";
import {
  alice,
  aThousandStrangers,
  bob,
  collected,
  enterBySsh,
  exec,
  SETTINGS,
  sockets,
  startHost,
} from "./endpoint-clients.js";

const mallory = utils.generateKeyPairSync("ed25519");

let context: TemporaryContext;
beforeAll(async () => {
  context = await temporaryContext();
});
afterAll(async () => {
  await context.close();
});

test("commands, scripts and a shell share the warm context; the status says what threw", async () => {
  const {
    host: { port },
    log,
    stop,
    ended,
  } = await startHost(context, "work");
  const client = await enterBySsh(port);
  expect(await exec(client, "(await glue.createDynamicFrame.fromRows([{ a: 1 }, { a: 'x' }]).count()) * 21")).toEqual({
    out: "42\n",
    err: "",
    status: 0,
  });
  const script = "const { items } = await catalog.getDatabases();\nconsole.log(items.length, args)";
  expect(await exec(client, "run - --day 2024-03-01", script)).toMatchObject({
    out: expect.stringContaining("[ '--day', '2024-03-01' ]") as string,
    status: 0,
  });
  expect(await exec(client, "throw new Error('no')")).toMatchObject({
    out: expect.stringContaining("Uncaught Error: no") as string,
    status: 1,
  });
  expect((await exec(client, "run /no/such/file.mjs")).status).toBe(1);

  const shell = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ cols: 100, rows: 30 }, (error, channel) => {
      if (error) reject(error);
      else resolve(channel);
    });
  });
  const seen = collected(shell);
  shell.write("const n = await glue.createDynamicFrame.fromRows([{ a: 1 }]).count()\r");
  shell.write("'rows: ' + n\r");
  for (const line of ["const add = (a: number,", "  b: number): number => a + b", "'sum ' + add(40, n + 1)"])
    shell.write(`${line}\r`);
  const completed = new Promise<void>((resolve) => {
    let text = "";
    shell.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("amicFrame")) resolve();
    });
  });
  shell.write("typeof glue.createDyn\t");
  await completed;
  shell.write(".fromRows\r");
  shell.write(".exit\r");
  const { out } = await seen;
  expect(out).toContain("'function'");
  expect(out).toContain("dynaframe> ");
  expect(out).toContain("rows: 1");
  expect(out).toContain("sum 42");
  client.end();
  // RSA keys sign by SHA-2
  const other = await enterBySsh(port, { privateKey: bob.private });
  expect((await exec(other, "1 + 1")).out).toBe("2\n");
  other.end();
  stop();
  expect(await ended).toBe("signal");
  expect((await stat(join(context.directory, "work", "host_key"))).mode & 0o777).toBe(0o600);
  expect(await getEndpoint(context.glue.catalog, "work", Date.now())).toMatchObject({ status: "STOPPED" });
  expect(log.filter(({ event }) => event === "entered")).toHaveLength(2);
});

test("wrong keys, passwords, other users and clients that say nothing are refused and logged, without what they offered", async () => {
  const {
    host: { port },
    log,
    stop,
    ended,
  } = await startHost(context, "guarded");
  const refused = async (how: Partial<ConnectConfig>): Promise<string> =>
    enterBySsh(port, how).then(
      (client) => {
        client.end();
        return "let in";
      },
      (error: Error) => error.message,
    );
  expect(await refused({ privateKey: mallory.private })).toMatch(/authentication methods failed/);
  expect(await refused({ privateKey: "", password: "hunter2-secret" })).toMatch(/authentication methods failed/);
  expect(await refused({ username: "root" })).toMatch(/authentication methods failed/);
  expect(log.filter(({ event }) => event === "refused").map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(["unknown key", "password login", "the user is glue"]),
  );
  expect(JSON.stringify(log)).not.toContain("hunter2");

  // a thousand that connect, greet and leave, many at once: each is logged, none stays, and the endpoint still answers
  const openBefore = sockets();
  log.length = 0;
  await aThousandStrangers(port, "SSH-2.0-probe\r\n", true);
  const client = await connectedInTime(port);
  expect((await exec(client, "'still here'")).out).toBe("'still here'\n");
  const left = once(client, "close");
  client.end();
  await left;
  while (log.filter(({ event }) => event === "refused").length < 1000 || sockets() > openBefore)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(log.filter(({ event }) => event === "refused").map(({ from }) => from)).toEqual(
    Array.from({ length: 1000 }, () => "127.0.0.1"),
  );
  stop();
  await ended;
});

/** Those that left are noticed one after the other: until then there may be too many clients. */
async function connectedInTime(port: number): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await enterBySsh(port);
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test("a key taken away ends its sessions and opens nothing more; tunnels lead to named ports only", async () => {
  const target = createServer((socket) => {
    socket.end("hello from the engine");
  });
  await new Promise<void>((resolve) => {
    target.listen(0, "127.0.0.1", resolve);
  });
  const open = (target.address() as { port: number }).port;
  const {
    host: { port },
    ended,
  } = await startHost(context, "keys", { settings: { forwardPorts: [open] } });
  const client = await enterBySsh(port);
  const through = (to: number): Promise<string> =>
    new Promise((resolve) => {
      client.forwardOut("127.0.0.1", 0, "127.0.0.1", to, (error, channel) => {
        if (error) return resolve("refused");
        let text = "";
        channel.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        channel.on("close", () => {
          resolve(text);
        });
      });
    });
  expect(await through(open)).toBe("hello from the engine");
  expect(await through(port)).toBe("refused");
  const gone = once(client, "close");
  await changeEndpoint(context.glue.catalog, "keys", (endpoint) => ({ ...endpoint, publicKeys: [bob.public] }));
  await gone;
  await expect(enterBySsh(port)).rejects.toThrow(/authentication methods failed/);
  (await enterBySsh(port, { privateKey: bob.private })).end();
  await deleteEndpoint(context.glue.catalog, "keys");
  expect(await ended).toBe("deleted");
  target.close();
});

test("an idle endpoint stops; its time is metered; one is hosted once; one whose process is gone is STOPPED", async () => {
  let clock = 1_000_000;
  const { ended } = await startHost(context, "idle", { settings: { idleMinutes: 5 }, now: () => clock });
  const { catalog } = context.glue;
  const again = hostEndpoint({
    catalog,
    name: "idle",
    folder: join(context.directory, "idle"),
    inside: insideHere({ names: {} }),
    log: () => undefined,
    signal: new AbortController().signal,
    now: () => clock,
  });
  await expect(again).rejects.toMatchObject({ code: "ENDPOINT_RUNNING" });
  clock += 5 * 60_000;
  expect(await ended).toBe("idle");
  const stopped = await getEndpoint(catalog, "idle", clock);
  expect(stopped).toMatchObject({ status: "STOPPED", secondsOn: 300 });
  expect(costOf(stopped, clock)).toEqual({ hours: 300 / 3600, cost: (300 / 3600) * 0.44 });

  await changeEndpoint(catalog, "idle", (endpoint) => ({
    ...endpoint,
    status: "READY",
    host: { port: 1, pid: 1, hostKey: "", readyAt: clock, seenAt: clock + 10_000 },
  }));
  expect((await getEndpoint(catalog, "idle", clock + 20_000)).status).toBe("READY");
  expect(await getEndpoint(catalog, "idle", clock + 60_000)).toMatchObject({ status: "STOPPED", secondsOn: 310 });
  expect(
    (await listEndpoints(catalog, clock + 60_000)).map(({ name, endpoint }) => [name, endpoint.status]),
  ).toContainEqual(["idle", "STOPPED"]);
});

test("one that may run no longer stops, and says why", async () => {
  let isThere = false;
  const { ended } = await startHost(context, "watched", {
    check: async () => {
      if (isThere) throw new Error("there is a key now");
    },
  });
  isThere = true;
  await expect(ended).rejects.toThrow("there is a key now");
  expect(await getEndpoint(context.glue.catalog, "watched", Date.now())).toMatchObject({ status: "STOPPED" });
});

test("names and keys that cannot be used are refused, and the message does not hold a private key", async () => {
  const { catalog } = context.glue;
  await expect(createEndpoint(catalog, "../up", SETTINGS)).rejects.toMatchObject({ code: "BAD_OPTION" });
  await expect(checkPublicKeys([])).rejects.toMatchObject({ code: "BAD_PUBLIC_KEY" });
  await expect(checkPublicKeys(Array.from({ length: 6 }, () => alice.public))).rejects.toMatchObject({
    code: "BAD_PUBLIC_KEY",
    found: "6",
  });
  await expect(checkPublicKeys(["ssh-ed25519 AAAA"])).rejects.toMatchObject({ code: "BAD_PUBLIC_KEY" });
  const error = await checkPublicKeys([alice.private]).then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  expect(error?.message).toMatch(/private key/);
  expect(JSON.stringify(error)).not.toContain(alice.private.slice(40, 80));
  await createEndpoint(catalog, "twice", SETTINGS);
  await expect(createEndpoint(catalog, "twice", SETTINGS)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
});
