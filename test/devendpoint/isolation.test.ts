/**
 * What runs in an endpoint is kept from the catalog's key by default: attacked from inside, as the user of the tests
 * and as nobody; and what is said where it cannot be.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyGuard } from "../../src/devendpoint/isolation/key-guard.js";
import { otherWaysTo } from "../../src/devendpoint/isolation/key-paths.js";
import { hasNamespaces } from "./namespaces-here.js";
import { bundledProgram } from "../bundled-program.js";

const host = bundledProgram(join(__dirname, "guard-program.ts"));
const attacker = bundledProgram(join(__dirname, "attack-program.ts"));
const nobody = { uid: 65534, gid: 65534 };
let home: string;
let folder: string;
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "isolation-")));
  folder = join(home, "a catalog");
  for (const made of [folder, join(home, "secrets"), join(home, "scratch")]) mkdirSync(made, { mode: 0o700 });
  writeFileSync(join(folder, "key"), "the-key", { mode: 0o600 });
  writeFileSync(join(home, "secrets", "shop"), "the-key of a shop", { mode: 0o600 });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const canNest = hasNamespaces("attacks on the key");
const isolating = canNest ? test : test.skip;
const canBeNobody =
  process.getuid?.() === 0
  && spawnSync(process.execPath, ["-e", `require("node:fs").accessSync(${JSON.stringify(__dirname)}, 4)`], {
    ...nobody,
    cwd: tmpdir(),
  }).status === 0;
if (!canBeNobody)
  process.stderr.write(
    "SKIPPED: attacks on the key by a user without privileges (needs root, and a checkout that others may read)\n",
  );

type Outcome = { readonly [name: string]: string };

type Attack = {
  readonly user?: object;
  readonly given?: string;
  /** Words before the host's. */ readonly before?: readonly string[];
  /** Where it is looked for. */ readonly key?: string;
};

function attacked({ user = {}, given = "", before = [], key = join(folder, "key") }: Attack = {}): readonly Outcome[] {
  if ("uid" in user) spawnSync("chown", ["-R", "65534:65534", home]);
  const [program = "", ...args] = [
    ...before,
    process.execPath,
    host(),
    folder,
    attacker(),
    join(home, "scratch"),
    key,
    given,
  ];
  const { stdout, stderr, status } = spawnSync(program, args, {
    encoding: "utf8",
    ...user,
    cwd: tmpdir(),
    env: { ...process.env, SECRET: "the-key in an environment" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
}

const found = (outcome: Outcome | undefined): readonly string[] =>
  Object.entries(outcome ?? { nothing: "the-key" })
    .filter(([, text]) => /the-key|not a database/.test(text))
    .map(([name]) => name);
/**
 * They find it where nothing keeps it: a way that never works proves nothing. The others change the machine, and are
 * tried from inside only.
 */
const WAYS = [
  "path",
  "working folder",
  "symlink",
  "symlink to the folder",
  "hard link",
  "own root",
  "own working folder",
  "roots of others",
  "working folders of others",
  "environments of others",
  "files of others",
  "memory of others",
  "a program",
  "the engine",
  "the engine by a pattern",
  "SQLite",
  "being taken for a process of the host",
];

test("a key that is given is found by all of them", () => {
  const [guard, first] = attacked({ given: "given" });
  expect(guard).toEqual({ by: "nothing" });
  expect(found(first)).toEqual(expect.arrayContaining(WAYS));
}, 120_000);

isolating(
  "by default none finds it, and the host lives; nor after the key was changed",
  () => {
    const [guard, first, second, ...more] = attacked();
    expect(guard).toEqual({ by: "namespaces" });
    expect([found(first), found(second), more]).toEqual([[], [], []]);
    expect(Object.keys(first ?? {})).toEqual(
      expect.arrayContaining([...WAYS, "ending the host", "remount", "the host's namespace"]),
    );
  },
  120_000,
);

(canNest && canBeNobody ? test : test.skip)(
  "the same without any privilege",
  () => {
    const [guard, first, second] = attacked({ user: nobody });
    expect(guard).toEqual({ by: "namespaces" });
    expect([found(first), found(second)]).toEqual([[], []]);
  },
  120_000,
);

isolating(
  "nor by another mount of the same file system",
  () => {
    const alias = join(home, "alias");
    mkdirSync(alias);
    const mounted = [
      "unshare",
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      `mount --bind '${home}' '${alias}'; test -e '${alias}/a catalog/key' && exec "$@"`,
      "sh",
    ];
    const [guard, first] = attacked({ before: mounted, key: join(alias, "a catalog", "key") });
    expect([guard, found(first)]).toEqual([{ by: "namespaces" }, []]);
  },
  120_000,
);

test("ways to a folder are found in the table of mounts", async () => {
  const mounts = (...lines: readonly string[]): string => {
    const file = join(home, "mountinfo");
    writeFileSync(file, lines.map((line) => `${line} rw - ext4 /dev/x rw`).join("\n"));
    return file;
  };
  for (const made of [join(home, "b", "a catalog"), join(home, "c d")]) mkdirSync(made, { recursive: true });
  const blank = home.replaceAll(" ", "\\040");
  expect(await otherWaysTo(folder, mounts("1 0 8:1 / /"))).toEqual([]);
  expect(
    await otherWaysTo(
      folder,
      mounts("1 0 8:1 / /", `2 1 8:1 ${blank} ${blank}/b`, `3 1 8:2 ${blank} ${blank}/c\\040d`),
    ),
  ).toEqual([join(home, "b", "a catalog")]);
  expect(
    await otherWaysTo(
      folder,
      mounts(
        "1 0 8:1 / /",
        `2 1 8:1 ${blank}/a\\040catalog/catalogs ${blank}/c\\040d`,
        `3 1 8:1 ${blank}/a\\040catalog/x ${blank}/a\\040catalog/y`,
      ),
    ),
  ).toEqual([join(home, "c d")]);
});

describe("where there are no namespaces", () => {
  const path = process.env["PATH"];
  beforeEach(() => {
    process.env["PATH"] = home;
  });
  afterEach(() => {
    process.env["PATH"] = path;
  });
  const guard = (isKeyGiven = false) =>
    keyGuard({ who: "the endpoint lab", folder, own: join(folder, "lab"), isKeyGiven });

  test("a catalog with a key has no endpoints, unless the key is given", async () => {
    await expect(guard()).rejects.toMatchObject({
      code: "KEY_UNPROTECTED",
      file: folder,
      hint: expect.stringContaining("--give-key") as string,
      expected: expect.stringContaining("DYNAFRAME_SESSION_USER") as string,
    });
    expect((await guard(true)).by).toBe("nothing");
  });

  test("one without a key needs nothing, until there is one: its own, that of a catalog beneath it, or a copy", async () => {
    for (const name of ["key", join("catalogs", "nested", "key"), "key~"]) {
      rmSync(join(folder, "key"), { force: true });
      const { by, check } = await guard();
      expect(by).toBe("nothing");
      await check();
      mkdirSync(join(folder, "catalogs", "nested"), { recursive: true });
      writeFileSync(join(folder, name), "the-key");
      await expect(check()).rejects.toMatchObject({ code: "KEY_UNPROTECTED" });
      rmSync(join(folder, name));
    }
  });
});

isolating("a key with another name elsewhere is told", async () => {
  const guard = () => keyGuard({ who: "the endpoint lab", folder, own: join(folder, "lab"), isKeyGiven: false });
  const { check } = await guard();
  linkSync(join(folder, "key"), join(folder, "key.1.ab")); // as the writer of a key has it for a moment
  await check();
  linkSync(join(folder, "key"), join(home, "elsewhere"));
  await expect(check()).rejects.toMatchObject({ code: "KEY_LINKED", file: expect.stringContaining(folder) as string });
  await expect(guard()).rejects.toMatchObject({ code: "KEY_LINKED" });
  chmodSync(home, 0o700);
});
