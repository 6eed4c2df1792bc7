/** Bookmarks by keys on a real database: what each run reads, and what it may not go by. */
import { Job, type CommitReport, type DatabaseSourceOptions } from "../../src/index.js";
import { startDatabase, type TestDatabase, type TestKind } from "./servers.js";

export function bookmarkKeys(kind: TestKind): void {
  describe(`bookmarks by keys of ${kind}`, () => {
    let db: TestDatabase | undefined;
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

    type Run = { readonly ids: unknown[]; readonly report: CommitReport | undefined };
    async function run(
      { glue, options }: TestDatabase,
      name: string,
      source: DatabaseSourceOptions,
      end: "commit" | "abandon" = "commit",
      option = "job-bookmark-enable",
    ): Promise<Run> {
      const job = await Job.init(glue, name, { job_bookmark_option: option });
      try {
        const frame = glue.createDynamicFrame.fromOptions({
          connectionType: kind,
          connectionOptions: { ...options, ...source },
          transformationCtx: "src",
        });
        const ids = (await frame.records()).map((record) => Number(record["id"])).sort((a, b) => a - b);
        return { ids, report: end === "commit" ? await job.commit() : (await job.abandon(), undefined) };
      } catch (error) {
        await job.abandon();
        throw error;
      }
    }

    check("the primary key, if nothing is said; what was not committed is read again", async (database) => {
      await database.sql("CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, note VARCHAR(20))");
      expect((await run(database, "pk", { dbtable: "orders" })).ids).toEqual([]);
      await database.sql("INSERT INTO orders VALUES (1, 'a'), (9007199254740992, 'b')");
      expect((await run(database, "pk", { dbtable: "orders" })).ids).toEqual([1, 9007199254740992]);
      await database.sql("INSERT INTO orders VALUES (9007199254740993, 'c')"); // no double tells it from the one before
      expect((await run(database, "pk", { dbtable: "orders" }, "abandon")).ids).toHaveLength(1);
      expect((await run(database, "pk", { dbtable: "orders" }, "commit", "job-bookmark-pause")).ids).toHaveLength(1);
      expect((await run(database, "pk", { dbtable: "orders" })).ids).toHaveLength(1);
      expect((await run(database, "pk", { dbtable: "orders" })).ids).toEqual([]);
      expect((await run(database, "pk", { dbtable: "orders" }, "commit", "job-bookmark-disable")).ids).toHaveLength(3);
    });

    check("several keys are compared in their order; texts with quotes and timestamps too", async (database) => {
      await database.sql("CREATE TABLE events (id INT NOT NULL, at TIMESTAMP NOT NULL, who VARCHAR(30) NOT NULL)");
      await database.sql("INSERT INTO events VALUES (1, '2024-03-01 10:00:00', 'x'), (2, '2024-03-01 10:00:01', 'a')");
      const source = { dbtable: "events", jobBookmarkKeys: ["at", "who"] };
      expect((await run(database, "composite", source)).ids).toEqual([1, 2]);
      await database.sql(
        "INSERT INTO events VALUES (3, '2024-03-01 10:00:01', 'a''b'), (4, '2024-03-01 10:00:02', 'A')",
      );
      expect((await run(database, "composite", source)).ids).toEqual([3, 4]);
      expect((await run(database, "composite", source)).ids).toEqual([]);
      await expect(run(database, "composite", { ...source, jobBookmarkKeys: "at" })).rejects.toMatchObject({
        code: "BAD_BOOKMARK_KEY",
      });
    });

    check("keys that shrink, of a query, in hash partitions", async (database) => {
      await database.sql("CREATE TABLE down (id INT NOT NULL, k BIGINT NOT NULL)");
      await database.sql("INSERT INTO down VALUES (1, 1050), (2, 1025)");
      const source = {
        query: "SELECT * FROM down WHERE id > 0",
        jobBookmarkKeys: ["k"],
        jobBookmarkKeysSortOrder: "desc",
        hashexpression: "id",
        hashpartitions: 2,
      } as const;
      expect((await run(database, "desc", source)).ids).toEqual([1, 2]);
      await database.sql("INSERT INTO down VALUES (3, 1024), (4, -3)");
      expect((await run(database, "desc", source)).ids).toEqual([3, 4]);
    });

    check(
      "a key that rows lack, or without an order, is refused; a table without one is read whole",
      async (database) => {
        await database.sql("CREATE TABLE loose (id INT, ratio DOUBLE PRECISION)");
        await database.sql("INSERT INTO loose VALUES (1, 0.5), (NULL, 1.5)");
        await expect(run(database, "loose", { dbtable: "loose", jobBookmarkKeys: ["id"] })).rejects.toMatchObject({
          code: "BAD_BOOKMARK_KEY",
          message: expect.stringContaining("1 rows have none"),
        });
        await expect(run(database, "loose", { dbtable: "loose", jobBookmarkKeys: ["ratio"] })).rejects.toMatchObject({
          code: "BAD_BOOKMARK_KEY",
        });
        for (let twice = 0; twice < 2; twice++)
          expect((await run(database, "whole", { dbtable: "loose" })).ids).toHaveLength(2);
      },
    );
  });
}
