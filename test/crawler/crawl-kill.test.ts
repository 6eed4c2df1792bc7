import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";
import { crawl } from "../../src/crawler/crawl.js";
import { fileStorage } from "../../src/storage/file.js";

const root = mkdtempSync(join(tmpdir(), "dyna-kill-"));
// below node_modules, so that the script finds the packages it leaves outside
const script = resolve("node_modules/.cache/dynaframe-test", `crawl-${process.pid}.mjs`);
const [data, catalogFolder] = [join(root, "data"), join(root, "catalog")];
const FILES = 60;

beforeAll(() => {
  buildSync({
    stdin: {
      resolveDir: resolve("."), loader: "ts", contents: `
        import { openSqliteCatalog } from "./src/catalog/stores/sqlite/index.js";
        import { crawl } from "./src/crawler/crawl.js";
        import { fileStorage } from "./src/storage/file.js";
        const catalog = await openSqliteCatalog(${JSON.stringify(catalogFolder)});
        process.stdout.write("open");
        await crawl({ database: "d", includes: [${JSON.stringify(data)}] }, { catalog, storage: fileStorage() });
        process.stdout.write("done");
        await catalog.close();`,
    },
    bundle: true, platform: "node", format: "esm", packages: "external", outfile: script, logLevel: "error",
  });
  for (let i = 0; i < FILES; i++) {
    mkdirSync(join(data, `p=${i}`), { recursive: true });
    writeFileSync(join(data, `p=${i}`, "f.json"), `{"id":${i},"name":"n"}\n{"id":"x","name":"m"}\n`);
  }
});
afterAll(() => { rmSync(root, { recursive: true, force: true }); rmSync(script, { force: true }); });

/** Runs the crawl in a process of its own and kills it `after` ms after it opened the catalog. */
async function crawlAndKill(after: number): Promise<boolean> {
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    if (text === "") setTimeout(() => child.kill("SIGKILL"), after);
    text += chunk.toString();
  });
  await once(child, "exit");
  return text.includes("done");
}

test("killed at any moment, the catalog is as before the crawl or as after it, and the next crawl runs", async () => {
  let unfinished = 0;
  for (const after of [0, 20, 60, 120, 200, 350]) {
    const finished = await crawlAndKill(after);
    if (!finished) unfinished += 1;
    const catalog = await openSqliteCatalog(catalogFolder);
    const tables = await catalog.getTables("d").then(({ items }) => items, () => []);
    const state = tables.length === 0 ? "before" : `${tables[0]?.Name} ${(await catalog.getLedgerKeys("d", "data")).length} ${(await catalog.getPartitions("d", "data")).items.length} ${tables[0]?.Parameters?.recordCount}`;
    expect(["before", `data ${FILES} ${FILES} ${2 * FILES}`]).toContain(state);
    if (finished) expect(state).not.toBe("before");
    const report = await crawl({ database: "d", includes: [data] }, { catalog, storage: fileStorage() });
    expect(report.totals).toMatchObject({ records: 2 * FILES, files: FILES });
    await catalog.deleteDatabase("d").catch(() => undefined);
    await catalog.close();
  }
  expect(unfinished).toBeGreaterThan(0);
}, 120_000);
