/**
 * What is scanned from afar and read afterwards comes over the network once; whatever cannot be kept is read as before.
 */
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatOf } from "../../src/formats/registry.js";
import { fileStorage } from "../../src/storage/file.js";
import type { FileRef, Storage } from "../../src/storage/index.js";
import { keepCopies, type CopyRoom } from "../../src/storage/kept-copies.js";
import { LONG, structOf } from "../../src/types/data-type.js";
import { batchReader } from "../../src/types/record-batch.js";

let folder: string;
let copies: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-afar-"));
  copies = mkdtempSync(join(tmpdir(), "dynaframe-copies-"));
});
afterEach(() => {
  for (const each of [folder, copies]) rmSync(each, { recursive: true, force: true });
});

/** Files as if they were far away: only to be had through `open`, which counts bytes. */
function afar(): { readonly storage: Storage; readonly bytes: () => number } {
  const local = fileStorage();
  let bytes = 0;
  const open: Storage["open"] = async (path) => {
    const reader = await local.open(path);
    return {
      ref: reader.ref,
      close: () => reader.close(),
      read: async (into, position) => {
        const n = await reader.read(into, position);
        bytes += n;
        return n;
      },
    };
  };
  return { storage: { ...local, open, localPath: () => undefined }, bytes: () => bytes };
}

async function listed(storage: Storage): Promise<FileRef[]> {
  const refs = [];
  for await (const ref of storage.list(folder)) refs.push(ref);
  return refs;
}

async function scanned(storage: Storage, refs: readonly FileRef[], workers: number): Promise<number> {
  let records = 0;
  for await (const ledger of formatOf("json").scan(refs, {}, { storage, workers })) records += ledger.records;
  return records;
}

async function read(storage: Storage, refs: readonly FileRef[]): Promise<number> {
  const type = structOf({ a: LONG });
  const rows = batchReader(type);
  let sum = 0;
  for await (const batch of formatOf("json").batches?.(refs, {}, type, { storage, workers: 1 }) ?? [])
    for (const row of rows(batch)) sum += Number(row["a"]);
  return sum;
}

const write = (name: string, records: number, padding = ""): number => {
  const text = Array.from({ length: records }, (_, i) => `{"a":${i}${padding}}\n`).join("");
  writeFileSync(join(folder, name), text);
  return text.length;
};
const kept = (storage: Storage, room?: CopyRoom): Storage => keepCopies(storage, async () => copies, room);

test.each([1, 2])(
  "scanned with %i threads, then read: each byte is fetched once",
  async (workers) => {
    const sizes = ["a.json", "b.json", "c.json"].map((name, i) =>
      write(name, 20_000 * (i + 1), `,"p":"${"x".repeat(300)}"`),
    );
    const { storage, bytes } = afar();
    const keeping = kept(storage);
    const refs = await listed(keeping);
    expect(await scanned(keeping, refs, workers)).toBe(120_000);
    expect(await read(keeping, refs)).toBe([1, 2, 3].reduce((sum, i) => sum + (20_000 * i * (20_000 * i - 1)) / 2, 0));
    expect(bytes()).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(await scanned(keeping, refs, workers)).toBe(120_000);
    expect(bytes()).toBe(sizes.reduce((sum, size) => sum + size, 0));
  },
  60_000,
);

test("what there is no room for is read from afar each time, beside what is kept", async () => {
  const [small, large] = [write("a.json", 10), write("b.json", 1000)];
  for (const room of [
    { bytes: 1 << 20, largest: 500, files: 9 },
    { bytes: 500, largest: 1 << 20, files: 9 },
    { bytes: 1 << 20, largest: 1 << 20, files: 1 },
  ]) {
    const { storage, bytes } = afar();
    const keeping = kept(storage, room);
    const refs = await listed(keeping);
    expect(await scanned(keeping, refs, 1)).toBe(1010);
    expect(await read(keeping, refs)).toBe(45 + 499_500);
    // telling a file's compression takes another look at its first bytes
    expect(bytes() - small - 2 * large).toBeGreaterThanOrEqual(0);
    expect(bytes() - small - 2 * large).toBeLessThan(100);
    for (const name of readdirSync(copies)) rmSync(join(copies, name));
  }
});

test("a file that has changed since is not read from its copy", async () => {
  write("a.json", 10);
  const { storage } = afar();
  const keeping = kept(storage);
  const before = await listed(keeping);
  expect(await scanned(keeping, before, 1)).toBe(10);
  appendFileSync(join(folder, "a.json"), '{"a":100}\n');
  const after = await listed(keeping);
  expect(keeping.copyOf?.(before[0]!)).toBeDefined();
  expect(keeping.copyOf?.(after[0]!)).toBeUndefined();
  expect(await scanned(keeping, after, 1)).toBe(11);
  expect(await read(keeping, after)).toBe(145);
  await expect(scanned(keeping, before, 1)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
});

test("errors are those of reading the file itself: it is gone, or changed while it is fetched", async () => {
  write("a.json", 10);
  const { storage } = afar();
  const keeping = kept(storage);
  const refs = await listed(keeping);
  appendFileSync(join(folder, "a.json"), '{"a":1}\n');
  await expect(scanned(keeping, refs, 1)).rejects.toMatchObject({ code: "SOURCE_CHANGED" });
  rmSync(join(folder, "a.json"));
  await expect(scanned(keeping, refs, 1)).rejects.toMatchObject({ code: "SOURCE_VANISHED" });
  expect(readdirSync(copies)).toEqual([]);
});

test("a place that cannot be written to changes nothing", async () => {
  write("a.json", 10);
  const { storage } = afar();
  const keeping = keepCopies(storage, async () => join(copies, "not there"));
  const refs = await listed(keeping);
  expect(await scanned(keeping, refs, 1)).toBe(10);
});
