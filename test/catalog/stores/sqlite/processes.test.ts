/** Many processes write one catalog, and die at any moment: nothing acknowledged is lost, nothing is torn. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { buildSync } from "esbuild";
import { openSqliteCatalog } from "../../../../src/catalog/stores/sqlite/index.js";

// inside the project, so that the bundle finds the packages
const cache = resolve("node_modules", ".cache", `dynaframe-test-${process.pid}`);
const script = join(cache, "writer.cjs");
const root = mkdtempSync(join(tmpdir(), "dynaframe-processes-"));

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  buildSync({ entryPoints: [require.resolve("./writer-process.ts")], outfile: script, bundle: true, platform: "node", format: "cjs", packages: "external", logLevel: "error" });
});
afterAll(() => { for (const folder of [cache, root]) rmSync(folder, { recursive: true, force: true }); });

type Writer = { readonly process: ChildProcess; readonly lines: string[]; readonly errors: string[]; readonly ended: Promise<void>; readonly counted: Promise<void> };

function startWriter(address: string, name: string, count: number): Writer {
  const child = spawn(process.execPath, [script, address, name, String(count)], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const errors: string[] = [];
  let rest = "";
  let open = (): void => undefined;
  const ended = new Promise<void>((done) => child.on("close", () => done()));
  const counted = new Promise<void>((done) => { open = done; });
  child.stdout.on("data", (data: Buffer) => {
    const parts = (rest + data.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (lines.some((line) => line.startsWith("count "))) open();
  });
  child.stderr.on("data", (data: Buffer) => errors.push(data.toString()));
  return { process: child, lines, errors, ended, counted: Promise.race([counted, ended]) };
}

async function check(address: string, lines: readonly string[]): Promise<void> {
  const catalog = await openSqliteCatalog(address);
  const tables = new Set((await allTables(catalog)));
  const acknowledged = lines.filter((l) => l.startsWith("table ")).map((l) => l.slice(6));
  expect(acknowledged.filter((name) => !tables.has(name))).toEqual([]);
  // a table is there with all its partitions, whether or not its acknowledgement got out
  for (const name of tables) if (name !== "counter") expect((await catalog.getPartitions("db", name)).items).toHaveLength(5);
  const counts = lines.filter((l) => l.startsWith("count ")).map((l) => Number(l.slice(6)));
  expect(new Set(counts).size).toBe(counts.length);
  const counter = await catalog.getTable("db", "counter");
  const n = Number(counter.Parameters?.["n"] ?? 0);
  expect(Math.max(0, ...counts)).toBeLessThanOrEqual(n);
  expect(counter.VersionId).toBe(String(n));
  await catalog.close();
  const db = new DatabaseSync(join(address, "catalog.db"));
  expect(db.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]);
  expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  db.close();
}

async function allTables(catalog: Awaited<ReturnType<typeof openSqliteCatalog>>): Promise<string[]> {
  const names: string[] = [];
  for (let nextToken: string | undefined; ;) {
    const page = await catalog.getTables("db", { maxResults: 1000, ...(nextToken === undefined ? {} : { nextToken }) });
    names.push(...page.items.map((t) => t.Name));
    nextToken = page.nextToken;
    if (nextToken === undefined) return names;
  }
}

async function newCatalog(name: string): Promise<string> {
  const address = join(root, name);
  const catalog = await openSqliteCatalog(address);
  await catalog.createDatabase({ Name: "db" });
  await catalog.createTable("db", { Name: "counter" });
  await catalog.close();
  return address;
}

it("four processes write at once, and every write counts", async () => {
  const address = await newCatalog("together");
  const writers = ["a", "b", "c", "d"].map((name) => startWriter(address, name, 10));
  await Promise.all(writers.map((w) => w.ended));
  expect(writers.flatMap((w) => w.errors)).toEqual([]);
  const lines = writers.flatMap((w) => w.lines);
  expect(lines.filter((l) => l === "done")).toHaveLength(4);
  const counts = lines.filter((l) => l.startsWith("count ")).map((l) => Number(l.slice(6))).sort((a, b) => a - b);
  expect(counts).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  await check(address, lines);
}, 30_000);

it("four processes killed again and again lose nothing that was acknowledged", async () => {
  const address = await newCatalog("killed");
  const lines: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    const writers = ["a", "b", "c", "d"].map((name) => startWriter(address, `${name}${round}`, 100_000));
    await Promise.all(writers.map((w) => w.counted));
    for (const writer of writers) {
      await new Promise((done) => setTimeout(done, 5 + Math.random() * 40));
      writer.process.kill("SIGKILL");
    }
    await Promise.all(writers.map((w) => w.ended));
    expect(writers.flatMap((w) => w.errors)).toEqual([]);
    lines.push(...writers.flatMap((w) => w.lines));
  }
  expect(lines.filter((l) => l.startsWith("count ")).length).toBeGreaterThan(0);
  await check(address, lines);
}, 30_000);

it("six processes may open a new catalog at the same moment", async () => {
  const address = join(root, "new");
  const writers = Array.from({ length: 6 }, (_, i) => startWriter(address, `w${i}`, 0));
  await Promise.all(writers.map((w) => w.ended));
  expect(writers.flatMap((w) => w.errors)).toEqual([]);
  expect(writers.flatMap((w) => w.lines).filter((l) => l === "done")).toHaveLength(6);
}, 30_000);
