/** What every storage does, whatever it stores in. */
import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileRef, ListOptions, Storage } from "../../src/storage/index.js";

export type StorageUnderTest = {
  readonly storage: Storage;
  /** A new empty folder, canonical. */
  readonly root: string;
  /** Puts a file there by other means than the storage. */
  readonly put: (path: string, body: string) => Promise<void>;
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const codeOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no error",
    (error: { code?: unknown }) => error.code,
  );

export async function listAll(storage: Storage, address: string, options: ListOptions = {}): Promise<FileRef[]> {
  const refs: FileRef[] = [];
  for await (const ref of storage.list(address, options)) refs.push(ref);
  return refs;
}

export async function readAll(storage: Storage, path: string, block = 1000): Promise<string> {
  const reader = await storage.open(path);
  const parts: Buffer[] = [];
  const into = new Uint8Array(block);
  try {
    for (let at = 0; ;) {
      const count = await reader.read(into, at);
      if (count === 0) return Buffer.concat(parts).toString();
      parts.push(Buffer.from(into.subarray(0, count)));
      at += count;
    }
  } finally {
    await reader.close();
  }
}

export function storageContract(open: () => Promise<StorageUnderTest>): void {
  let it!: StorageUnderTest;
  let temporary = "";
  beforeEach(async () => {
    it = await open();
    temporary = mkdtempSync(join(tmpdir(), "dyna-contract-"));
  });
  afterEach(() => rmSync(temporary, { recursive: true, force: true }));
  const names = async (address: string, options = {}): Promise<string[]> =>
    (await listAll(it.storage, address, options)).map(({ path }) => path.slice(it.root.length + 1));

  test("lists every file below a folder in code unit order, odd names too", async () => {
    const files = [
      "b.json",
      "a/z.json",
      "a.json",
      "a-b",
      "a/[x].json",
      ".hidden/.f",
      "a/é '*.json",
      "Z",
      "a/{b,c}",
      "p+l us/%41=%2F/x&y.json",
      "k=\u{1F600}/1",
      "k=\uffe5/1",
      "k=~/1",
    ];
    for (const file of files) await it.put(file, "x");
    expect(await names(it.root)).toEqual([...files].sort());
    expect(await names(`${it.root}/`)).toEqual([...files].sort());
    expect(await names(`${it.root}/a`)).toEqual(["a/[x].json", "a/z.json", "a/{b,c}", "a/é '*.json"]);
    expect(await names(it.root, { recurse: false })).toEqual(["Z", "a-b", "a.json", "b.json"]);
    for (const ref of await listAll(it.storage, it.root)) {
      expect(await it.storage.stat(ref.path)).toEqual(ref);
      expect(await readAll(it.storage, ref.path)).toBe("x");
    }
  });

  test("one file is listed as itself; a missing address is PATH_NOT_FOUND", async () => {
    await it.put("d/one.json", "12345");
    await it.put("d/one.json-not", "1");
    expect(await listAll(it.storage, `${it.root}/d/one.json`)).toEqual([
      expect.objectContaining({ path: `${it.root}/d/one.json`, size: 5 }),
    ]);
    expect(await codeOf(listAll(it.storage, `${it.root}/none`))).toBe("PATH_NOT_FOUND");
    expect(await codeOf(listAll(it.storage, `${it.root}/d/one`))).toBe("PATH_NOT_FOUND");
  });

  test("an aborted listing stops", async () => {
    await it.put("a.json", "1");
    // DOMException.ABORT_ERR
    expect(await codeOf(listAll(it.storage, it.root, { signal: AbortSignal.abort() }))).toBe(20);
  });

  test("reads ranges into the array given, and 0 at the end", async () => {
    await it.put("f", "0123456789");
    const reader = await it.storage.open(`${it.root}/f`);
    const into = new Uint8Array(4);
    expect(await reader.read(into, 3)).toBe(4);
    expect(Buffer.from(into).toString()).toBe("3456");
    expect(await reader.read(into, 8)).toBe(2);
    expect(await reader.read(into, 10)).toBe(0);
    expect(await reader.read(into, 99)).toBe(0);
    expect(reader.ref).toEqual(await it.storage.stat(`${it.root}/f`));
    await reader.close();
  });

  test("reads an empty file", async () => {
    await it.put("empty", "");
    expect(await it.storage.stat(`${it.root}/empty`)).toMatchObject({ size: 0 });
    expect(await readAll(it.storage, `${it.root}/empty`)).toBe("");
  });

  test("a missing file is PATH_NOT_FOUND, a folder IS_A_FOLDER, and neither has a stat", async () => {
    await it.put("d/f", "1");
    expect(await codeOf(it.storage.open(`${it.root}/none`))).toBe("PATH_NOT_FOUND");
    expect(await codeOf(it.storage.open(`${it.root}/d`))).toBe("IS_A_FOLDER");
    expect(await it.storage.stat(`${it.root}/none`)).toBeUndefined();
    expect(await it.storage.stat(`${it.root}/d`)).toBeUndefined();
  });

  test("another version has another etag", async () => {
    await it.put("f", "one");
    const before = await it.storage.stat(`${it.root}/f`);
    await it.put("f", "two");
    expect((await it.storage.stat(`${it.root}/f`))?.etag).not.toBe(before?.etag);
  });

  test("a file being written is not there until commit", async () => {
    const path = `${it.root}/new/deep/out.json`;
    const writer = await it.storage.create(path);
    const block = bytes("hello ");
    await writer.write(block);
    block.fill(0); // the caller's array is the caller's
    await writer.write(bytes("world"));
    expect(await it.storage.stat(path)).toBeUndefined();
    const ref = await writer.commit();
    expect(await readAll(it.storage, path)).toBe("hello world");
    expect(ref).toEqual(await it.storage.stat(path));
    expect(await names(it.root)).toEqual(["new/deep/out.json"]);
  });

  test("ifAbsent refuses a name that is taken and leaves the file; abort leaves nothing", async () => {
    await it.put("t", "old");
    const refused = await it.storage.create(`${it.root}/t`);
    await refused.write(bytes("new"));
    expect(await codeOf(refused.commit({ ifAbsent: true }))).toBe("TARGET_EXISTS");
    const aborted = await it.storage.create(`${it.root}/u`);
    await aborted.write(bytes("new"));
    await aborted.abort();
    expect(await readAll(it.storage, `${it.root}/t`)).toBe("old");
    const again = await it.storage.create(`${it.root}/t`);
    await again.write(bytes("new"));
    await again.commit();
    expect(await readAll(it.storage, `${it.root}/t`)).toBe("new");
    expect(await names(it.root)).toEqual(["t"]);
  });

  test("publish takes a local file to its name, and refuses a taken one when told to", async () => {
    const local = join(temporary, "local");
    writeFileSync(local, "one");
    const ref = await it.storage.publish(local, `${it.root}/p/q`, { ifAbsent: true });
    expect(ref).toEqual(await it.storage.stat(`${it.root}/p/q`));
    expect(existsSync(local)).toBe(false);
    writeFileSync(local, "two");
    expect(await codeOf(it.storage.publish(local, `${it.root}/p/q`, { ifAbsent: true }))).toBe("TARGET_EXISTS");
    expect(readFileSync(local, "utf8")).toBe("two");
    expect(await readAll(it.storage, `${it.root}/p/q`)).toBe("one");
    await it.storage.publish(local, `${it.root}/p/q`);
    expect(await readAll(it.storage, `${it.root}/p/q`)).toBe("two");
  });

  test("remove takes one file away, and a missing one is no error", async () => {
    await it.put("d/f", "1");
    await it.put("d/g", "1");
    await it.storage.remove(`${it.root}/d/f`);
    await it.storage.remove(`${it.root}/d/f`);
    expect(await names(it.root)).toEqual(["d/g"]);
  });
}
