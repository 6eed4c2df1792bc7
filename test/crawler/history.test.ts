import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildSync } from "esbuild";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import type { Catalog } from "../../src/catalog/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import { crawlFolder } from "../../src/crawler/crawl-folder.js";
import { listCrawls } from "../../src/crawler/history/crawl-history.js";
import { fileStorage } from "../../src/storage/file.js";
import type { Storage } from "../../src/storage/index.js";

let root = "";
let catalog: Catalog;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "dyna-history-"));
  catalog = await openSqliteCatalog(join(root, "catalog"));
});
afterEach(async () => {
  await catalog.close();
  rmSync(root, { recursive: true, force: true });
});

const FILES = 40;
const data = (): string => join(root, "data");
const file = (i: number): string => join(data(), `f${String(i).padStart(2, "0")}.json`);
function writeData(): void {
  mkdirSync(data());
  for (let i = 0; i < FILES; i++) writeFileSync(file(i), `{"id":${i},"v":${i % 2 === 0 ? i : '"text"'}}\n`);
}
const storage = fileStorage();
const checkpoint = (): string => join(root, "catalog", "crawls", "d.checkpoint");
const crawls = () => listCrawls(crawlFolder({ catalog }));
const run = (with_: Storage = storage, signal?: AbortSignal) =>
  crawl(
    { database: "D", includes: [data()] },
    { catalog, storage: with_, checkpointMs: 0, ...(signal === undefined ? {} : { signal }) },
  );
/** A crawl that is stopped after every head and 25 files were read. */
async function stopMidway(): Promise<void> {
  let opens = 0;
  const stop = new AbortController();
  await expect(
    run(
      watched(() => {
        if (++opens > FILES + 25) stop.abort();
      }).storage,
      stop.signal,
    ),
  ).rejects.toMatchObject({ name: "AbortError" });
}

/** Counts which files are opened; files may not be read by their local path, so that every read is seen. */
function watched(onOpen: (path: string) => void = () => undefined): {
  readonly storage: Storage;
  readonly opened: Set<string>;
} {
  const opened = new Set<string>();
  return {
    opened,
    storage: {
      ...storage,
      localPath: () => undefined,
      open: (path) => {
        onOpen(path);
        opened.add(path);
        return storage.open(path);
      },
    },
  };
}

test("each crawl is kept: state, counts, tables, errors", async () => {
  writeData();
  await run();
  await run();
  rmSync(data(), { recursive: true });
  await expect(run()).rejects.toMatchObject({ code: "PATH_NOT_FOUND" });
  const [third, second, first] = await crawls();
  expect(first).toMatchObject({
    database: "d",
    crawlerName: "dynaframe",
    state: "COMPLETED",
    problems: 0,
    totals: { files: FILES, scanned: FILES, created: 1 },
    tables: [{ name: "data", action: "create" }],
  });
  expect(second).toMatchObject({ state: "COMPLETED", totals: { scanned: 0, kept: 1 }, tables: [] });
  expect(third).toMatchObject({ state: "FAILED", error: { code: "PATH_NOT_FOUND" } });
  expect(first?.endTime).toBeGreaterThanOrEqual(first?.startTime ?? Infinity);
  expect(await listCrawls(crawlFolder({ catalog }), "other")).toEqual([]);
});

test("a crawl that was stopped midway goes on where it was, and gives what an undisturbed one gives", async () => {
  writeData();
  await stopMidway();
  expect((await crawls())[0]).toMatchObject({ state: "STOPPED", error: { code: "INTERRUPTED" } });
  expect(existsSync(checkpoint())).toBe(true);
  appendFileSync(checkpoint(), readFileSync(checkpoint(), "utf8").slice(0, 300)); // a line cut off
  writeFileSync(file(0), '{"id":0,"v":"now another"}\n'); // what has changed since is read again
  const going = watched();
  const report = await run(going.storage);
  expect(going.opened.has(file(0))).toBe(true);
  expect(going.opened.size).toBeLessThan(FILES - 15);
  const resumed = (await crawls())[0]?.resumed ?? 0;
  expect(resumed).toBe(FILES - going.opened.size);
  expect(report.totals).toMatchObject({ files: FILES, records: FILES });
  expect(existsSync(checkpoint())).toBe(false);
  const ledger = await catalog.getLedger("d", "data");
  await catalog.deleteDatabase("d");
  await run();
  expect(await catalog.getLedger("d", "data")).toEqual(ledger);
});

test("with other classifiers nothing is taken over", async () => {
  writeData();
  await stopMidway();
  const going = watched();
  await crawl(
    { database: "d", includes: [data()], classifiers: [{ type: "csv", delimiter: ";" }] },
    { catalog, storage: going.storage },
  );
  expect(going.opened.size).toBe(FILES);
});

test("killed: the history says so, the lease is free, finished files are not read again", async () => {
  writeData();
  const script = resolve("node_modules/.cache/dynaframe-test", `history-${process.pid}.mjs`);
  buildSync({
    stdin: {
      resolveDir: resolve("."),
      loader: "ts",
      contents: `
        import { openSqliteCatalog } from "./src/catalog/stores/sqlite/index.js";
        import { crawl } from "./src/crawler/crawl.js";
        import { fileStorage } from "./src/storage/file.js";
        const storage = fileStorage();
        let opens = 0;
        const slow = { ...storage, localPath: () => undefined, open: async (path) => { if (++opens > ${FILES + 20}) await new Promise((r) => setTimeout(r, 60_000)); return storage.open(path); } };
        const catalog = await openSqliteCatalog(${JSON.stringify(join(root, "catalog"))});
        await crawl({ database: "d", includes: [${JSON.stringify(data())}] }, { catalog, storage: slow, checkpointMs: 0 });`,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile: script,
    logLevel: "error",
  });
  const child = spawn(process.execPath, [script], { stdio: "inherit" });
  const lines = (): number =>
    existsSync(checkpoint())
      ? readFileSync(checkpoint(), "utf8")
          .split("\n")
          .filter((line) => line !== "").length
      : 0;
  for (let i = 0; i < 600 && lines() < 15; i++) await sleep(100);
  expect((await crawls()).map(({ state }) => state)).toEqual(["RUNNING"]);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect((await crawls()).map(({ state, error }) => [state, error?.code])).toEqual([["FAILED", "PROCESS_ENDED"]]);
  const going = watched();
  const report = await run(going.storage);
  expect(report.totals.records).toBe(FILES);
  expect(going.opened.size).toBeLessThanOrEqual(FILES - 15);
  rmSync(script, { force: true });
});
