import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { buildIfStale, cli } from "./cli-process.js";

const hasSsh = (process.env["PATH"] ?? "").split(":").some((path) => existsSync(join(path, "ssh")));
if (!hasSsh)
  process.stderr.write("SKIPPED: the dev-endpoint command with the system's ssh (no OpenSSH client on this machine)\n");

const folder = mkdtempSync(join(tmpdir(), "dynaframe-endpoints-"));
const catalog = join(folder, "catalog");
const key = join(folder, "id");
const other = join(folder, "other");

beforeAll(() => {
  buildIfStale();
  for (const file of [key, other]) {
    const pair = utils.generateKeyPairSync("ed25519");
    writeFileSync(file, pair.private, { mode: 0o600 });
    writeFileSync(`${file}.pub`, `${pair.public} tests\n`);
  }
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

(hasSsh ? test : test.skip)(
  "an endpoint is created, entered with the system's ssh, stopped, started again and deleted",
  async () => {
    const created = await cli(
      ["dev-endpoint", "create", "lab", "--public-key", `${key}.pub`, "--rate", "0.5", "--json"],
      { catalog },
    );
    expect(created).toMatchObject({ status: 0, err: "" });
    const lab = JSON.parse(created.out) as { port: number; status: string };
    try {
      expect(lab).toMatchObject({
        status: "READY",
        address: "127.0.0.1",
        hourlyRate: 0.5,
        threads: 1,
        publicKeys: [expect.stringMatching(/^SHA256:/)],
      });
      const inside = (identity: string, ...command: readonly string[]) =>
        cli(["dev-endpoint", "connect", "lab", "-i", identity, "--", ...command], { catalog });
      expect(await inside(key, "await glue.createDynamicFrame.fromRows([{ n: 20 }, { n: 22 }]).count()")).toMatchObject(
        { status: 0, out: "2\n" },
      );
      expect(await inside(key, "throw new Error('no')")).toMatchObject({
        status: 1,
        out: expect.stringContaining("Uncaught Error: no") as string,
      });
      expect(await inside(other, "1")).toMatchObject({
        status: 1,
        out: "",
        err: expect.stringContaining("Permission denied (publickey)") as string,
      });
      expect((await cli(["dev-endpoint", "list"], { catalog })).out).toMatch(
        new RegExp(`^NAME .*\\nlab +READY +${lab.port} `),
      );
      expect((await cli(["dev-endpoint", "connect", "lab", "--print"], { catalog })).out).toMatch(
        /^ssh -p \d+ -o UserKnownHostsFile=\S+ -o StrictHostKeyChecking=yes glue@127\.0\.0\.1\n$/,
      );
      expect((await cli(["dev-endpoint", "create", "lab", "--public-key", `${key}.pub`], { catalog })).err).toMatch(
        /^error ALREADY_EXISTS: /,
      );
      expect((await cli(["dev-endpoint", "create", "leak", "--public-key", key], { catalog })).err).toMatch(
        /^error BAD_PUBLIC_KEY: .*private key/,
      );
    } finally {
      expect(JSON.parse((await cli(["dev-endpoint", "stop", "lab", "--json"], { catalog })).out)).toMatchObject({
        status: "STOPPED",
      });
    }
    const log = readFileSync(join(catalog, "dev-endpoints", "lab", "log"), "utf8");
    expect(log).toContain('"event":"entered"');
    expect(log).toContain('"reason":"unknown key"');
    expect((await cli(["dev-endpoint", "connect", "lab"], { catalog })).err).toMatch(/^error ENDPOINT_STOPPED: /);
    expect(JSON.parse((await cli(["dev-endpoint", "start", "lab", "--json"], { catalog })).out)).toMatchObject({
      status: "READY",
    });
    expect((await cli(["dev-endpoint", "delete", "lab", "--dry-run"], { catalog })).out).toMatch(
      /^would delete lab and /,
    );
    expect(await cli(["dev-endpoint", "delete", "lab"], { catalog })).toMatchObject({ status: 0, err: "" });
    expect(existsSync(join(catalog, "dev-endpoints", "lab"))).toBe(false);
    expect((await cli(["dev-endpoint", "get", "lab"], { catalog })).err).toMatch(/^error ENTITY_NOT_FOUND: /);
  },
  600_000,
);
