/**
 * Runs of a job that are killed at random, by themselves at one of a commit's calls and from outside at any time, while
 * two foreign readers look at the target. DYNAFRAME_KILLS sets the number of runs (`node bench/kills.mjs 1000`),
 * DYNAFRAME_SEED another sequence.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext } from "../../src/index.js";
import { bundledProgram } from "../bundled-program.js";
import { beginEtl, etlSource, writeTable } from "./killed-job.js";
import { randomNumbers } from "./random-numbers.js";

const RUNS = Number(process.env["DYNAFRAME_KILLS"] ?? 16);
const SEED = Number(process.env["DYNAFRAME_SEED"] ?? 20_261) || Date.now() % 2 ** 31;
const INPUTS_A_PROCESS = 8;
/**
 * Runs on one catalog: each look at the target reads all of it, so a longer round costs with the square of its length.
 */
const RUNS_A_ROUND = 100;
/** Until it is known how long a run takes here. */
const FIRST_GUESS_MS = 1000;

type Totals = { runs: number; kills: number; byThemselves: number; inputs: number; polls: number; busyMs: number };
type Found = { readonly polls: number; readonly seen: number; readonly wrong: readonly string[] };

let folder: string;
const program = bundledProgram(join(__dirname, "random-kills-run.ts"));
const children = new Set<ChildProcess>();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "job-kills-"));
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function started(
  ...args: readonly string[]
): ChildProcess & {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
} {
  const child = spawn(process.execPath, [...args], { stdio: "pipe" });
  child.stdin.on("error", () => undefined); // killed before it heard
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

function reader(
  how: "list" | "duckdb",
  root: string,
): { readonly child: ReturnType<typeof started>; readonly found: Promise<Found> } {
  const child = started(join(__dirname, "foreign-reader.mjs"), how, join(root, "out"));
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      parts.push(chunk.toString());
    });
  const said = async (): Promise<Found> => {
    await once(child, "close");
    const text = parts.join("");
    return text.startsWith("{") ? (JSON.parse(text) as Found) : { polls: 0, seen: 0, wrong: [`it ended: ${text}`] };
  };
  return { child, found: said() };
}

/** A process that is warm already, or gets so. */
function runner(
  root: string,
  seed: number,
): {
  readonly begin: () => Promise<ReturnType<typeof started>>;
  readonly ended: Promise<readonly [string | null, string]>;
} {
  const child = started(program(), root, String(seed));
  const complaints: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => {
    complaints.push(chunk.toString());
  });
  const ended = once(child, "close").then(([, signal]) => [signal as string | null, complaints.join("")] as const);
  const warm = Promise.race([once(child.stdout, "data"), ended]);
  return {
    begin: async () => {
      await warm;
      child.stdin.write("go\n");
      return child;
    },
    ended,
  };
}

/** One catalog, one target, two readers, and as many runs. */
async function round(root: string, runs: number, random: () => number, totals: Totals): Promise<void> {
  const [input, output] = [join(root, "in"), join(root, "out")];
  mkdirSync(input, { recursive: true });
  writeFileSync(join(root, "warm.json"), '{"id":0}\n');
  await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
  await glue.catalog.createDatabase({ Name: "db" });
  const readers = (["list", "duckdb"] as const).map((how) => reader(how, root));
  const begun = (): number => (existsSync(join(root, "runs")) ? statSync(join(root, "runs")).size : 0);
  const anotherSeed = (): number => Math.floor(random() * 2 ** 31);
  let inputs = 0;
  let next = runner(root, anotherSeed());
  while (begun() < runs) {
    for (let n = 0; n < INPUTS_A_PROCESS; n++, inputs++)
      writeFileSync(join(input, `${inputs}.json`), `${JSON.stringify({ id: inputs, day: `d${inputs % 3}` })}\n`);
    const { begin, ended } = next;
    const before = begun();
    const child = await begin();
    const startedAt = performance.now();
    next = runner(root, anotherSeed());
    // so that an outside killer meets each part of a run, and the runs after it: up to twelve times as long as one
    // takes
    const patience = random() * 12 * (totals.runs === 0 ? FIRST_GUESS_MS : totals.busyMs / totals.runs);
    let isOutside = false;
    const killer = setTimeout(() => {
      isOutside = child.kill("SIGKILL");
    }, patience);
    const [signal, complaint] = await ended;
    clearTimeout(killer);
    expect([signal, complaint]).toEqual(["SIGKILL", ""]);
    totals.kills += 1;
    totals.byThemselves += isOutside ? 0 : 1;
    totals.runs += begun() - before;
    totals.busyMs += performance.now() - startedAt;
    // the bookmark says what the committed output holds, at once
    const committed = await committedIds(glue, output);
    expect(committed).toEqual([...new Set(committed)]);
    expect(await rememberedIds(glue, input)).toEqual(committed);
  }
  next.begin().then(
    (child) => child.kill("SIGKILL"),
    () => undefined,
  );
  await next.ended;
  const job = await beginEtl(glue);
  await writeTable(glue, root, etlSource(glue, root));
  await job.commit();
  const all = Array.from({ length: inputs }, (_, id) => id);
  expect(
    filesBelow(output)
      .flatMap(readIds)
      .sort((a, b) => a - b),
  ).toEqual(all);
  expect(
    (await glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "t" }).records())
      .map(({ id }) => Number(id))
      .sort((a, b) => a - b),
  ).toEqual(all);
  expect(readdirSync(join(root, "catalog", "runs"))).toEqual([]);
  for (const { child, found } of readers) {
    child.stdin.end();
    const { polls, wrong } = await found;
    expect(wrong).toEqual([]);
    expect(polls).toBeGreaterThan(0);
    totals.polls += polls;
  }
  totals.inputs += inputs;
}

/** Files in place do not change: the foreign readers would see it. */
const known = new Map<string, number[]>();
function idsIn(file: string): number[] {
  const ids = known.get(file) ?? readIds(file);
  known.set(file, ids);
  return ids;
}
const readIds = (file: string): number[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { id: number }).id);
const filesBelow = (root: string): string[] =>
  existsSync(root)
    ? (readdirSync(root, { recursive: true }) as string[])
        .map((name) => join(root, name))
        .filter((path) => statSync(path).isFile())
    : [];

/** Ids that are committed: in place, or of a commit whose files are still to be put there. */
async function committedIds({ catalog }: GlueContext, output: string): Promise<number[]> {
  const staged = (await catalog.jobState!.openPublications()).flatMap(({ publications }) =>
    publications.flatMap((each) => (each.kind === "publish" && existsSync(each.staged) ? [each.staged] : [])),
  );
  return [...filesBelow(output).flatMap(idsIn), ...staged.flatMap(readIds)].sort((a, b) => a - b);
}

async function rememberedIds({ catalog, storage }: GlueContext, input: string): Promise<number[]> {
  const files = [];
  for await (const { path, etag, size } of storage.list(input)) files.push({ path, etag, size });
  return [...(await catalog.jobState!.knownInputs("etl", "src", files))]
    .map((path) => Number(/(\d+)\.json$/.exec(path)?.[1]))
    .sort((a, b) => a - b);
}

test(
  `${RUNS} runs under random kills: nothing twice, nothing missed, nothing half`,
  async () => {
    const random = randomNumbers(SEED);
    const totals: Totals = { runs: 0, kills: 0, byThemselves: 0, inputs: 0, polls: 0, busyMs: 0 };
    const report = (): void => {
      if (process.env["DYNAFRAME_KILLS"] === undefined) return;
      const { runs, kills, byThemselves, inputs, polls } = totals;
      process.stderr.write(
        `${runs} runs begun, ${kills} processes killed (${byThemselves} at a call of the commit), ${inputs} inputs, readers looked ${polls} times, seed ${SEED}\n`,
      );
    };
    for (let n = 0; totals.runs < RUNS; n++) {
      await round(join(folder, `round-${n}`), Math.min(RUNS_A_ROUND, RUNS - totals.runs), random, totals);
      known.clear();
      rmSync(join(folder, `round-${n}`), { recursive: true });
      report();
    }
  },
  60_000 + RUNS * 10_000,
);
