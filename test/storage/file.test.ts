import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fileStorage } from "../../src/storage/file.js";
import { combineStorages } from "../../src/storage/registry.js";
import type { FileRef } from "../../src/storage/index.js";
import { storageContract } from "./contract.js";

const storage = fileStorage();
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "dyna-storage-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text = "x"): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const listed = async (address: string, options = {}): Promise<string[]> =>
  (await all(address, options)).map((ref) => ref.path.slice(root.length + 1));
const all = async (address: string, options = {}): Promise<FileRef[]> => {
  const refs: FileRef[] = [];
  for await (const ref of storage.list(address, options)) refs.push(ref);
  return refs;
};
const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no error",
    (error: { code?: unknown }) => error.code,
  );
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("list", () => {
  test("names every file, dotfiles and odd names too, in code unit order", async () => {
    const names = [
      "b.json",
      "a/z.json",
      "a.json",
      "a/[x].json",
      ".hidden/.f",
      "a/é \n'`*.json",
      "a\\b.json",
      "Z",
      "a/{b,c}",
      "line\nbreak/x/y.json",
    ];
    for (const name of names) put(name);
    expect(await listed(root)).toEqual([...names].sort());
    expect(await listed(`${pathToFileURL(root)}/`)).toEqual([...names].sort());
  });

  test("one file is listed as itself, a missing one is PATH_NOT_FOUND, an empty folder is empty", async () => {
    put("one.json", "12345");
    const [ref] = await all(join(root, "one.json"));
    expect(ref).toMatchObject({ path: join(root, "one.json"), size: 5 });
    const stats = statSync(join(root, "one.json"), { bigint: true });
    expect(ref?.etag).toBe(`${stats.mtimeNs}-5-${stats.ino}`);
    expect(await codeOf(all(join(root, "none")))).toBe("PATH_NOT_FOUND");
    expect(await codeOf(all(join(root, "one.json", "x")))).toBe("PATH_NOT_FOUND");
    mkdirSync(join(root, "empty"));
    expect(await all(join(root, "empty"))).toEqual([]);
  });

  test("recurse false stays in the folder", async () => {
    put("a.json");
    put("d/b.json");
    expect(await listed(root, { recurse: false })).toEqual(["a.json"]);
  });

  test("links to files count, linked folders once, loops and dangling links end", async () => {
    put("d/a.json");
    const outside = mkdtempSync(join(tmpdir(), "dyna-linked-"));
    writeFileSync(join(outside, "o.json"), "1");
    symlinkSync(outside, join(outside, "again"));
    symlinkSync("..", join(root, "d", "up"));
    symlinkSync("self", join(root, "self"));
    symlinkSync("a.json", join(root, "d", "alias.json"));
    symlinkSync("gone", join(root, "dangling"));
    for (const name of ["l1", "l2", "l3"]) symlinkSync(outside, join(root, name));
    const unreadable: string[] = [];
    const onUnreadable = (path: string): void => {
      unreadable.push(path.slice(root.length + 1));
    };
    expect(await listed(root, { onUnreadable })).toEqual(["d/a.json", "d/alias.json", "l1/o.json"]);
    expect(unreadable.sort()).toEqual(["dangling", "self"]);
    rmSync(outside, { recursive: true });
  });

  test("pipes are left out of a listing and refused by open, without waiting for a writer", async () => {
    put("a.json");
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await listed(root)).toEqual(["a.json"]);
    expect(await codeOf(storage.open(join(root, "pipe")))).toBe("NOT_A_FILE");
    expect(await codeOf(all(join(root, "pipe")))).toBe("NOT_A_FILE");
  });

  test("an aborted listing stops", async () => {
    put("a.json");
    expect(await codeOf(all(root, { signal: AbortSignal.abort() }))).toBe(20); // DOMException.ABORT_ERR
  });
});

describe("as a user without rights", () => {
  // root may read everything: become nobody for the call
  const asNobody = async <T>(call: () => Promise<T>): Promise<T> => {
    if (process.geteuid?.() !== 0) return call();
    process.seteuid?.(65534);
    try {
      return await call();
    } finally {
      process.seteuid?.(0);
    }
  };

  test("a closed folder is named, the rest is listed; without a listener it is an error", async () => {
    chmodSync(root, 0o755);
    put("open/a.json");
    put("shut/b.json");
    put("secret.json");
    chmodSync(join(root, "shut"), 0o000);
    chmodSync(join(root, "secret.json"), 0o000);
    const unreadable: string[] = [];
    const onUnreadable = (path: string): void => {
      unreadable.push(path.slice(root.length + 1));
    };
    expect(await asNobody(() => listed(root, { onUnreadable }))).toEqual(["open/a.json", "secret.json"]);
    expect(unreadable).toEqual(["shut"]);
    expect(await asNobody(() => codeOf(all(root)))).toBe("ACCESS_DENIED");
    expect(await asNobody(() => codeOf(storage.open(join(root, "secret.json"))))).toBe("ACCESS_DENIED");
    expect(await asNobody(() => codeOf(storage.create(join(root, "shut", "new"))))).toBe("ACCESS_DENIED");
    chmodSync(join(root, "shut"), 0o755);
  });
});

describe("open", () => {
  test("reads ranges into the array given and 0 at the end", async () => {
    put("f", "0123456789");
    const reader = await storage.open(join(root, "f"));
    const into = new Uint8Array(4);
    expect(await reader.read(into, 3)).toBe(4);
    expect(Buffer.from(into).toString()).toBe("3456");
    expect(await reader.read(into, 8)).toBe(2);
    expect(await reader.read(into, 10)).toBe(0);
    expect(reader.ref).toEqual(await storage.stat(join(root, "f")));
    await reader.close();
  });

  test("missing and folder have their codes", async () => {
    expect(await codeOf(storage.open(join(root, "none")))).toBe("PATH_NOT_FOUND");
    expect(await codeOf(storage.open(root))).toBe("IS_A_FOLDER");
    expect(await storage.stat(join(root, "none"))).toBeUndefined();
  });
});

describe("create", () => {
  test("nothing is visible under the name until commit", async () => {
    const path = join(root, "new/deep/out.json");
    const writer = await storage.create(path);
    await writer.write(bytes("hello "));
    await writer.write(bytes("world"));
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(join(root, "new/deep"))).toHaveLength(1);
    const ref = await writer.commit();
    expect(readFileSync(path, "utf8")).toBe("hello world");
    expect(readdirSync(join(root, "new/deep"))).toEqual(["out.json"]);
    expect(ref).toEqual(await storage.stat(path));
    expect(statSync(path).mode & 0o777).toBe(0o644 & ~process.umask());
  });

  test("ifAbsent refuses an existing name and leaves it as it was; abort leaves nothing", async () => {
    put("t", "old");
    const refused = await storage.create(join(root, "t"));
    await refused.write(bytes("new"));
    expect(await codeOf(refused.commit({ ifAbsent: true }))).toBe("TARGET_EXISTS");
    expect(readFileSync(join(root, "t"), "utf8")).toBe("old");
    const aborted = await storage.create(join(root, "u"));
    await aborted.write(bytes("new"));
    await aborted.abort();
    expect(readdirSync(root)).toEqual(["t"]);
    const replaced = await storage.create(join(root, "t"));
    await replaced.write(bytes("new"));
    await replaced.commit();
    expect(readFileSync(join(root, "t"), "utf8")).toBe("new");
  });

  test("of two writers with ifAbsent exactly one wins", async () => {
    const writers = await Promise.all(
      ["1", "2", "3", "4"].map(async (text) => {
        const writer = await storage.create(join(root, "race"));
        await writer.write(bytes(text));
        return writer;
      }),
    );
    const codes = await Promise.all(writers.map((writer) => codeOf(writer.commit({ ifAbsent: true }))));
    expect(codes.sort()).toEqual(["TARGET_EXISTS", "TARGET_EXISTS", "TARGET_EXISTS", "no error"]);
    expect(readdirSync(root)).toEqual(["race"]);
  });

  test("a folder under the name is an error and stays", async () => {
    put("d/keep");
    const writer = await storage.create(join(root, "d"));
    expect(await codeOf(writer.commit())).toBe("IS_A_FOLDER");
    expect(readdirSync(root)).toEqual(["d"]);
    expect(await codeOf(storage.create(join(root, "d/keep/below")))).toMatch(/PATH_NOT_FOUND|TARGET_EXISTS/);
  });

  test("a full disk is NO_SPACE", async () => {
    if (!existsSync("/dev/full")) return;
    // the device that is always full, reached through the error mapping of a real write
    const { withFileErrors } = await import("../../src/storage/file-error.js");
    const { writeFile } = await import("node:fs/promises");
    expect(await codeOf(withFileErrors("/dev/full", () => writeFile("/dev/full", "x")))).toBe("NO_SPACE");
  });

  test("a name of 255 bytes can be written", async () => {
    const name = "é".repeat(127);
    const writer = await storage.create(join(root, name));
    await writer.commit();
    expect(readdirSync(root)).toEqual([name]);
  });
});

describe("publish and remove", () => {
  test("publishes by rename, refuses with ifAbsent, copies over disks", async () => {
    put("stage/a", "1");
    const ref = await storage.publish(join(root, "stage/a"), join(root, "final/x/a"), { ifAbsent: true });
    expect(ref).toEqual(await storage.stat(join(root, "final/x/a")));
    expect(existsSync(join(root, "stage/a"))).toBe(false);
    put("stage/a", "2");
    expect(await codeOf(storage.publish(join(root, "stage/a"), join(root, "final/x/a"), { ifAbsent: true }))).toBe(
      "TARGET_EXISTS",
    );
    expect(readFileSync(join(root, "final/x/a"), "utf8")).toBe("1");
    if (!existsSync("/dev/shm") || statSync("/dev/shm").dev === statSync(root).dev) return;
    const other = mkdtempSync("/dev/shm/dyna-");
    await storage.publish(join(root, "stage/a"), join(other, "a"));
    expect(readFileSync(join(other, "a"), "utf8")).toBe("2");
    expect(readdirSync(other)).toEqual(["a"]);
    rmSync(other, { recursive: true });
  });

  test("remove: a missing file is fine, a folder is not", async () => {
    put("a");
    mkdirSync(join(root, "d"));
    await storage.remove(join(root, "a"));
    await storage.remove(join(root, "a"));
    expect(existsSync(join(root, "a"))).toBe(false);
    expect(await codeOf(storage.remove(join(root, "d")))).toBe("IS_A_FOLDER");
  });
});

describe("addresses", () => {
  test("resolve is absolute, without trailing slash, and undoes a URL's escapes", () => {
    expect(storage.resolve("/a/b/")).toBe("/a/b");
    expect(storage.resolve("file:///a/b%20c")).toBe("/a/b c");
    expect(storage.resolve("/a/b%20c")).toBe("/a/b%20c");
    expect(storage.resolve("x")).toBe(join(process.cwd(), "x"));
    expect(() => storage.resolve("file://host/x")).toThrow(expect.objectContaining({ code: "BAD_ADDRESS" }));
  });

  test("the registry hands an address to the storage that serves it, and says so when none does", async () => {
    const both = combineStorages([storage]);
    expect(both.accepts("s3://b/k")).toBe(false);
    expect(both.accepts("c:x/y")).toBe(true);
    expect(await codeOf(both.stat("s3://b/k"))).toBe("UNKNOWN_SCHEME");
    expect(both.resolve("/a/")).toBe("/a");
  });
});

describe("storage contract", () => {
  storageContract(async () => ({ storage, root, put: async (path, body) => put(path, body) }));
});
