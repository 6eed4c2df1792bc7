/**
 * Jobs that write into a real database: what is there before, at and after the commit, and when something dies in
 * between.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GlueContext, Job } from "../../src/index.js";
import { bundledProgram } from "../bundled-program.js";
import { startDatabase, type TestDatabase, type TestKind } from "../database/servers.js";
import { beginEtl, etlSource } from "./killed-job.js";

/** Where the process dies, and whether its run counts. */
const STEPS: readonly (readonly [string, boolean])[] = [
  ["written", false],
  ["before changeEntities", false],
  ["after changeEntities", false],
  ["before createConnection", false],
  ["after createConnection", false],
  // between the commit of the database and that of the catalog
  ["before commitRun", true],
  ["after commitRun", true],
  ["before deleteConnection", true],
  ["after deleteConnection", true],
];

export function databaseCommits(kind: TestKind): void {
  describe(`commits of jobs into ${kind}`, () => {
    let db: TestDatabase | undefined;
    const program = bundledProgram(join(__dirname, "killed-database-run.ts"));
    beforeAll(async () => {
      db = await startDatabase(kind);
    });
    afterAll(async () => {
      await db?.stop();
    });
    const check = (name: string, body: (database: TestDatabase) => Promise<void>): void =>
      test(name, async () => {
        if (db !== undefined) await body(db);
      });
    const ids = async ({ sql }: TestDatabase, table: string): Promise<number[]> =>
      (await sql(`SELECT id FROM ${table} ORDER BY id`)).map(([id]) => Number(id));
    const hasTable = async ({ sql }: TestDatabase, table: string): Promise<boolean> =>
      (
        await sql(
          kind === "sqlite"
            ? `SELECT 1 FROM sqlite_schema WHERE name = '${table}'`
            : `SELECT 1 FROM information_schema.tables WHERE table_name = '${table}'`,
        )
      ).length > 0;
    const idsIfThere = async (database: TestDatabase, table: string): Promise<number[]> =>
      (await hasTable(database, table)) ? ids(database, table) : [];

    check("rows appear with the commit, in all tables at once, and with their record", async (database) => {
      const { glue, options, folder } = database;
      mkdirSync(join(folder, "in"));
      writeFileSync(join(folder, "in", "a.json"), '{"id":1}\n{"id":2}\n');
      const write = (dbtable: string, more: object = {}, mode: "append" | "merge" = "append") =>
        glue.writeDynamicFrame.fromOptions({
          frame: glue.createDynamicFrame.fromOptions({
            connectionType: "file",
            connectionOptions: { path: join(folder, "in") },
            format: "json",
          }),
          connectionType: kind,
          connectionOptions: { ...options, dbtable, ...more },
          mode,
        });
      const abandoned = await Job.init(glue, "rows", {});
      await write("one");
      expect(await idsIfThere(database, "one")).toEqual([]);
      await abandoned.abandon();
      expect(await hasTable(database, "one")).toBe(false);

      const job = await Job.init(glue, "rows", {});
      await Promise.all([write("one"), write("two")]);
      await write("one", { mergeKeys: "id" }, "merge");
      await write("two", { mergeKeys: "id" }, "merge");
      // a write that fails takes nothing with it, and leaves nothing
      await expect(write("one", { postactions: "INSERT INTO nowhere VALUES (1)" })).rejects.toMatchObject({
        name: "DynaframeError",
      });
      expect(await idsIfThere(database, "one")).toEqual([]);
      const report = await job.commit();
      expect(report).toMatchObject({ read: 8, written: 8, balanced: true });
      expect([await ids(database, "one"), await ids(database, "two")]).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(await database.sql("SELECT job, run_id, outcome FROM _dynaframe_commits")).toEqual([
        ["rows", report.runId, "committed"],
      ]);
      expect((await glue.catalog.getConnections()).items).toEqual([]);
    });

    test.each(STEPS)("killed %s", async (step, counts) => {
      if (db === undefined) return;
      const root = mkdtempSync(join(db.folder, "kill-"));
      mkdirSync(join(root, "in"));
      for (const id of [1, 2, 3]) writeFileSync(join(root, "in", `${id}.json`), `${JSON.stringify({ id })}\n`);
      if (await hasTable(db, "killed")) await db.sql("DELETE FROM killed");
      const killed = spawnSync(process.execPath, [program(), root, step], {
        encoding: "utf8",
        env: { ...process.env, DATABASES: JSON.stringify([{ kind, options: db.options }]) },
      });
      expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", ""]);
      expect(await idsIfThere(db, "killed")).toEqual(counts ? [1, 2, 3] : []);

      await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
      writeFileSync(join(root, "in", "4.json"), '{"id":4}\n');
      const job = await beginEtl(glue);
      const frame = etlSource(glue, root);
      expect((await frame.records()).map((r) => r["id"]).sort()).toEqual(counts ? [4] : [1, 2, 3, 4]);
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: kind,
        connectionOptions: { ...db.options, dbtable: "killed" },
      });
      await glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(root, "out") },
        format: "json",
      });
      await job.commit();

      expect(await ids(db, "killed")).toEqual([1, 2, 3, 4]);
      const out = glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(root, "out") },
        format: "json",
      });
      expect((await out.records()).map((r) => r["id"]).sort()).toEqual([1, 2, 3, 4]);
      // nothing of the killed run is left
      expect((await glue.catalog.getConnections()).items).toEqual([]);
      expect((await glue.catalog.listEntities({ kind: "job-commit-intent" })).items).toEqual([]);
      expect(
        readdirSync(root)
          .filter((name) => name !== "catalog")
          .sort(),
      ).toEqual(["in", "out"]);
      expect(existsSync(join(root, "catalog", "runs")) ? readdirSync(join(root, "catalog", "runs")) : []).toEqual([]);
    });

    check("a bookmark that was reset while a commit hung stays reset, and the commit counts", async (database) => {
      const root = mkdtempSync(join(database.folder, "reset-"));
      mkdirSync(join(root, "in"));
      writeFileSync(join(root, "in", "1.json"), '{"id":1}\n');
      if (await hasTable(database, "killed")) await database.sql("DELETE FROM killed");
      spawnSync(process.execPath, [program(), root, "before commitRun"], {
        env: { ...process.env, DATABASES: JSON.stringify([{ kind, options: database.options }]) },
      });
      await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
      await glue.catalog.jobState?.resetBookmark("etl");
      const job = await beginEtl(glue);
      const frame = etlSource(glue, root);
      expect(await frame.records()).toEqual([{ id: 1 }]); // what a reset asks for
      await job.abandon();
      expect(readdirSync(join(root, "out"))).toHaveLength(1);
    });

    if (kind !== "sqlite")
      check("while the database does not answer, the job waits for it, and others do not", async (database) => {
        const root = mkdtempSync(join(database.folder, "away-"));
        mkdirSync(join(root, "in"));
        writeFileSync(join(root, "in", "1.json"), '{"id":1}\n');
        spawnSync(process.execPath, [program(), root, "before commitRun"], {
          env: { ...process.env, DATABASES: JSON.stringify([{ kind, options: database.options }]) },
        });
        await using glue = await GlueContext.open({ catalog: join(root, "catalog"), onWarning: () => undefined });
        const [connection] = (await glue.catalog.getConnections()).items;
        const { CreationTime: _, LastUpdatedTime: __, ...input } = connection!;
        const away = {
          ...input,
          ConnectionProperties: {
            ...input.ConnectionProperties,
            JDBC_CONNECTION_URL: input.ConnectionProperties["JDBC_CONNECTION_URL"]!.replace(/:\d+\//, ":1/"),
          },
        };
        await glue.catalog.updateConnection(input.Name, away);
        await expect(beginEtl(glue)).rejects.toMatchObject({
          code: "JOB_UNSETTLED",
          message: expect.not.stringContaining("s3cret"),
        });
        await (await Job.init(glue, "other", { job_bookmark_option: "job-bookmark-enable" })).commit();
        await glue.catalog.updateConnection(input.Name, input);
        await (await beginEtl(glue)).abandon();
        expect((await glue.catalog.getConnections()).items).toEqual([]);
        expect(JSON.parse((await glue.catalog.jobState!.getBookmark("etl"))!.JobBookmark)).toEqual({
          src: { files: 1 },
        });
      });

    if (kind === "mariadb" || kind === "mysql")
      check("a statement that commits by itself is refused in a job", async ({ glue, options, folder }) => {
        const job = await Job.init(glue, "ddl", {});
        const frame = glue.createDynamicFrame.fromOptions({
          connectionType: "file",
          connectionOptions: { path: join(folder, "in") },
          format: "json",
        });
        for (const preactions of ["TRUNCATE TABLE one", "/* c */ create table x (i int)"]) {
          await expect(
            glue.writeDynamicFrame.fromOptions({
              frame,
              connectionType: kind,
              connectionOptions: { ...options, dbtable: "one", preactions },
            }),
          ).rejects.toMatchObject({ code: "UNSUPPORTED" });
        }
        await job.abandon();
      });
  });
}
