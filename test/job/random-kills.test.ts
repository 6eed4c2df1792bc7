/**
 * Runs of a job that are killed at random, by themselves at one of a commit's calls and from outside at any time, while two foreign readers look at
 * the target. DYNAFRAME_KILLS sets the number of runs (`node bench/kills.mjs 1000`), DYNAFRAME_SEED another sequence.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buildSync } from "esbuild";
import { GlueContext, Job } from "../../src/index.js";
import { randomNumbers } from "./random-numbers.js";

const RUNS = Number(process.env["DYNAFRAME_KILLS"] ?? 16);
const SEED = Number(process.env["DYNAFRAME_SEED"] ?? 20_261) || Date.now() % 2 ** 31;
const INPUTS_A_PROCESS = 3;

let folder: string, program: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "job-kills-"));
  program = join(process.cwd(), "node_modules", ".cache", `job-kills-${process.pid}.cjs`);
  buildSync({ entryPoints: [join(__dirname, "random-kills-run.ts")], outfile: program, bundle: true, platform: "node", format: "cjs", target: "node20", packages: "external", logLevel: "error" });
});
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  rmSync(program, { force: true });
});

const runs = (): number => (existsSync(join(folder, "runs")) ? statSync(join(folder, "runs")).size : 0);

/** Files in place do not change: the next look, and the foreign readers, would see it. */
const read = new Map<string, number[]>();
function idsIn(file: string): number[] {
  const ids = read.get(file) ?? readIds(file);
  if (file.startsWith(join(folder, "out"))) read.set(file, ids);
  return ids;
}
const readIds = (file: string): number[] => readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => (JSON.parse(line) as { id: number }).id);
const filesBelow = (root: string): string[] => (existsSync(root) ? (readdirSync(root, { recursive: true }) as string[]).map((name) => join(root, name)).filter((path) => statSync(path).isFile()) : []);

/** Ids that are committed: in place, or of a commit whose files are still to be put there. */
async function committedIds({ catalog }: GlueContext): Promise<number[]> {
  const staged = (await catalog.jobState!.openPublications()).flatMap(({ publications }) => publications.flatMap((each) => (each.kind === "publish" && existsSync(each.staged) ? [each.staged] : [])));
  return [...filesBelow(join(folder, "out")), ...staged].flatMap(idsIn).sort((a, b) => a - b);
}

async function rememberedIds({ catalog, storage }: GlueContext): Promise<number[]> {
  const files = [];
  for await (const { path, etag, size } of storage.list(join(folder, "in"))) files.push({ path, etag, size });
  return [...await catalog.jobState!.knownInputs("etl", "src", files)].map((path) => Number(/(\d+)\.json$/.exec(path)?.[1])).sort((a, b) => a - b);
}

type Found = { readonly polls: number; readonly seen: number; readonly wrong: readonly string[] };
function reader(how: "list" | "duckdb"): { readonly child: ChildProcess; readonly found: Promise<Found> } {
  const child = spawn(process.execPath, [join(__dirname, "foreign-reader.mjs"), how, join(folder, "out")], { stdio: ["pipe", "pipe", "inherit"] });
  children.add(child);
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => { out += chunk.toString(); });
  return { child, found: once(child, "close").then(() => (out === "" ? { polls: 0, seen: 0, wrong: ["it ended"] } : JSON.parse(out) as Found)) };
}

test(`${RUNS} runs under random kills: nothing twice, nothing missed, nothing half`, async () => {
  const random = randomNumbers(SEED);
  mkdirSync(join(folder, "in"));
  await using glue = await GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
  await glue.catalog.createDatabase({ Name: "db" });
  const readers = (["list", "duckdb"] as const).map(reader);
  let inputs = 0, kills = 0, byThemselves = 0;
  while (runs() < RUNS) {
    for (let n = 0; n < INPUTS_A_PROCESS; n++, inputs++) writeFileSync(join(folder, "in", `${inputs}.json`), `${JSON.stringify({ id: inputs, day: `d${inputs % 3}` })}\n`);
    const before = runs();
    const child = spawn(process.execPath, [program, folder, String(Math.floor(random() * 2 ** 31))], { stdio: ["ignore", "ignore", "pipe"] });
    children.add(child);
    child.once("close", () => children.delete(child));
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => { complaint += chunk.toString(); });
    const ended = once(child, "close") as Promise<[number | null, string | null]>;
    const patience = 50 + random() * 3000;
    void (async () => {
      while (runs() === before && child.exitCode === null && child.signalCode === null) await pause(10);
      await pause(patience);
      if (child.exitCode === null && child.signalCode === null) { child.kill("SIGKILL"); byThemselves -= 1; }
    })();
    const [, signal] = await ended;
    expect([signal, complaint]).toEqual(["SIGKILL", ""]);
    kills += 1;
    byThemselves += 1;
    // the bookmark says what the committed output holds, at once
    const committed = await committedIds(glue);
    expect(committed).toEqual([...new Set(committed)]);
    expect(await rememberedIds(glue)).toEqual(committed);
  }
  const job = await Job.init(glue, "etl", { job_bookmark_option: "job-bookmark-enable" });
  const frame = glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "in") }, format: "json", transformationCtx: "src" });
  await glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path: join(folder, "out"), partitionKeys: ["day"], enableUpdateCatalog: true, catalogDatabase: "db", catalogTableName: "t" }, format: "json" });
  await job.commit();
  const all = Array.from({ length: inputs }, (_, id) => id);
  expect(filesBelow(join(folder, "out")).flatMap(idsIn).sort((a, b) => a - b)).toEqual(all);
  expect((await glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "t" }).records()).map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(all);
  expect(readdirSync(join(folder, "catalog", "runs"))).toEqual([]);
  for (const { child, found } of readers) {
    child.stdin?.end();
    const { polls, wrong } = await found;
    expect(wrong).toEqual([]);
    expect(polls).toBeGreaterThan(0);
    process.stderr.write(process.env["DYNAFRAME_KILLS"] === undefined ? "" : `a reader looked ${polls} times\n`);
  }
  if (process.env["DYNAFRAME_KILLS"] !== undefined) process.stderr.write(`${runs()} runs begun, ${kills} processes killed (${byThemselves} at a call of the commit), ${inputs} inputs, seed ${SEED}\n`);
}, 60_000 + RUNS * 10_000);
