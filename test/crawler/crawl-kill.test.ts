import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
      resolveDir: resolve("."),
      loader: "ts",
      contents: `
        import { openSqliteCatalog } from "./src/catalog/stores/sqlite/index.js";
        import { crawl } from "./src/crawler/crawl.js";
        import { fileStorage } from "./src/storage/file.js";
        const catalog = await openSqliteCatalog(${JSON.stringify(catalogFolder)});
        process.stdout.write("open");
        await crawl({ database: "d", includes: [${JSON.stringify(data)}] }, { catalog, storage: fileStorage() });
        process.stdout.write("done");
        await catalog.close();`,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    outfile: script,
    logLevel: "error",
  });
  for (let i = 0; i < FILES; i++) {
    mkdirSync(join(data, `p=${i}`), { recursive: true });
    writeFileSync(join(data, `p=${i}`, "f.json"), `{"id":${i},"name":"n"}\n{"id":"x","name":"m"}\n`);
  }
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
  rmSync(script, { force: true });
});

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

describe("killed at any step", () => {
  const [lake, kept, steps] = [join(root, "lake"), join(root, "kept"), join(root, "steps.mjs")];
  const put = (path: string, text: string): void => {
    mkdirSync(join(lake, path, ".."), { recursive: true });
    writeFileSync(join(lake, path), text);
  };
  const options = {
    database: "d",
    includes: [lake],
    schemaChangePolicy: { deleteBehavior: "DELETE_FROM_DATABASE" },
    configuration: { Version: 1, CreatePartitionIndex: true },
  } as const;
  const child = resolve("node_modules/.cache/dynaframe-test", `steps-${process.pid}.mjs`);
  afterAll(() => {
    rmSync(child, { force: true });
    rmSync(steps, { force: true });
  });

  /** Everything that the catalog says of the database. */
  async function stateOf(folder: string): Promise<string> {
    const catalog = await openSqliteCatalog(folder);
    try {
      const exists = await catalog.getDatabase("d").then(
        () => true,
        () => false,
      );
      const tables = exists ? (await catalog.getTables("d")).items : [];
      return JSON.stringify([
        exists,
        await Promise.all(
          tables.map(async ({ Name, VersionId, StorageDescriptor }) => [
            Name,
            VersionId,
            StorageDescriptor?.Columns,
            (await catalog.getPartitions("d", Name)).items.map(({ Values }) => Values),
            await catalog.getLedger("d", Name),
            (await catalog.getLedgerKeys("d", Name)).map(({ file }) => file),
            await catalog.getPartitionIndexes("d", Name),
          ]),
        ),
      ]);
    } finally {
      await catalog.close();
    }
  }

  test.each(["a first crawl", "a crawl that makes, changes and deletes tables"])(
    "%s: the catalog is as before it or as after it, never between",
    async (which) => {
      buildSync({
        stdin: {
          resolveDir: resolve("."),
          loader: "ts",
          contents: `
          import { openSqliteCatalog } from "./src/catalog/stores/sqlite/index.js";
          import { crawl } from "./src/crawler/crawl.js";
          import { fileStorage } from "./src/storage/file.js";
          const [, , folder, dies] = process.argv;
          let step = 0;
          const counted = (target) => new Proxy({}, { get: (_, name) => {
            const value = Reflect.get(target, name);
            return typeof value !== "function" ? value : (...args) => {
              if (++step === Number(dies)) process.kill(process.pid, "SIGKILL");
              const result = value.apply(target, args);
              if (!(result instanceof Promise)) return result;
              return result.finally(() => { if (++step === Number(dies)) process.kill(process.pid, "SIGKILL"); });
            };
          } });
          const catalog = await openSqliteCatalog(folder);
          await crawl(${JSON.stringify(options)}, { catalog: counted(catalog), storage: counted(fileStorage()) });
          process.stdout.write(String(step));
          await catalog.close();`,
        },
        bundle: true,
        platform: "node",
        format: "esm",
        packages: "external",
        outfile: child,
        logLevel: "error",
      });
      const run = (folder: string, dies: number) =>
        spawnSync(process.execPath, [child, folder, String(dies)], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "inherit"],
        });
      rmSync(lake, { recursive: true, force: true });
      rmSync(kept, { recursive: true, force: true });
      put("a/day=1/f.json", '{"id":1,"name":"a"}\n');
      put("b/f.json", '{"x":1,"y":2}\n');
      if (which !== "a first crawl") {
        expect(run(kept, 0).status).toBe(0);
        put("a/day=1/f.json", '{"id":"one","name":"a"}\n');
        put("a/day=2/f.json", '{"id":2,"name":"b"}\n');
        rmSync(join(lake, "b"), { recursive: true });
        put("c/f.json", '{"p":1,"q":2}\n');
      } else await (await openSqliteCatalog(kept)).close();
      const before = await stateOf(kept);
      const folder = (step: number): string => {
        const copy = join(root, `step-${step}`);
        cpSync(kept, copy, { recursive: true });
        return copy;
      };
      const whole = run(folder(0), 0);
      const after = await stateOf(join(root, "step-0"));
      expect(after).not.toBe(before);
      const seen = new Set<string>();
      // the last steps, where the catalog is written, each; of those before every fifth
      const count = Number(whole.stdout);
      expect(count).toBeGreaterThan(10);
      for (let step = 1; step <= count; step += step > count - 8 ? 1 : 5) {
        const place = folder(step);
        expect(run(place, step).signal).toBe("SIGKILL");
        const state = await stateOf(place);
        expect([step, [before, after].includes(state)]).toEqual([step, true]);
        seen.add(state);
        if (state === before) expect(run(place, 0).status).toBe(0);
        expect([step, (await stateOf(place)) === after]).toEqual([step, true]);
        rmSync(place, { recursive: true, force: true });
      }
      expect(seen).toEqual(new Set([before, after]));
      rmSync(join(root, "step-0"), { recursive: true, force: true });
    },
    240_000,
  );
});

test("killed at any moment, the catalog is as before the crawl or as after it, and the next crawl runs", async () => {
  let unfinished = 0;
  for (const after of [0, 20, 60, 120, 200, 350]) {
    const finished = await crawlAndKill(after);
    if (!finished) unfinished += 1;
    const catalog = await openSqliteCatalog(catalogFolder);
    const tables = await catalog.getTables("d").then(
      ({ items }) => items,
      () => [],
    );
    const state =
      tables.length === 0
        ? "before"
        : `${tables[0]?.Name} ${(await catalog.getLedgerKeys("d", "data")).length} ${(await catalog.getPartitions("d", "data")).items.length} ${tables[0]?.Parameters?.recordCount}`;
    expect(["before", `data ${FILES} ${FILES} ${2 * FILES}`]).toContain(state);
    if (finished) expect(state).not.toBe("before");
    const report = await crawl({ database: "d", includes: [data] }, { catalog, storage: fileStorage() });
    expect(report.totals).toMatchObject({ records: 2 * FILES, files: FILES });
    await catalog.deleteDatabase("d").catch(() => undefined);
    await catalog.close();
  }
  expect(unfinished).toBeGreaterThan(0);
}, 120_000);
