/**
 * A world that breaks: wrong passwords, servers that are not there, go away or fall silent. The same for both servers.
 */
import { spawnSync } from "node:child_process";
import { inspect } from "node:util";
import { DynaframeError, type DatabaseConnectionOptions, type DynamicFrame } from "../../src/index.js";
import { freePort } from "../servers/server-process.js";
import { startDatabase, type TestDatabase, type TestKind } from "./servers.js";

const SECRET = "wr0ng-s3cret";

/** 400,000 rows with one column `i`. */
const NUMBERS = {
  postgresql: "generate_series(1, 400000) i",
  mariadb: "(SELECT seq AS i FROM seq_1_to_400000) n",
  mysql:
    "(SELECT 632 * a.i + b.i + 1 AS i FROM (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 632) SELECT i FROM n) a, (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 631) SELECT i FROM n) b LIMIT 400000) n",
} as const;

export function brokenWorld(kind: Exclude<TestKind, "sqlite">): void {
  describe(`${kind} in a broken world`, () => {
    let db: TestDatabase | undefined;
    beforeAll(async () => {
      db = await startDatabase(kind);
      await db?.sql(
        `CREATE TABLE big (id INTEGER, v VARCHAR(300)); INSERT INTO big SELECT i, repeat('x', 200) FROM ${NUMBERS[kind]}`,
      );
    });
    afterAll(async () => {
      await db?.stop();
    });

    const check = (name: string, body: (database: TestDatabase) => Promise<void>): void =>
      test(name, async () => {
        if (db !== undefined) await body(db);
      });
    const read = ({ glue, options }: TestDatabase, more: DatabaseConnectionOptions, dbtable = "big"): DynamicFrame =>
      glue.createDynamicFrame.fromOptions({
        connectionType: kind,
        connectionOptions: { ...options, ...more, dbtable },
      });
    const failure = async (promise: Promise<unknown>): Promise<DynaframeError> => {
      const error = await promise.then(
        (value) => {
          throw new Error(`expected an error, got ${String(value)}`);
        },
        (e: unknown) => e,
      );
      if (!(error instanceof DynaframeError)) throw error;
      return error;
    };
    const drop = (database: TestDatabase, text: string): Promise<unknown[][]> =>
      database
        .sql(
          kind === "postgresql"
            ? `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%${text}%'`
            : `SELECT GROUP_CONCAT(CONCAT('KILL ', id) SEPARATOR ';') FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = 'tester'`,
        )
        .then(async (rows) =>
          kind === "postgresql" || typeof rows[0]?.[0] !== "string" ? rows : database.sql(rows[0][0]),
        );

    check("a wrong password, an unknown user and none: AUTHENTICATION_FAILED without any secret", async (database) => {
      for (const options of [{ password: SECRET }, { user: "nobody_here", password: SECRET }, { password: "" }]) {
        const error = await failure(read(database, options).count());
        expect(error.code).toBe("AUTHENTICATION_FAILED");
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(database.options.password);
      }
      const inUrl = database.options.url.replace("//", `//tester:${SECRET}@`);
      const error = await failure(
        database.glue.createDynamicFrame
          .fromOptions({ connectionType: kind, connectionOptions: { url: inUrl, dbtable: "big" } })
          .count(),
      );
      expect([error.code, inspect(error, { depth: 9 }).includes(SECRET)]).toEqual(["AUTHENTICATION_FAILED", false]);
    });

    check("secrets are in no plan and no print of a frame", async (database) => {
      const frame = read(database, {}, "(SELECT 1 AS one) AS t");
      expect(inspect(frame.node, { depth: 9 }) + JSON.stringify(frame.node)).not.toContain(database.options.password);
      expect(await frame.explain()).not.toContain(database.options.password);
    });

    check("nobody at the address, no such database, no such table", async (database) => {
      const port = await freePort();
      expect(
        (await failure(read(database, { url: database.options.url.replace(/:\d+\//, `:${port}/`) }).count())).code,
      ).toBe("CONNECTION_FAILED");
      expect((await failure(read(database, { database: "no_such_database" }).count())).code).toMatch(
        /CONNECTION_FAILED|AUTHENTICATION_FAILED/,
      );
      expect(await failure(read(database, {}, "no_such_table").count())).toMatchObject({
        code: "TABLE_NOT_FOUND",
        message: expect.stringContaining("no_such_table") as string,
      });
    });

    check("a connection cut while it is read: CONNECTION_LOST, soon", async (database) => {
      const reading = failure(read(database, {}).count());
      await new Promise((resolve) => {
        setTimeout(resolve, 700);
      });
      await drop(database, "part");
      expect(await reading).toMatchObject({
        code: "CONNECTION_LOST",
        hint: expect.stringContaining("run again") as string,
      });
    });

    check("a connection cut while it is written: CONNECTION_LOST, and nothing is there", async (database) => {
      await database.sql("CREATE TABLE half (id INTEGER)");
      let sent = 0;
      const endless = async function* (): AsyncGenerator<{ id: number }> {
        for (; sent < 60_000; sent++) yield { id: sent };
      };
      const frame = database.glue.createDynamicFrame.fromRows(endless());
      await frame.count();
      // the transaction waits for this lock, and is cut there
      const holder =
        kind === "postgresql"
          ? "BEGIN; LOCK TABLE half IN SHARE MODE"
          : "START TRANSACTION; SELECT * FROM half FOR UPDATE";
      await database.sql(holder);
      const writing = failure(
        database.glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: kind,
          connectionOptions: { ...database.options, dbtable: "half" },
        }),
      );
      await new Promise((resolve) => {
        setTimeout(resolve, 1500);
      });
      await drop(database, "half");
      expect((await writing).code).toBe("CONNECTION_LOST");
      await database.sql("COMMIT");
      expect(await database.sql("SELECT * FROM half")).toEqual([]);
    });

    check("a connection by name with a stale secret, and SSL that the server has not", async (database) => {
      const { glue, options } = database;
      const properties = { JDBC_CONNECTION_URL: options.url, USERNAME: options.user ?? "", PASSWORD: SECRET };
      await glue.catalog.createConnection({ Name: "stale", ConnectionType: "JDBC", ConnectionProperties: properties });
      await glue.catalog.createConnection({
        Name: "tls",
        ConnectionType: "JDBC",
        ConnectionProperties: { ...properties, PASSWORD: options.password ?? "", JDBC_ENFORCE_SSL: "true" },
      });
      const named = (connectionName: string): Promise<number> =>
        glue.createDynamicFrame
          .fromOptions({ connectionType: kind, connectionOptions: { connectionName, dbtable: "big" } })
          .count();
      const stale = await failure(named("stale"));
      expect([stale.code, inspect(stale, { depth: 9 }).includes(SECRET)]).toEqual(["AUTHENTICATION_FAILED", false]);
      expect((await failure(named("tls"))).code).toBe("CONNECTION_FAILED");
    });

    check("a server that falls silent is given up after readTimeout", async (database) => {
      const reading = failure(read(database, { readTimeout: 1500 }).count());
      await new Promise((resolve) => {
        setTimeout(resolve, 700);
      });
      const pids =
        kind === "postgresql"
          ? spawnSync("pgrep", ["-P", String(database.server?.process.pid)], { encoding: "utf8" })
              .stdout.trim()
              .split("\n")
              .map(Number)
          : [database.server?.process.pid ?? 0];
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      try {
        expect(await reading).toMatchObject({
          code: "CONNECTION_LOST",
          message: expect.stringContaining("no answer within 2 s") as string,
        });
      } finally {
        for (const pid of pids) process.kill(pid, "SIGCONT");
      }
    });

    check("a server that dies mid-read: CONNECTION_LOST", async (database) => {
      const reading = failure(read(database, { readTimeout: 30_000 }).count());
      await new Promise((resolve) => {
        setTimeout(resolve, 700);
      });
      database.server?.process.kill(kind === "postgresql" ? "SIGQUIT" : "SIGKILL");
      expect((await reading).code).toBe("CONNECTION_LOST");
    });
  });
}
