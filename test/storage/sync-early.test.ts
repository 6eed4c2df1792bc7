import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { syncingEarly } from "../../src/storage/sync-early.js";

let folder: string;
let syncs: jest.SpyInstance;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynaframe-sync-"));
  const handle = await open(folder, "r");
  syncs = jest.spyOn(Object.getPrototypeOf(handle) as { datasync: () => Promise<void> }, "datasync");
  await handle.close();
});
afterEach(() => {
  syncs.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});

const LARGE = Buffer.alloc(9 << 20);
const until = async (times: number): Promise<void> => {
  while (syncs.mock.calls.length < times) await sleep(20);
};

test("a large file is synced while it grows and again when it has grown by much; small ones and folders are not", async () => {
  await syncingEarly(folder, async () => {
    writeFileSync(join(folder, "small"), "x");
    mkdirSync(join(folder, "deeper"));
    writeFileSync(join(folder, "large"), LARGE);
    await until(1);
    appendFileSync(join(folder, "large"), "x");
    await sleep(300);
    expect(syncs).toHaveBeenCalledTimes(1);
    appendFileSync(join(folder, "large"), LARGE);
    await until(2);
  });
});

test("files in folders below, where engines write", async () => {
  await syncingEarly(folder, async () => {
    mkdirSync(join(folder, "write-1", "~p=0"), { recursive: true });
    writeFileSync(join(folder, "write-1", "~p=0", "large"), LARGE);
    await until(1);
  });
  expect(syncs).toHaveBeenCalledTimes(1);
});

test("it gives what the work gives, rejects as it does, and ends with it", async () => {
  expect(await syncingEarly(folder, () => Promise.resolve(7))).toBe(7);
  await expect(syncingEarly(folder, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  writeFileSync(join(folder, "large"), LARGE);
  await sleep(300);
  expect(syncs).not.toHaveBeenCalled();
});

test("a folder that goes away under it is passed over", async () => {
  await syncingEarly(folder, async () => {
    rmSync(folder, { recursive: true });
    await sleep(250);
  });
  expect(syncs).not.toHaveBeenCalled();
});
