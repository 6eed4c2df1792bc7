/** Processes that tests start and kill, and what must hold of the catalog that they wrote. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { build } from "esbuild";
import { allPages } from "../../src/catalog/all-pages.js";
import { openSqliteCatalog } from "../../src/catalog/stores/sqlite/index.js";

// inside the project, so that the bundles find the packages
export const cache = resolve("node_modules", ".cache", `dynaframe-test-${process.pid}`);

/** Bundles the programs, so that each starts quickly. */
export async function buildPrograms(...names: readonly string[]): Promise<void> {
  mkdirSync(cache, { recursive: true });
  await Promise.all(
    names.map((name) =>
      build({
        entryPoints: [join(__dirname, `${name}.ts`)],
        outdir: cache,
        entryNames: name,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        splitting: false,
        platform: "node",
        format: "esm",
        packages: "external",
        logLevel: "error",
        target: "node20",
      }),
    ),
  );
}

export type Running = {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly errors: string[];
  readonly ended: Promise<void>;
  /** When a line begins so, or the process has ended. */
  readonly said: (start: string) => Promise<void>;
};

export function startProgram(name: string, ...args: readonly string[]): Running {
  const child = spawn(process.execPath, [join(cache, `${name}.mjs`), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const errors: string[] = [];
  let waiting: { readonly start: string; readonly done: () => void }[] = [];
  let rest = "";
  child.stdout.on("data", (data: Buffer) => {
    const parts = (rest + data.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    waiting = waiting.filter(({ start, done }) => {
      const met = lines.some((line) => line.startsWith(start));
      if (met) done();
      return !met;
    });
  });
  child.stderr.on("data", (data: Buffer) => errors.push(data.toString()));
  const ended = new Promise<void>((done) =>
    child.on("close", () => {
      done();
    }),
  );
  const said = (start: string): Promise<void> =>
    Promise.race([
      ended,
      new Promise<void>((done) => {
        if (lines.some((line) => line.startsWith(start))) done();
        else waiting.push({ start, done });
      }),
    ]);
  return { process: child, lines, errors, ended, said };
}

export async function newCatalog(address: string): Promise<void> {
  const catalog = await openSqliteCatalog(address);
  await catalog.createDatabase({ Name: "db" });
  await catalog.createTable("db", { Name: "counter" });
  await catalog.close();
}

/** Nothing that was acknowledged is lost, nothing is torn, and the updates of the counter are linearisable. */
export async function expectSound(address: string, lines: readonly string[]): Promise<void> {
  const catalog = await openSqliteCatalog(address);
  const tables = new Set(
    (await allPages((page) => catalog.getTables("db", { ...page, maxResults: 1000 }))).map(({ Name }) => Name),
  );
  const acknowledged = lines.filter((line) => line.startsWith("table ")).map((line) => line.slice(6));
  expect(acknowledged.filter((name) => !tables.has(name))).toEqual([]);
  // a table is there with all its partitions, whether or not its acknowledgement got out
  for (const name of tables)
    if (name !== "counter") expect([name, (await catalog.getPartitions("db", name)).items.length]).toEqual([name, 5]);
  const counts = countsIn(lines);
  const counter = await catalog.getTable("db", "counter");
  const last = Number(counter.Parameters?.["n"] ?? 0);
  expect(Math.max(0, ...counts.map(({ value }) => value))).toBeLessThanOrEqual(last);
  expect(counter.VersionId).toBe(String(last));
  // every version holds the value that made it
  for (const { Table } of await allPages((page) =>
    catalog.getTableVersions("db", "counter", { ...page, maxResults: 1000 }),
  ))
    expect(Table.Parameters?.["n"] ?? "0").toBe(Table.VersionId);
  await catalog.close();
  expectLinearisable(counts);
  const db = new DatabaseSync(join(address, "catalog.db"));
  expect(db.prepare("PRAGMA integrity_check").all()).toMatchObject([{ integrity_check: "ok" }]);
  expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  db.close();
}

type Count = { readonly value: number; readonly from: bigint; readonly to: bigint };

export const countsIn = (lines: readonly string[]): readonly Count[] =>
  lines
    .filter((line) => line.startsWith("count "))
    .map((line) => {
      const [, value = "", from = "", to = ""] = line.split(" ");
      return { value: Number(value), from: BigInt(from), to: BigInt(to) };
    });

/**
 * Each value was given once, and none after a higher one had been acknowledged: there is an order of the updates that
 * fits their times.
 */
export function expectLinearisable(counts: readonly Count[]): void {
  const highestFirst = [...counts].sort((a, b) => b.value - a.value);
  expect(new Set(counts.map(({ value }) => value)).size).toBe(counts.length);
  let earliestEnd: bigint | undefined;
  const late: Count[] = [];
  for (const count of highestFirst) {
    if (earliestEnd !== undefined && count.from > earliestEnd) late.push(count);
    if (earliestEnd === undefined || count.to < earliestEnd) earliestEnd = count.to;
  }
  expect(late).toEqual([]);
}
