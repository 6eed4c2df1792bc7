/** What holds for every database: reading, writing and failing look the same to a caller. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DateValue,
  Decimal,
  DynaframeError,
  DynamicFrameCollection,
  TimestampValue,
  decimal,
  struct,
  field,
  type DataType,
  type DynamicFrame,
  BINARY,
  BOOLEAN,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  BYTE,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
} from "../../src/index.js";
import { startDatabase, type TestDatabase, type TestKind } from "./servers.js";

/** Every type that all three hold, with values at the edges. */
const COLUMNS: readonly { readonly name: string; readonly type: DataType; readonly values: readonly unknown[] }[] = [
  { name: "id", type: LONG, values: [1, 2, 3, 9007199254740993n] },
  { name: "flag", type: BOOLEAN, values: [true, false, null, true] },
  { name: "tiny", type: BYTE, values: [-128, 127, 0, null] },
  { name: "small", type: SHORT, values: [-32768, 32767, null, 0] },
  { name: "whole", type: INT, values: [-2147483648, 2147483647, 0, null] },
  { name: "long_one", type: LONG, values: [-9223372036854775808n, 9223372036854775807n, null, 0] },
  {
    name: "money",
    type: decimal(38, 10),
    values: [new Decimal(12345678901234567890123456781234567890n, 10), new Decimal(-1n, 10), null, new Decimal(0n, 10)],
  },
  { name: "ratio", type: DOUBLE, values: [0.1, -1.7976931348623157e308, 5e-324, 123456789.12345679] },
  { name: "single", type: FLOAT, values: [Math.fround(0.1), Math.fround(16777217), null, Math.fround(3.4e38)] },
  {
    name: "note",
    type: STRING,
    values: ["", "é 🦆 'quoted' \"double\" back\\slash", "tab\tline\nreturn\r%_;--", null],
  },
  {
    name: "raw",
    type: BINARY,
    values: [new Uint8Array([0, 255, 92, 39, 10]), new Uint8Array([]), null, new Uint8Array([1])],
  },
  { name: "day", type: DATE, values: [new DateValue(19_782), new DateValue(-1), null, new DateValue(2_932_896)] },
  {
    name: "instant",
    type: TIMESTAMP,
    values: [new TimestampValue(1_709_210_096_123_456n), new TimestampValue(-1n), null, new TimestampValue(0n)],
  },
  {
    name: "wall",
    type: TIMESTAMPNTZ,
    values: [
      new TimestampValue(1_709_210_096_123_456n),
      new TimestampValue(1n),
      null,
      new TimestampValue(253_402_300_799_999_999n),
    ],
  },
];
const EXACT = struct(COLUMNS.map(({ name, type }) => field(name, type)));
const RECORDS = [0, 1, 2, 3].map((i) => Object.fromEntries(COLUMNS.map(({ name, values }) => [name, values[i]])));

/** `widened`: types that a table made for the frame has not, and what they are read back as. */
export function databaseContract(
  kind: TestKind,
  widened: Partial<Record<DataType["kind"], "short" | "timestampntz">> = {},
): void {
  describe(`database contract of ${kind}`, () => {
    let db: TestDatabase | undefined;
    beforeAll(async () => {
      db = await startDatabase(kind);
    });
    afterAll(async () => {
      await db?.stop();
    });

    const readBack = (type: DataType): DataType => {
      const kind_ = widened[type.kind];
      return kind_ === undefined ? type : { kind: kind_ };
    };
    // `SKIPPED` was printed when there is no server
    const check = (name: string, body: (database: TestDatabase) => Promise<void>): void =>
      test(name, async () => {
        if (db !== undefined) await body(db);
      });
    const read = ({ glue, options }: TestDatabase, more: object): DynamicFrame =>
      glue.createDynamicFrame.fromOptions({ connectionType: kind, connectionOptions: { ...options, ...more } });
    const write = (
      { glue, options }: TestDatabase,
      frame: DynamicFrame,
      dbtable: string,
      more: object = {},
      mode: "append" | "overwrite" | "error" | "ignore" | "merge" = "append",
    ) =>
      glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: kind,
        connectionOptions: { ...options, dbtable, ...more },
        mode,
      });
    const rows = ({ glue }: TestDatabase, records: readonly object[]): DynamicFrame =>
      glue.createDynamicFrame.fromRows(records);
    const failure = async (promise: Promise<unknown>): Promise<DynaframeError> => {
      const error = await promise.then(
        () => undefined,
        (e: unknown) => e,
      );
      if (!(error instanceof DynaframeError))
        throw new Error(`expected a DynaframeError, got ${String(error)}`, { cause: error });
      return error;
    };

    check("every type is written and read back as it was", async (database) => {
      const frame = database.glue.createDynamicFrame.fromRows(RECORDS, { schema: EXACT });
      expect(await write(database, frame, "every_type")).toMatchObject({
        read: 4,
        written: 4,
        errors: 0,
        balanced: true,
      });
      const back = read(database, { dbtable: "every_type" });
      expect(await back.schema()).toEqual(struct(EXACT.fields.map((f) => field(f.name, readBack(f.type)))));
      const byId = (a: object, b: object): number =>
        Number(BigInt((a as { id: number }).id) - BigInt((b as { id: number }).id));
      expect((await back.records()).sort(byId)).toEqual(RECORDS);
    });

    check("hash partitions give each row once, NULL, fractions and negative numbers included", async (database) => {
      await database.sql("CREATE TABLE parts (id INTEGER NOT NULL, k DOUBLE PRECISION, t VARCHAR(20))");
      const values = Array.from(
        { length: 2000 },
        (_, i) => `(${i}, ${i % 5 === 0 ? "NULL" : i % 3 === 0 ? -i - 0.5 : -i}, ${i % 7 === 0 ? "NULL" : `'t${i}'`})`,
      );
      await database.sql(`INSERT INTO parts VALUES ${values.join(",")}`);
      for (const partition of [
        { hashfield: "t" },
        { hashfield: "id", hashpartitions: 3 },
        { hashexpression: "id", hashpartitions: "4" },
        { hashexpression: kind === "postgresql" ? "k::numeric" : "k", hashpartitions: 5 },
      ]) {
        const records = await read(database, { dbtable: "parts", ...partition }).records();
        expect(records.map((r) => Number(r["id"])).sort((a, b) => a - b)).toEqual(values.map((_, i) => i));
      }
    });

    check("parts of a row's number that changes are refused: rows would be read twice or never", async (database) => {
      if (kind === "sqlite") return; // is read by one connection
      const isPostgres = kind === "postgresql";
      await database.sql("CREATE TABLE shaky (id INTEGER, random INTEGER)");
      await database.sql(
        `INSERT INTO shaky VALUES ${Array.from({ length: 500 }, (_, i) => `(${i}, ${i % 3})`).join(",")}`,
      );
      await database.sql("CREATE TABLE shaky_one (id INTEGER); INSERT INTO shaky_one VALUES (1)");
      const make = (name: string, body: string, how = ""): Promise<unknown> =>
        database.sql(
          isPostgres
            ? `CREATE FUNCTION ${name}(x bigint) RETURNS bigint LANGUAGE plpgsql ${how} AS 'BEGIN RETURN x + ${body}; END'`
            : `CREATE FUNCTION ${name}(x BIGINT) RETURNS BIGINT NOT DETERMINISTIC NO SQL RETURN x + ${body}`,
        );
      const anyNumber = isPostgres ? "(random() * 1000000)::bigint" : "FLOOR(RAND() * 1000000)";
      await make("shaky_random", anyNumber);
      await make("shaky_pure", "1");
      const all = { dbtable: "shaky" };
      const bad: object[] = [
        { ...all, hashexpression: anyNumber },
        { ...all, hashexpression: isPostgres ? "id + pg_backend_pid()" : "id + connection_id ()" },
        { ...all, hashexpression: isPostgres ? "extract(epoch from CURRENT_TIMESTAMP)::bigint" : "unix_timestamp()" },
        { ...all, hashexpression: "shaky_random(id)" },
        { dbtable: "shaky_one", hashexpression: "shaky_random(id)" },
      ];
      if (isPostgres) {
        await make("shaky_connection", "pg_backend_pid()", "STABLE");
        bad.push({ ...all, hashexpression: "shaky_connection(0) + id" });
        bad.push({ query: "SELECT id, shaky_random(id) AS r FROM shaky", hashfield: "r" });
        bad.push({ query: "SELECT id FROM shaky ORDER BY shaky_random(id) LIMIT 250", hashfield: "id" });
      }
      const refused = { code: "UNSTABLE_PARTITIONS", path: "hashexpression" };
      for (const options of bad) expect(await failure(read(database, options).count())).toMatchObject(refused);
      const good: object[] = [
        { ...all, hashexpression: "shaky_pure(id)" },
        { ...all, hashexpression: "random" },
        { ...all, hashexpression: "id /* now() */ + length('rand()')" },
        { query: "SELECT id FROM shaky ORDER BY id LIMIT 500", hashfield: "id" },
        { query: "SELECT id FROM shaky", hashexpression: "id", hashpartitions: 3 },
      ];
      for (const options of good) expect(await read(database, options).count()).toBe(500);
      expect(await read(database, { query: "SELECT id FROM shaky WHERE id < 0", hashexpression: "id" }).count()).toBe(
        0,
      );
    });

    check("a query is a source, by query and as dbtable in parentheses", async (database) => {
      await database.sql(
        "CREATE TABLE q (id INTEGER, v VARCHAR(10)); INSERT INTO q VALUES (1, 'a'), (2, 'b'), (3, 'c')",
      );
      expect(await read(database, { query: "SELECT id FROM q WHERE id > 1 -- the last ones" }).count()).toBe(2);
      expect(await read(database, { dbtable: "(SELECT v FROM q WHERE id = 3) AS t" }).records()).toEqual([{ v: "c" }]);
      for (const query of [
        "SELECT id FROM q; -- done",
        "SELECT id FROM q ;; /* ; */ ",
        "-- all\n/* of\nthem */ SELECT id FROM q;",
        "SELECT id, ';' AS s, '; -- it''s' AS t FROM q;",
        'SELECT id, 1 AS "a;--" FROM q -- ; c',
      ]) {
        expect(
          await read(database, {
            query: kind === "mariadb" || kind === "mysql" ? query.replace('"a;--"', "`a;--`") : query,
          }).count(),
        ).toBe(3);
      }
      expect(
        await read(database, { dbtable: '(SELECT v FROM q WHERE id = 2; -- two\n) AS "my t";' }).records(),
      ).toEqual([{ v: "b" }]);
      expect((await failure(read(database, { query: "SELECT id FROM q; DELETE FROM q" }).count())).code).toBe(
        "DATABASE_FAILED",
      );
      expect(await read(database, { dbtable: "q" }).count()).toBe(3);
      expect(await read(database, { dbtable: "q", sampleQuery: "SELECT v FROM q WHERE id = 1" }).records()).toEqual([
        { v: "a" },
      ]);
      expect(
        (await failure(read(database, { query: "SELECT a.id, b.id FROM q a JOIN q b ON a.id = b.id" }).count())).code,
      ).toBe("NAME_CLASH");
    });

    check("an empty table has its columns", async (database) => {
      await database.sql("CREATE TABLE empty_one (a BIGINT, b VARCHAR(10))");
      const frame = read(database, { dbtable: "empty_one" });
      expect([await frame.count(), (await frame.schema()).fields.map((f) => `${f.name}:${f.type.kind}`)]).toEqual([
        0,
        ["a:long", "b:string"],
      ]);
    });

    check("modes: append, overwrite, error, ignore", async (database) => {
      const table = "modes";
      const ids = async (): Promise<unknown> =>
        (await database.sql(`SELECT id FROM ${table} ORDER BY id`)).map(([id]) => Number(id));
      await write(database, rows(database, [{ id: 1 }, { id: 2 }]), table);
      await write(database, rows(database, [{ id: 3 }]), table);
      expect(await ids()).toEqual([1, 2, 3]);
      expect((await failure(write(database, rows(database, [{ id: 9 }]), table, {}, "error"))).code).toBe(
        "TARGET_EXISTS",
      );
      expect(await write(database, rows(database, [{ id: 9 }]), table, {}, "ignore")).toMatchObject({
        skipped: true,
        written: 0,
        balanced: true,
      });
      expect(await ids()).toEqual([1, 2, 3]);
      expect(await write(database, rows(database, [{ id: 7 }]), table, {}, "overwrite")).toMatchObject({
        written: 1,
        balanced: true,
      });
      expect(await ids()).toEqual([7]);
    });

    check("a frame without fields: without records nothing is to do, with records it is refused", async (database) => {
      await database.sql("CREATE TABLE kept (id INTEGER NOT NULL); INSERT INTO kept VALUES (1)");
      const count = async (): Promise<unknown> => (await database.sql("SELECT count(*) FROM kept"))[0]?.map(Number);
      expect(await write(database, rows(database, []), "kept")).toMatchObject({ read: 0, written: 0, balanced: true });
      expect(await write(database, rows(database, []), "kept", { mergeKeys: "id" }, "merge")).toMatchObject({
        written: 0,
        balanced: true,
      });
      expect(await write(database, rows(database, []), "never_made")).toMatchObject({ written: 0, balanced: true });
      for (const table of ["kept", "never_made"])
        expect(await failure(write(database, rows(database, [{}, {}]), table))).toMatchObject({
          code: "TYPE_NOT_HELD",
          path: table,
        });
      expect([await count(), (await failure(read(database, { dbtable: "never_made" }).count())).code]).toEqual([
        [1],
        "TABLE_NOT_FOUND",
      ]);
      await write(database, rows(database, []), "kept", {}, "overwrite");
      expect(await count()).toEqual([0]);
    });

    check("merge replaces by keys, adds the others, and leaves columns that the frame has not", async (database) => {
      await database.sql(
        "CREATE TABLE stock (sku VARCHAR(10), place VARCHAR(10), n INTEGER, note VARCHAR(10)); INSERT INTO stock VALUES ('a', 'x', 1, 'kept'), ('b', NULL, 2, 'kept'), ('c', 'x', 3, 'kept')",
      );
      const frame = rows(database, [
        { sku: "a", place: "x", n: 10 },
        { sku: "b", place: null, n: 20 },
        { sku: "d", place: "x", n: 40 },
      ]);
      expect(await write(database, frame, "stock", { mergeKeys: ["sku", "place"] }, "merge")).toMatchObject({
        written: 3,
        balanced: true,
      });
      const after = await database.sql("SELECT sku, place, n, note FROM stock ORDER BY sku");
      expect(after.map((r) => r.map((c) => (c === null ? null : String(c))))).toEqual([
        ["a", "x", "10", "kept"],
        ["b", null, "20", "kept"],
        ["c", "x", "3", "kept"],
        ["d", "x", "40", null],
      ]);
      const twice = rows(database, [
        { sku: "e", place: "x", n: 1 },
        { sku: "e", place: "x", n: 2 },
      ]);
      expect(await failure(write(database, twice, "stock", { mergeKeys: "sku,place" }, "merge"))).toMatchObject({
        code: "DUPLICATE_KEY",
        message: expect.stringContaining("sku = e") as string,
      });
      expect(await database.sql("SELECT sku FROM stock WHERE sku = 'e'")).toEqual([]);
    });

    check("rows that a trigger leaves out are not counted as written", async (database) => {
      if (kind === "mysql" || kind === "mariadb") return; // their triggers can only fail
      await database.sql("CREATE TABLE picky (k INTEGER, v INTEGER)");
      await database.sql(
        kind === "sqlite"
          ? "CREATE TRIGGER picky_skips BEFORE INSERT ON picky WHEN NEW.k = 2 BEGIN SELECT RAISE(IGNORE); END"
          : `CREATE FUNCTION picky_skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
          CREATE TRIGGER picky_skips BEFORE INSERT ON picky FOR EACH ROW WHEN (NEW.k = 2) EXECUTE FUNCTION picky_skip()`,
      );
      const merge = (records: readonly object[]): Promise<unknown> =>
        write(database, rows(database, records), "picky", { mergeKeys: "k" }, "merge");
      const appended = await write(
        database,
        rows(database, [
          { k: 1, v: 1 },
          { k: 2, v: 2 },
        ]),
        "picky",
      );
      expect(appended).toMatchObject({ read: 2, written: 1, balanced: false });
      expect(
        await merge([
          { k: 1, v: 9 },
          { k: 2, v: 2 },
          { k: 3, v: 3 },
        ]),
      ).toMatchObject({ read: 3, written: 2, balanced: false });
      expect(await merge([{ k: 1, v: 8 }])).toMatchObject({ written: 1, balanced: true });
      expect((await database.sql("SELECT k, v FROM picky ORDER BY k")).map((row) => row.map(Number))).toEqual([
        [1, 8],
        [3, 3],
      ]);
    });

    check("a collection goes into tables of its frames' names, all in one transaction", async (database) => {
      const { glue, options, sql } = database;
      const orders = rows(database, [
        { id: 1, items: [{ sku: "a" }, { sku: "b" }] },
        { id: 2, items: [{ sku: "c" }] },
      ]).relationalize("c_orders");
      const send = (
        frame: DynamicFrameCollection,
        more: object = {},
        mode: "append" | "overwrite" | "ignore" | "merge" = "append",
      ) =>
        glue.writeDynamicFrame.fromOptions({
          frame,
          connectionType: kind,
          connectionOptions: { ...options, useFrameName: true, ...more },
          mode,
        });
      const report = await send(orders);
      expect(Object.entries(report.tables).map(([name, { written, balanced }]) => [name, written, balanced])).toEqual([
        ["c_orders", 2, true],
        ["c_orders_items", 3, true],
      ]);
      const counts = async (): Promise<number[]> =>
        Promise.all(["c_orders", "c_orders_items"].map((table) => read(database, { dbtable: table }).count()));
      expect(await counts()).toEqual([2, 3]);

      // the second table takes no null: what went into the first is taken back, and a table made for the write is gone
      await sql("CREATE TABLE c_strict (id INTEGER NOT NULL)");
      const strict = DynamicFrameCollection.of({
        c_orders: orders.select("c_orders"),
        c_new: rows(database, [{ id: 1 }]),
        c_strict: rows(database, [{ id: 1 }, { id: null }]),
      });
      await failure(send(strict));
      expect(await counts()).toEqual([2, 3]);
      expect((await sql("SELECT count(*) FROM c_strict"))[0]?.map(String)).toEqual(["0"]);
      await expect(sql("SELECT count(*) FROM c_new")).rejects.toThrow();

      const again = DynamicFrameCollection.of({
        c_a: rows(database, [
          { id: 1, v: "x" },
          { id: 2, v: "y" },
        ]),
        c_b: rows(database, [{ id: 7, v: "z" }]),
      });
      await send(again);
      await send(
        DynamicFrameCollection.of({
          c_a: rows(database, [{ id: 2, v: "Y" }]),
          c_b: rows(database, [
            { id: 7, v: "Z" },
            { id: 8, v: "8" },
          ]),
        }),
        { mergeKeys: "id" },
        "merge",
      );
      const held = async (table: string): Promise<unknown> =>
        (await read(database, { dbtable: table }).records()).sort((a, b) => Number(a["id"]) - Number(b["id"]));
      expect([await held("c_a"), await held("c_b")]).toEqual([
        [
          { id: 1, v: "x" },
          { id: 2, v: "Y" },
        ],
        [
          { id: 7, v: "Z" },
          { id: 8, v: "8" },
        ],
      ]);
      const skipped = await send(
        DynamicFrameCollection.of({ c_a: rows(database, [{ id: 9, v: "n" }]), c_c: rows(database, [{ id: 9 }]) }),
        {},
        "ignore",
      );
      expect([skipped.skipped, skipped.tables["c_a"]?.skipped, skipped.tables["c_c"]?.written]).toEqual([
        false,
        true,
        1,
      ]);
      expect(await failure(send(again, { dbtable: "c_a" }))).toMatchObject({ code: "BAD_OPTION", path: "dbtable" });
      expect(
        await failure(
          glue.writeDynamicFrame.fromOptions({
            frame: rows(database, [{ id: 1 }]),
            connectionType: kind,
            connectionOptions: options,
          }),
        ),
      ).toMatchObject({ code: "BAD_ARGUMENT", path: "dbtable" });
    });

    check("pre- and postactions run in the transaction of the rows", async (database) => {
      await database.sql("CREATE TABLE log_lines (what VARCHAR(20)); CREATE TABLE acted (id INTEGER)");
      const actions = {
        preactions: ["INSERT INTO log_lines VALUES ('before')"],
        postactions: "INSERT INTO log_lines SELECT 'after' FROM acted",
      };
      await write(database, rows(database, [{ id: 1 }]), "acted", actions);
      expect((await database.sql("SELECT what FROM log_lines ORDER BY what")).flat()).toEqual(["after", "before"]);
      expect(
        (
          await failure(
            write(database, rows(database, [{ id: 2 }]), "acted", {
              ...actions,
              postactions: "INSERT INTO no_such_table VALUES (1)",
            }),
          )
        ).code,
      ).toBe("TABLE_NOT_FOUND");
      expect(
        [await database.sql("SELECT what FROM log_lines"), await database.sql("SELECT id FROM acted")].map(
          (r) => r.length,
        ),
      ).toEqual([2, 1]);
    });

    check("a value that the column cannot hold is named, and nothing is written", async (database) => {
      await database.sql("CREATE TABLE narrow (id INTEGER, small_one SMALLINT, price DECIMAL(6,2))");
      const good = Array.from({ length: 3000 }, (_, i) => ({ id: i, price: new Decimal(125n, 2) }));
      const bad = await failure(
        write(database, rows(database, [...good, { id: 3001, price: new Decimal(1234567n, 3) }]), "narrow"),
      );
      expect(bad).toMatchObject({ code: "VALUE_NOT_HELD", path: "price", found: "1234.567" });
      expect(await database.sql("SELECT * FROM narrow")).toEqual([]);
    });

    check(
      "a type that no column holds, an unresolved choice and an unknown column are refused by name",
      async (database) => {
        await database.sql("CREATE TABLE typed (id INTEGER, v DOUBLE PRECISION)");
        expect(await failure(write(database, rows(database, [{ id: 1, v: "x" }]), "typed"))).toMatchObject({
          code: "TYPE_NOT_HELD",
          path: "v",
          found: "string",
        });
        expect(await failure(write(database, rows(database, [{ id: 1, w: 1 }]), "typed"))).toMatchObject({
          code: "COLUMN_NOT_FOUND",
          path: "w",
        });
        expect(
          await failure(
            write(
              database,
              rows(database, [
                { id: 1, v: 1 },
                { id: 2, v: "x" },
              ]),
              "typed",
            ),
          ),
        ).toMatchObject({ code: "UNRESOLVED_CHOICE", path: "v" });
        expect(
          await failure(write(database, rows(database, [{ id: 1, n: { list: [1, "x"] } }]), "made_by_choice")),
        ).toMatchObject({ code: "UNRESOLVED_CHOICE", path: "n.list[]" });
        expect((await failure(read(database, { dbtable: "made_by_choice" }).count())).code).toBe("TABLE_NOT_FOUND");
        expect(await database.sql("SELECT * FROM typed")).toEqual([]);
      },
    );

    check(
      "constraints of the database name their column, and nothing is written; a table made for a failed write is gone",
      async (database) => {
        await database.sql("CREATE TABLE strict_one (id INTEGER PRIMARY KEY, n VARCHAR(10) NOT NULL)");
        expect(
          await failure(
            write(
              database,
              rows(database, [
                { id: 1, n: "a" },
                { id: 2, n: null },
              ]),
              "strict_one",
            ),
          ),
        ).toMatchObject({ code: "VALUE_NOT_HELD", path: "n" });
        expect(
          (
            await failure(
              write(
                database,
                rows(database, [
                  { id: 1, n: "a" },
                  { id: 1, n: "b" },
                ]),
                "strict_one",
              ),
            )
          ).code,
        ).toBe("VALUE_NOT_HELD");
        expect(await database.sql("SELECT * FROM strict_one")).toEqual([]);
        expect(
          (
            await failure(
              write(database, rows(database, [{ id: 1 }]), "gone_again", {
                postactions: "INSERT INTO no_such_table VALUES (1)",
              }),
            )
          ).code,
        ).toBe("TABLE_NOT_FOUND");
        expect((await failure(read(database, { dbtable: "gone_again" }).count())).code).toBe("TABLE_NOT_FOUND");
      },
    );

    check("malformed records and failed functions are counted: read = written + errors", async (database) => {
      const path = join(database.folder, "lines.json");
      await writeFile(path, '{"id": 1}\n{"id": 2}\n{bad\n{"id": 4}\n');
      const frame = database.glue.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path }, format: "json" })
        .map((r) => {
          if (r["id"] === 4) throw new Error("no fours");
          return r;
        });
      expect(await write(database, frame, "counted")).toMatchObject({ read: 4, written: 2, errors: 2, balanced: true });
    });

    check("a catalog table of the database is read and written through its connection", async (database) => {
      const { glue, options } = database;
      const name = `named_${kind}`;
      await glue.catalog.createConnection({
        Name: name,
        ConnectionType: "JDBC",
        ConnectionProperties: {
          JDBC_CONNECTION_URL: options.url,
          ...(options.user ? { USERNAME: options.user, PASSWORD: options.password ?? "" } : {}),
        },
      });
      await glue.catalog.createDatabase({ Name: "cat" });
      await database.sql(
        "CREATE TABLE by_name (id INTEGER, v VARCHAR(10)); INSERT INTO by_name VALUES (1, 'a'), (2, NULL)",
      );
      await glue.catalog.createTable("cat", {
        Name: "by_name",
        Parameters: {
          classification: kind,
          connectionName: name,
          dbtable: "by_name",
          hashfield: "v",
          hashpartitions: "2",
        },
      });
      expect(await glue.createDynamicFrame.fromCatalog({ database: "cat", tableName: "by_name" }).count()).toBe(2);
      const more = glue.createDynamicFrame.fromRows([{ id: 3, v: "c" }]);
      expect(
        await glue.writeDynamicFrame.fromCatalog({ frame: more, database: "cat", tableName: "by_name" }),
      ).toMatchObject({ written: 1, balanced: true });
      expect(
        await glue.writeDynamicFrame.fromJdbcConf({
          frame: more,
          catalogConnection: name,
          connectionOptions: { dbtable: "by_name" },
        }),
      ).toMatchObject({ written: 1 });
      expect(
        await glue.createDynamicFrame
          .fromOptions({
            connectionType: "jdbc",
            connectionOptions: { connectionName: name, useConnectionProperties: "true", dbtable: "by_name" },
          })
          .count(),
      ).toBe(4);
      const missing = await failure(
        glue.createDynamicFrame
          .fromOptions({
            connectionType: kind,
            connectionOptions: { connectionName: `nmed_${kind}`, dbtable: "by_name" },
          })
          .count(),
      );
      expect(missing).toMatchObject({ code: "ENTITY_NOT_FOUND", hint: expect.stringContaining(name) as string });
    });

    check("misspelt options and contradictions are refused before anything is opened", async (database) => {
      const { glue } = database;
      const from = (connectionOptions: object): unknown =>
        glue.createDynamicFrame.fromOptions({ connectionType: kind, connectionOptions });
      expect(() => from({ url: "x", dbtabel: "t" })).toThrow(
        expect.objectContaining({ code: "BAD_OPTION", hint: "Did you mean dbtable?" }) as Error,
      );
      expect(() => from({ url: "x" })).toThrow(expect.objectContaining({ code: "BAD_ARGUMENT" }) as Error);
      expect(() => from({ url: "x", dbtable: "t", hashfield: "a", hashpartitions: 0 })).toThrow(
        expect.objectContaining({ code: "BAD_OPTION", path: "hashpartitions" }) as Error,
      );
      expect((await failure(write(database, rows(database, [{ id: 1 }]), "t", {}, "merge"))).path).toBe("mergeKeys");
      // what a driver would fail on outside of any call, or wait for without end
      for (const [path, value] of Object.entries({
        user: 5,
        password: 5,
        url: 5,
        database: null,
        dbtable: {},
        connectTimeout: 0,
        readTimeout: 1e12,
      })) {
        expect(() => from({ url: "x", dbtable: "t", [path]: value })).toThrow(
          expect.objectContaining({ code: "BAD_OPTION", path, hint: expect.any(String) as string }) as Error,
        );
      }
      expect(() => from({ url: "x", dbtable: "t", readTimeout: "forever" })).toThrow(
        expect.objectContaining({ code: "BAD_OPTION", path: "readTimeout" }) as Error,
      );
    });

    check("an abort ends a read", async (database) => {
      const stop = new AbortController();
      stop.abort();
      await expect(read(database, { dbtable: "every_type" }).count({ signal: stop.signal })).rejects.toThrow();
    });
  });
}
