/**
 * The inside of an endpoint as a process of its own: what goes in and out, what a slow client does, what its end does;
 * and what it cannot read.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import type { EndpointInside, InsideRequest } from "../../src/devendpoint/endpoint-inside.js";
import { insideProcess } from "../../src/devendpoint/inside-process.js";
import { sessionEnvironment } from "../../src/devendpoint/session-user.js";
import { bundledProgram } from "../bundled-program.js";

const program = bundledProgram(join(__dirname, "inside-program.ts"));
let folder: string;
let key: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "endpoint-inside-"));
  chmodSync(folder, 0o711);
  key = join(folder, "key");
  writeFileSync(key, "the-catalogs-key", { mode: 0o600 });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function withInside(
  body: (inside: EndpointInside, ask: typeof asked) => Promise<void>,
  user?: { readonly uid: number; readonly gid: number },
): Promise<void> {
  const env = sessionEnvironment(
    { ...process.env, DYNAFRAME_KEY: "the-catalogs-key", DYNAFRAME_SECRET_ACCESS_KEY: "the-servers" },
    {},
  );
  const inside = insideProcess(() => ({
    words: [process.execPath, program()],
    env,
    ...(user === undefined ? {} : { user }),
  }));
  try {
    await body(inside, asked);
  } finally {
    await inside.close();
  }
}

async function asked(
  inside: EndpointInside,
  request: InsideRequest,
  input = "",
): Promise<{ readonly out: string; readonly err: string; readonly status: number }> {
  const [from, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const session = inside.open(request, { input: from, output, errors });
  from.end(input);
  const said = Promise.all([text(output), text(errors)]);
  const status = await session.ended;
  output.end();
  errors.end();
  const [out, err] = await said;
  return { out, err, status };
}

test("commands, scripts on the input, lines and a terminal", async () => {
  await withInside(async (inside, ask) => {
    expect(await ask(inside, { kind: "exec", command: "answer + 1" })).toEqual({ out: "43\n", err: "", status: 0 });
    expect(await ask(inside, { kind: "exec", command: "run - a b" }, "console.log(args.length, answer)")).toEqual({
      out: "2 42\n",
      err: "",
      status: 0,
    });
    expect(await ask(inside, { kind: "exec", command: "throw new Error('no')" })).toMatchObject({
      out: expect.stringContaining("Uncaught Error: no") as string,
      status: 1,
    });
    expect(await ask(inside, { kind: "exec", command: "run /no/such.mjs" })).toMatchObject({
      err: expect.stringContaining("ENOENT") as string,
      status: 1,
    });
    expect(await ask(inside, { kind: "shell" }, "const n = answer * 2\nn\n.exit\n")).toEqual({
      out: "84\n",
      err: "",
      status: 0,
    });
    expect((await ask(inside, { kind: "shell", size: { columns: 80, rows: 20 } }, "1 + 1\r.exit\r")).out).toContain(
      "dynaframe> ",
    );
    // side by side, each with its own output
    const many = await Promise.all(
      [1, 2, 3].map((n) =>
        ask(inside, { kind: "exec", command: `await new Promise((r) => setTimeout(r, ${30 - n * 10})); ${n}` }),
      ),
    );
    expect(many.map(({ out }) => out)).toEqual(["1\n", "2\n", "3\n"]);
  });
});

test("a client that reads slowly gets all of it; one that leaves ends its session", async () => {
  await withInside(async (inside, ask) => {
    const parts: number[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        parts.push(chunk.length);
        setTimeout(done, 5);
      },
    });
    const session = inside.open(
      { kind: "exec", command: "console.log('x'.repeat(3_000_000))" },
      { input: new PassThrough().end(), output: slow, errors: new PassThrough() },
    );
    expect(await session.ended).toBe(0);
    expect(parts.reduce((sum, n) => sum + n, 0)).toBe(3_000_001);
    expect(Math.max(...parts)).toBeLessThanOrEqual(256 << 10);
    const left = inside.open(
      { kind: "shell" },
      { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() },
    );
    left.close();
    expect(await ask(inside, { kind: "exec", command: "'still here'" })).toMatchObject({ out: "'still here'\n" });
  });
});

test("when its process ends so do its sessions, and the next one gets another", async () => {
  await withInside(async (inside, ask) => {
    const waiting = ask(inside, { kind: "shell" });
    expect(await ask(inside, { kind: "exec", command: "process.exit(3)" })).toMatchObject({ status: 1 });
    expect(typeof (await waiting).status).toBe("number");
    expect(await ask(inside, { kind: "exec", command: "answer" })).toEqual({ out: "42\n", err: "", status: 0 });
  });
});

test("one that cannot start says why", async () => {
  const inside = insideProcess(() => ({
    words: [process.execPath, "-e", "throw new Error('no package here')"],
    env: process.env,
  }));
  await expect(asked(inside, { kind: "exec", command: "1" })).rejects.toMatchObject({ code: "SESSION_FAILED" });
  await inside.close();
});

// nobody must be able to run Node and to read the program here
const canBeNobody =
  process.getuid?.() === 0
  && spawnSync(process.execPath, ["-e", `require("node:fs").accessSync(${JSON.stringify(__dirname)}, 4)`], {
    uid: 65534,
    gid: 65534,
    cwd: tmpdir(),
  }).status === 0;
if (!canBeNobody)
  process.stderr.write(
    "SKIPPED: the inside of an endpoint as another user of the system (needs root, and a checkout that others may read)\n",
  );
(canBeNobody ? test : test.skip)(
  "as another user it cannot read the key: by its path, /proc, a program, its environment",
  async () => {
    await withInside(
      async (inside, ask) => {
        const said = async (command: string): Promise<string> => {
          const { out, err } = await ask(inside, { kind: "exec", command });
          return out + err;
        };
        const path = JSON.stringify(key);
        expect(await said("process.getuid() + ':' + process.getgid() + ' ' + process.getgroups()")).toMatch(
          /^'65534:65534 /,
        );
        expect(await said(`require('node:fs').readFileSync(${path}, 'utf8')`)).toMatch(/EACCES/);
        expect(await said(`require('node:fs').readFileSync('/proc/self/root' + ${path}, 'utf8')`)).toMatch(/EACCES/);
        expect(await said(`require('node:fs').readFileSync('/proc/${process.pid}/root' + ${path}, 'utf8')`)).toMatch(
          /EACCES|ENOENT/,
        );
        expect(await said(`require('node:fs').readFileSync('/proc/${process.pid}/environ', 'utf8')`)).toMatch(
          /EACCES|ENOENT/,
        );
        expect(await said(`require('node:fs').readFileSync('/proc/${process.pid}/mem')`)).toMatch(/EACCES|ENOENT/);
        expect(
          await said(`require('node:child_process').spawnSync('cat', [${path}], { encoding: 'utf8' }).stderr`),
        ).toMatch(/Permission denied/);
        expect(await said("Object.values(process.env).filter((value) => value.includes('the-')).length")).toBe("0\n");
        expect(await said("process.setuid(0)")).toMatch(/EPERM/);
        expect(await said("answer")).toBe("42\n");
      },
      { uid: 65534, gid: 65534 },
    );
  },
);
