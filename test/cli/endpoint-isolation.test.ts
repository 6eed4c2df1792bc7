/**
 * A development endpoint as the command starts it: who enters by SSH or TLS works with the catalog, and finds neither
 * its key nor the operator's credentials.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enterByTls } from "../../src/devendpoint/tls/tls-client.js";
import type { Client, ClientChannel } from "ssh2";
import { openCatalog } from "../../src/open.js";
import { alice, collected, enterBySsh, exec, saidByTls } from "../devendpoint/endpoint-clients.js";
import { hasNamespaces } from "../devendpoint/namespaces-here.js";
import { buildIfStale, cli } from "./cli-process.js";

const folder = mkdtempSync(join(tmpdir(), "dynaframe-isolation-"));
beforeAll(async () => {
  buildIfStale();
}, 300_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

type Ask = (code: string) => Promise<string>;

/**
 * An endpoint on a catalog that holds a password, and so a key; `ask` runs a line by SSH and by TLS, and gives what
 * both said.
 */
async function withEndpoint(
  name: string,
  env: Readonly<Record<string, string>>,
  body: (ask: Ask, key: string, ssh: Client) => Promise<void>,
): Promise<void> {
  const catalog = join(folder, name);
  const own = process.env["DYNAFRAME_KEY"];
  if (env["DYNAFRAME_KEY"] !== undefined) process.env["DYNAFRAME_KEY"] = env["DYNAFRAME_KEY"];
  const opened = await openCatalog(catalog);
  await opened.createConnection({
    Name: "shop",
    ConnectionType: "JDBC",
    ConnectionProperties: {
      JDBC_CONNECTION_URL: "jdbc:postgresql://127.0.0.1:1/shop",
      USERNAME: "u",
      PASSWORD: "p4ss",
    },
  });
  await opened.close();
  if (own === undefined) delete process.env["DYNAFRAME_KEY"];
  else process.env["DYNAFRAME_KEY"] = own;
  const key = join(folder, "alice.pub");
  writeFileSync(key, `${alice.public}\n`);
  const operator = { DYNAFRAME_ACCESS_KEY_ID: "operator", DYNAFRAME_SECRET_ACCESS_KEY: "operators-secret", ...env };
  const created = await cli(["dev-endpoint", "create", "lab", "--public-key", key, "--json"], {
    catalog,
    env: operator,
  });
  expect(created).toMatchObject({ status: 0, err: "" });
  try {
    const { port, tlsPort } = JSON.parse(created.out) as { readonly port: number; readonly tlsPort: number };
    const certificate = join(folder, `${name}.pem`);
    expect(
      (await cli(["dev-endpoint", "certificate", "lab", "--for", "bob", "--out", certificate], { catalog })).status,
    ).toBe(0);
    const ssh = await enterBySsh(port);
    await body(
      async (code) => {
        const { out, err } = await exec(ssh, code);
        const byTls = await saidByTls(await enterByTls(tlsPort, readFileSync(certificate, "utf8")), `${code}\n.exit\n`);
        return `${out}${err}|${byTls}`;
      },
      join(catalog, "key"),
      ssh,
    );
    ssh.end();
  } finally {
    expect((await cli(["dev-endpoint", "delete", "lab"], { catalog })).status).toBe(0);
  }
}

test("it is given neither the catalog's folder, nor its key, nor the operator's credentials, and works all the same", async () => {
  await withEndpoint("given", { DYNAFRAME_KEY: Buffer.alloc(32, 7).toString("base64") }, async (ask) => {
    expect(
      await ask(
        "Object.entries(process.env).filter(([name, value]) => name === 'DYNAFRAME_KEY' || value === 'operators-secret').length",
      ),
    ).toBe("0\n|0\n");
    expect(await ask("catalog.address.startsWith('http://127.0.0.1:')")).toBe("true\n|true\n");
    expect(await ask("await glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]).count()")).toBe("2\n|2\n");
    expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n|4\n");
  });
}, 600_000);

const canNest = hasNamespaces("endpoints");
(canNest ? test : test.skip)(
  "by default it cannot read the key file, nor reach the host, nor have the server do it; glue, catalog, engine, REPL and history work",
  async () => {
    await withEndpoint("spaces", {}, async (ask, key, ssh) => {
      expect(existsSync(key)).toBe(true);
      const path = JSON.stringify(key);
      const refused = /ENOENT[^|]*\|[^|]*ENOENT/s;
      expect(await ask(`require('node:fs').readFileSync(${path}, 'utf8')`)).toMatch(refused);
      expect(
        await ask(
          `require('node:fs').readdirSync(${JSON.stringify(join(folder, "spaces"))}).filter((name) => name !== 'history')`,
        ),
      ).toBe("[]\n|[]\n");
      expect(await ask("[process.pid, process.ppid]")).toBe("[ 1, 0 ]\n|[ 1, 0 ]\n");
      expect(await ask("process.kill(0, 'SIGCONT')")).toBe("true\n|true\n");
      expect(await ask(`require('node:child_process').spawnSync('cat', [${path}]).status`)).toBe("1\n|1\n");
      expect(await ask(`await glue.sql("SELECT content FROM read_text('${key}')").rows()`)).not.toMatch(/content:/);
      expect(await ask("await catalog.changeEntities([{ ref: { kind: 'job', name: 'steal' }, doc: {} }])")).toMatch(
        /is not for it[^|]*\|[^|]*is not for it/s,
      );
      expect(await ask("await glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]).count()")).toBe("2\n|2\n");
      expect(await ask("await glue.sql('SELECT 1 AS n').count()")).toBe("1\n|1\n");
      expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n|4\n");
      const channel = await new Promise<ClientChannel>((resolve, reject) => {
        ssh.shell({}, (error, opened) => {
          if (error) reject(error);
          else resolve(opened);
        });
      });
      channel.write("40 + 2\r.exit\r");
      await collected(channel);
      expect(readFileSync(join(folder, "spaces", "dev-endpoints", "lab", "inside", "history"), "utf8")).toContain(
        "40 + 2",
      );
    });
  },
  600_000,
);

test("where nothing keeps it from a key it is not made, unless the key is given: which get shows", async () => {
  const catalog = join(folder, "none");
  const key = join(folder, "alice.pub");
  writeFileSync(key, `${alice.public}\n`);
  mkdirSync(catalog, { recursive: true });
  writeFileSync(join(catalog, "key"), `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });
  const create = (...more: readonly string[]) =>
    cli(["dev-endpoint", "create", "lab", "--public-key", key, ...more], { catalog, env: { PATH: folder } });
  const refused = await create();
  expect(refused.status).not.toBe(0);
  expect(refused.err).toContain("KEY_UNPROTECTED");
  expect(refused.err).toContain("--give-key");
  expect((await cli(["dev-endpoint", "list", "--json"], { catalog })).out.trim()).toBe("[]");
  expect(await create("--give-key")).toMatchObject({
    status: 0,
    out: expect.stringContaining("was given the key") as string,
  });
  expect(JSON.parse((await cli(["dev-endpoint", "get", "lab", "--json"], { catalog })).out)).toMatchObject({
    status: "READY",
    isKeyGiven: true,
  });
  expect((await cli(["dev-endpoint", "delete", "lab"], { catalog })).status).toBe(0);
}, 600_000);

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
    "SKIPPED: endpoints as another user of the system (needs root, and a checkout that others may read)\n",
  );
(canBeNobody ? test : test.skip)(
  "as another user it cannot read the key file, by Node, by the engine or by a program, by SSH or by TLS",
  async () => {
    await withEndpoint("user", { DYNAFRAME_SESSION_USER: "65534:65534" }, async (ask, key) => {
      expect(existsSync(key)).toBe(true);
      const path = JSON.stringify(key);
      const refused = /EACCES[^|]*\|[^|]*EACCES/s;
      expect(await ask("process.getuid()")).toBe("65534\n|65534\n");
      expect(await ask(`require('node:fs').readFileSync(${path}, 'utf8')`)).toMatch(refused);
      expect(await ask(`require('node:fs').readFileSync('/proc/' + process.ppid + '/root' + ${path}, 'utf8')`)).toMatch(
        refused,
      );
      expect(await ask("require('node:fs').readFileSync('/proc/' + process.ppid + '/environ', 'utf8')")).toMatch(
        refused,
      );
      expect(await ask(`require('node:child_process').spawnSync('cat', [${path}]).status`)).toBe("1\n|1\n");
      expect(await ask(`await glue.sql("SELECT content FROM read_text('${key}')").rows()`)).not.toMatch(/content/);
      expect(await ask("await glue.createDynamicFrame.fromRows([{ n: 1 }, { n: 'x' }]).count()")).toBe("2\n|2\n");
      expect(await ask("(await glue.extractJdbcConf('shop')).password.length")).toBe("4\n|4\n");
    });
  },
  600_000,
);
