/**
 * A job into two databases that is killed between their commits: each holds every record once in the end, whichever
 * decides.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";
import { bundledProgram } from "../bundled-program.js";
import { startDatabase, type TestDatabase } from "../database/servers.js";
import { beginEtl, etlSource } from "./killed-job.js";

const program = bundledProgram(join(__dirname, "killed-database-run.ts"));
const running: TestDatabase[] = [];
const databases = new Map<string, TestDatabase | undefined>();
beforeAll(async () => {
  for (const name of ["postgresql", "mariadb", "sqlite", "sqlite beside"] as const) {
    const database = await startDatabase(name === "sqlite beside" ? "sqlite" : name);
    if (database === undefined) process.stderr.write(`skipped: there is no ${name} on this machine\n`);
    else running.push(database);
    databases.set(name, database);
  }
});
afterAll(async () => {
  for (const database of running) await database.stop();
});

/** What is hard to spell in SQL or in a line of text. */
const NOTE = "tab\there, line\nthere, \"both\" 'quotes', back\\slash, \\N, é 𝒳";
const record = (id: number): object => ({
  id,
  note: `${NOTE} ${id}`,
  amount: id + 0.5,
  is_new: id % 2 === 1,
  ...(id === 2 ? {} : { maybe: "x" }),
  tags: { a: [id] },
});
const COLUMNS = "id, note, amount, is_new, maybe";
const isTrue = (cell: unknown): boolean => cell === "t" || cell === "1";
const rowsOf = async ({ sql }: TestDatabase, table: string): Promise<unknown[]> =>
  (await sql(`SELECT ${COLUMNS} FROM ${table} ORDER BY id`)).map(([id, note, amount, isNew, maybe]) => [
    Number(id),
    note,
    Number(amount),
    isTrue(isNew),
    maybe,
  ]);
const expected = (...ids: number[]): unknown[] =>
  ids.map((id) => [id, `${NOTE} ${id}`, id + 0.5, id % 2 === 1, id === 2 ? null : "x"]);

const targets = ({
  kind,
  options,
}: TestDatabase): { readonly kind: TestDatabase["kind"]; readonly options: TestDatabase["options"] } => ({
  kind,
  options,
});
async function hasTable({ sql, kind }: TestDatabase, table: string): Promise<boolean> {
  return (
    (
      await sql(
        kind === "sqlite"
          ? `SELECT 1 FROM sqlite_schema WHERE name = '${table}'`
          : `SELECT 1 FROM information_schema.tables WHERE table_name = '${table}'`,
      )
    ).length > 0
  );
}

const PAIRS = [
  ["postgresql", "mariadb"],
  ["mariadb", "postgresql"],
] as const;
/** Where the process dies, and how many of the databases have committed by then. */
const STEPS = [
  ["before COMMIT 1", 0],
  ["after COMMIT 1", 1],
  ["before COMMIT 2", 1],
  ["after COMMIT 2", 2],
  ["before commitRun", 2],
] as const;

describe.each(PAIRS)("%s decides, %s follows", (...names) => {
  test.each(STEPS)("killed %s", async (step, committed) => {
    const pair = names.flatMap((name) => databases.get(name) ?? []);
    const [first, second] = pair;
    if (first === undefined || second === undefined) return;
    for (const database of pair) {
      if (await hasTable(database, "killed")) await database.sql("DROP TABLE killed");
      if (await hasTable(database, "merged")) await database.sql("DROP TABLE merged");
      await database.sql(
        `CREATE TABLE merged (id INTEGER NOT NULL PRIMARY KEY, note ${database.kind === "mariadb" ? "LONGTEXT" : "TEXT"}, amount DOUBLE PRECISION, is_new BOOLEAN, maybe ${database.kind === "mariadb" ? "LONGTEXT" : "TEXT"}, tags JSON)`,
      );
      await database.sql("INSERT INTO merged (id, note) VALUES (1, 'old')");
    }
    const root = mkdtempSync(join(first.folder, "kill-"));
    mkdirSync(join(root, "in"));
    for (const id of [1, 2, 3]) writeFileSync(join(root, "in", `${id}.json`), `${JSON.stringify(record(id))}\n`);
    const killed = spawnSync(process.execPath, [program(), root, step], {
      encoding: "utf8",
      env: { ...process.env, DATABASES: JSON.stringify(pair.map(targets)) },
    });
    expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
    const held = await Promise.all(
      pair.map(async (database) =>
        (await hasTable(database, "killed")) ? (await rowsOf(database, "killed")).length : 0,
      ),
    );
    expect(held).toEqual([committed > 0 ? 3 : 0, committed > 1 ? 3 : 0]);

    // the next run settles what was committed before it reads anything, and reads what was not
    writeFileSync(join(root, "in", "4.json"), `${JSON.stringify(record(4))}\n`);
    await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
    const job = await beginEtl(glue);
    if (committed > 0)
      for (const database of pair)
        expect([await rowsOf(database, "killed"), await rowsOf(database, "merged")]).toEqual([
          expected(1, 2, 3),
          expected(1, 2, 3),
        ]);
    const frame = etlSource(glue, root);
    expect((await frame.records()).map(({ id }) => Number(id)).sort()).toEqual(committed > 0 ? [4] : [1, 2, 3, 4]);
    for (const { kind, options } of pair)
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: kind,
        connectionOptions: { ...options, dbtable: "killed" },
      });
    await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(root, "out") },
      format: "json",
    });
    await job.commit();

    for (const database of pair) {
      expect(await rowsOf(database, "killed")).toEqual(expected(1, 2, 3, 4));
      expect(await database.sql(`SELECT outcome FROM _dynaframe_commits WHERE run_id = '${job.runId}'`)).toEqual([
        ["committed"],
      ]);
    }
    const out = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path: join(root, "out") },
      format: "json",
    });
    expect((await out.records()).map(({ id }) => Number(id)).sort()).toEqual([1, 2, 3, 4]);
    // nothing of the killed run is left
    expect((await glue.catalog.getConnections()).items).toEqual([]);
    expect((await glue.catalog.listEntities({ kind: "job-commit-intent" })).items).toEqual([]);
    expect(
      readdirSync(join(root, "catalog", "runs"), { recursive: true }).filter((name) => name !== "outputs"),
    ).toEqual([]);
  });
});

test("a write that failed is not done again", async () => {
  const [first, second] = [databases.get("sqlite")!, databases.get("sqlite beside")!];
  const root = mkdtempSync(join(first.folder, "undone-"));
  mkdirSync(join(root, "in"));
  writeFileSync(join(root, "in", "1.json"), '{"id":1}\n');
  await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
  const job = await Job.init(glue, "undone", {});
  const frame = etlSource(glue, root);
  const write = (database: TestDatabase, more: object = {}) =>
    glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: database.kind,
      connectionOptions: { ...database.options, dbtable: "undone", ...more },
    });
  await write(first);
  await expect(write(second, { postactions: "INSERT INTO nowhere VALUES (1)" })).rejects.toMatchObject({
    name: "DynaframeError",
  });
  await write(second);
  const [log] = readdirSync(join(root, "catalog", "runs"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl"),
  );
  await job.commit();
  expect(await second.sql("SELECT id FROM undone")).toEqual([["1"]]);
  expect(log).toMatch(/redo-1\.jsonl$/);
});
