/**
 * SIGKILL, and a power cut that takes every write that was not synced, at every step of a commit: afterwards each input
 * is in the committed output once, and the bookmark says so.
 */
import { spawnSync } from "node:child_process";
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
import { cutPower } from "./lost-writes.js";

let folder: string;
const program = bundledProgram(join(__dirname, "killed-run.ts"));
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "job-kill-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const outputs = (root: string): string[] =>
  existsSync(root)
    ? (readdirSync(root, { recursive: true }) as string[]).filter((f) => statSync(join(root, f)).isFile())
    : [];

/** What a reader that only lists the folder finds, by DuckDB's own reader of text. */
async function idsOf(root: string, glue: GlueContext): Promise<number[]> {
  if (outputs(root).length === 0) return [];
  const frame = glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: root },
    format: "json",
  });
  return (await frame.records()).map((r) => Number(r["id"])).sort((a, b) => a - b);
}

const STEPS = [
  "before write",
  "after write",
  "before commitRun",
  "after commitRun",
  "after publish",
  "before publicationDone",
  "after publicationDone",
];

describe.each(["killed", "power cut"])("%s", (how) =>
  test.each(STEPS)("%s", async (step) => {
    const root = join(folder, `${step.replace(" ", "-")}-${how === "killed" ? "kill" : "cut"}`);
    mkdirSync(join(root, "in"), { recursive: true });
    for (const id of [1, 2, 3])
      writeFileSync(join(root, "in", `${id}.json`), `${JSON.stringify({ id, day: id % 2 ? "a" : "b" })}\n`);
    const killed = spawnSync(process.execPath, [program(), root, step], { encoding: "utf8" });
    expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
    const synced = new Set(JSON.parse(readFileSync(join(root, "synced.json"), "utf8")) as number[]);
    rmSync(join(root, "synced.json"));
    // the catalog's own files are SQLite's affair, which syncs them by itself
    if (how === "power cut") cutPower(root, synced, ["catalog", "in"]);
    const committed = ["after commitRun", "after publish", "before publicationDone", "after publicationDone"].includes(
      step,
    );

    await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
    if (!committed) expect(await idsOf(join(root, "out"), glue)).toEqual([]);
    writeFileSync(join(root, "in", "4.json"), '{"id":4,"day":"a"}\n');
    // the next run finishes what was committed, and reads what was not
    const job = await beginEtl(glue);
    expect(await idsOf(join(root, "out"), glue)).toEqual(committed ? [1, 2, 3] : []);
    const frame = etlSource(glue, root);
    expect((await frame.records()).map((r) => r["id"]).sort()).toEqual(committed ? [4] : [1, 2, 3, 4]);
    await writeTable(glue, root, frame);
    await job.commit();

    expect(await idsOf(join(root, "out"), glue)).toEqual([1, 2, 3, 4]);
    expect(
      (await glue.createDynamicFrame.fromCatalog({ database: "db", tableName: "t" }).records())
        .map((r) => r["id"])
        .sort(),
    ).toEqual([1, 2, 3, 4]);
    expect(JSON.parse((await glue.catalog.jobState!.getBookmark("etl"))!.JobBookmark)).toEqual({ src: { files: 4 } });
    expect(await glue.catalog.jobState!.openPublications()).toEqual([]);
    // nothing of the killed run is left
    expect(readdirSync(root).sort()).toEqual(["catalog", "in", "out"]);
    expect(readdirSync(join(root, "catalog", "runs"))).toEqual([]);
  }),
);
