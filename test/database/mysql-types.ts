/**
 * Types of MySQL and MariaDB, on either, read exactly; expectations come from the documentation's ranges and from what
 * was inserted.
 */
import {
  DOUBLE,
  Decimal,
  DateValue,
  FLOAT,
  INT,
  TimestampValue,
  field,
  struct,
  type DynamicFrame,
} from "../../src/index.js";
import { startDatabase, type TestDatabase } from "./servers.js";

export function mysqlTypes(kind: "mariadb" | "mysql"): void {
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
  const read = ({ glue, options }: TestDatabase, dbtable: string): DynamicFrame =>
    glue.createDynamicFrame.fromOptions({ connectionType: "mysql", connectionOptions: { ...options, dbtable } });
  const types = async (frame: DynamicFrame): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await frame.schema()).fields.map((f) => [
        f.name,
        "precision" in f.type ? `decimal(${f.type.precision},${f.type.scale})` : f.type.kind,
      ]),
    );

  check("numbers, signed and unsigned, bits and booleans", async (database) => {
    await database.sql(
      "CREATE TABLE numbers (b BOOLEAN, t TINYINT(1), tu TINYINT UNSIGNED, su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED, iu INT UNSIGNED, bu BIGINT UNSIGNED, d DECIMAL(38,10), du DECIMAL(5,2) UNSIGNED, one BIT(1), bits BIT(63), wide BIT(64), y YEAR, f FLOAT, g DOUBLE)",
    );
    await database.sql(
      "INSERT INTO numbers VALUES (TRUE, 5, 255, 65535, -8388608, 16777215, 4294967295, 18446744073709551615, 1234567890123456789012345678.0123456789, 999.99, b'1', 9223372036854775807, 18446744073709551615, 2155, 16777216, 0.1), (FALSE, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0.0000000001, NULL, b'0', 1, 0, 0, 1.1, -2.2250738585072014e-308)",
    );
    const frame = read(database, "numbers");
    expect(await types(frame)).toEqual({
      b: "boolean",
      t: "byte",
      tu: "short",
      su: "int",
      m: "int",
      mu: "int",
      iu: "long",
      bu: "decimal(20,0)",
      d: "decimal(38,10)",
      du: "decimal(5,2)",
      one: "boolean",
      bits: "long",
      wide: "decimal(20,0)",
      y: "int",
      f: "float",
      g: "double",
    });
    expect(await frame.records()).toEqual([
      {
        b: true,
        t: 5,
        tu: 255,
        su: 65535,
        m: -8388608,
        mu: 16777215,
        iu: 4294967295,
        bu: new Decimal(18446744073709551615n, 0),
        d: new Decimal(12345678901234567890123456780123456789n, 10),
        du: new Decimal(99999n, 2),
        one: true,
        bits: 9223372036854775807n,
        wide: new Decimal(18446744073709551615n, 0),
        y: 2155,
        f: 16777216,
        g: 0.1,
      },
      {
        b: false,
        t: null,
        tu: null,
        su: null,
        m: null,
        mu: null,
        iu: null,
        bu: null,
        d: new Decimal(-1n, 10),
        du: null,
        one: false,
        bits: 1,
        wide: new Decimal(0n, 0),
        y: 0,
        f: Math.fround(1.1),
        g: -2.2250738585072014e-308,
      },
    ]);
  });

  check("texts, enums, sets, json, binaries in their charsets", async (database) => {
    // MySQL has no UUID, and keeps JSON as a document (its manual, "The JSON Data Type"): printed anew, numbers with a
    // point as doubles
    await database.sql(
      `CREATE TABLE texts (e ENUM('a','b'), s SET('x','y'), j JSON, l VARCHAR(10) CHARACTER SET latin1, c CHAR(4), v VARBINARY(4), bl BLOB, t TIME(3), u ${kind === "mysql" ? "CHAR(36)" : "UUID"})`,
    );
    await database.sql(
      "INSERT INTO texts VALUES ('b', 'x,y', '{\"a\": 1.50}', 'é', 'ab', X'00FF', X'', '-838:59:59', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
    );
    expect(await read(database, "texts").records()).toEqual([
      {
        e: "b",
        s: "x,y",
        j: kind === "mysql" ? '{"a": 1.5}' : '{"a": 1.50}',
        l: "é",
        c: "ab",
        v: new Uint8Array([0, 255]),
        bl: new Uint8Array([]),
        t: "-838:59:59.000",
        u: "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      },
    ]);
  });

  check("times in UTC; zero dates make a column text, and a note counts them", async (database) => {
    await database.sql(
      "SET SESSION sql_mode = '', time_zone = '+00:00'; CREATE TABLE days (d DATE, z DATE, dt DATETIME(6), ts TIMESTAMP(6) NULL, zt DATETIME); INSERT INTO days VALUES ('2024-02-29', '0000-00-00', '9999-12-31 23:59:59.999999', '2024-02-29 12:34:56.123456', '2024-00-00 00:00:00'), ('1000-01-01', '2024-01-01', NULL, '1970-01-01 00:00:01', '2024-01-01 01:02:03')",
    );
    const frame = read(database, "days");
    expect(await frame.records()).toEqual([
      {
        d: new DateValue(19_782),
        z: "0000-00-00",
        dt: new TimestampValue(253_402_300_799_999_999n),
        ts: new TimestampValue(1_709_210_096_123_456n),
        zt: "2024-00-00 00:00:00",
      },
      // 1000-01-01 is 354285 days before 1970 in the proleptic Gregorian calendar
      {
        d: new DateValue(-354_285),
        z: "2024-01-01",
        dt: null,
        ts: new TimestampValue(1_000_000n),
        zt: "2024-01-01 01:02:03",
      },
    ]);
    const { sources } = await frame.environment.resolve(frame.node);
    expect(sources.flatMap((s) => s.notes)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Column z is read as text: 1 values/),
        expect.stringMatching(/Column zt is read as text: 1 values/),
      ]),
    );
  });

  check("decimals of more than 38 digits are decimals as long as their values are", async (database) => {
    await database.sql(
      "CREATE TABLE big (a DECIMAL(65,30), b DECIMAL(65,0)); INSERT INTO big VALUES (12345678.000000000000000000000000000001, 99999999999999999999999999999999999999999), (NULL, 1)",
    );
    const frame = read(database, "big");
    expect(await types(frame)).toEqual({ a: "decimal(38,30)", b: "string" });
    expect((await frame.records()).map((r) => [String(r["a"]), r["b"]])).toEqual([
      ["12345678.000000000000000000000000000001", "99999999999999999999999999999999999999999"],
      ["null", "1"],
    ]);
  });

  check(
    "values that would be rounded, cut or wrapped are refused by column; bits, enums, unsigned and json are written",
    async (database) => {
      await database.sql(
        "CREATE TABLE narrow_ones (u BIGINT UNSIGNED, b BIT(5), e ENUM('it''s','b'), j JSON, dt DATETIME(3), v VARCHAR(3), f FLOAT, ti TIME(1), y YEAR, flag BOOLEAN)",
      );
      const good = {
        u: 18446744073709551615n,
        b: 21,
        e: "it's",
        j: { a: ["\\ '"] },
        dt: new TimestampValue(1_709_210_096_123_000n),
        v: "🦆🦆🦆",
        f: Math.fround(0.1),
        ti: "12:00:00.5",
        y: 2024,
        flag: true,
      };
      const write = (record: object): Promise<unknown> =>
        database.glue.writeDynamicFrame.fromOptions({
          frame: database.glue.createDynamicFrame.fromRows([record]),
          connectionType: "mysql",
          connectionOptions: { ...database.options, dbtable: "narrow_ones" },
        });
      const bad: readonly (readonly [string, unknown])[] = [
        ["u", -1],
        ["b", 32],
        ["dt", new TimestampValue(1n)],
        ["v", "four"],
        ["f", 0.1],
        ["ti", "12:00:00.55"],
        ["e", "c"],
        ["y", 1900],
        ["j", "{"],
        ["f", NaN],
      ];
      for (const [path, value] of bad)
        await expect(write({ ...good, [path]: value })).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path });
      expect(await database.sql("SELECT * FROM narrow_ones")).toEqual([]);
      await write(good);
      const [row] = await read(database, "narrow_ones").records();
      expect(row).toEqual({
        ...good,
        u: new Decimal(18446744073709551615n, 0),
        j: kind === "mysql" ? '{"a": ["\\\\ \'"]}' : '{"a":["\\\\ \'"]}',
      });
    },
  );

  check(
    "values that the server would round, fill up, trim or take for another are refused by column",
    async (database) => {
      await database.sql(
        "CREATE TABLE changed (f FLOAT(7,2), g DOUBLE(7,2), gu DOUBLE UNSIGNED, du DECIMAL(5,2) UNSIGNED, c CHAR(4), b BINARY(4), e ENUM('red','b\\\\lue','it''s'), s SET('x','y'), y YEAR, j JSON)",
      );
      const good = {
        f: 1.25,
        g: 12_345.5,
        gu: 1.5,
        du: 1.5,
        c: " ab",
        b: new Uint8Array([1, 0, 0, 0]),
        e: "b\\lue",
        s: "y,x",
        y: 0,
        j: '{"a": 1.5}',
      };
      const write = (record: object): Promise<unknown> =>
        database.glue.writeDynamicFrame.fromOptions({
          frame: database.glue.createDynamicFrame.fromRows([record]),
          connectionType: "mysql",
          connectionOptions: { ...database.options, dbtable: "changed" },
        });
      const bad: readonly (readonly [string, unknown])[] = [
        ["f", 1.125],
        ["g", 1.125],
        ["g", 1_234_567],
        ["gu", -1.5],
        ["du", -1.5],
        ["c", "ab  "],
        ["b", new Uint8Array([1])],
        ["e", "2"],
        ["e", "RED"],
        ["e", "red "],
        ["s", "3"],
        ["s", "x,x"],
        ["s", "X"],
        ["y", 24],
        ...(kind === "mysql"
          ? ([
              ["j", '{"a": 1, "a": 2}'],
              ["j", "12345678901234567890.123456789"],
              ["j", "18446744073709551616"],
            ] as const)
          : []),
      ];
      for (const [path, value] of bad)
        await expect(write({ ...good, [path]: value })).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path });
      expect(await database.sql("SELECT * FROM changed")).toEqual([]);
      await write(good);
      expect(await database.sql("SELECT f, g, gu, du, c, HEX(b), e, s, y FROM changed")).toEqual([
        ["1.25", "12345.50", "1.5", "1.50", " ab", "01000000", "b\\lue", "x,y", "0000"],
      ]);
    },
  );

  check(
    "0 stays 0 in a column that numbers rows itself; -0 stays -0, or is refused by MariaDB, which has none",
    async (database) => {
      await database.sql("CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY, g DOUBLE, f FLOAT)");
      const schema = struct([field("id", INT), field("g", DOUBLE), field("f", FLOAT)]);
      const connectionOptions = { ...database.options, dbtable: "numbered" };
      const write = (rows: readonly object[]): Promise<unknown> => {
        const frame = database.glue.createDynamicFrame.fromRows(rows, { schema });
        return database.glue.writeDynamicFrame.fromOptions({ frame, connectionType: "mysql", connectionOptions });
      };
      const held = async (): Promise<unknown> =>
        (await read(database, "numbered").records()).sort((a, b) => Number(a["id"]) - Number(b["id"]));
      await write([
        { id: 0, g: 1.5, f: 0 },
        { id: 7, g: 0, f: 0.5 },
        { id: null, g: 0.5, f: -1.5 },
      ]);
      const first = [
        { id: 0, g: 1.5, f: 0 },
        { id: 7, g: 0, f: 0.5 },
        { id: 8, g: 0.5, f: -1.5 },
      ];
      expect(await held()).toEqual(first);
      const zeros = [
        { id: 9, g: -0, f: 1 },
        { id: 10, g: 1, f: -0 },
      ];
      if (kind === "mysql") await write(zeros);
      else
        for (const [i, path] of ["g", "f"].entries()) {
          await expect(write(zeros.slice(i, i + 1))).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path });
        }
      expect(await held()).toEqual(kind === "mariadb" ? first : [...first, ...zeros]);
    },
  );

  check("a value that only the server can refuse is named with its column and row", async (database) => {
    await database.sql("CREATE TABLE latin (id INT, l VARCHAR(10) CHARACTER SET latin1, t TIME, j JSON)");
    const write = (record: object): Promise<unknown> => {
      const frame = database.glue.createDynamicFrame.fromRows([
        ...Array.from({ length: 2000 }, (_, i) => ({ id: i, l: "é", t: "12:00:00", j: "{}" })),
        { id: 2000, l: "é", t: "12:00:00", j: "{}", ...record },
      ]);
      return database.glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "mysql",
        connectionOptions: { ...database.options, dbtable: "latin" },
      });
    };
    for (const [path, value] of [
      ["l", "🦆"],
      ["t", "839:00:00"],
    ] as const) {
      await expect(write({ [path]: value })).rejects.toMatchObject({
        code: "VALUE_NOT_HELD",
        path,
        found: JSON.stringify(value),
        message: expect.stringContaining("row 2001") as string,
      });
    }
    await expect(write({ j: '"\\ud800"' })).rejects.toMatchObject({ code: "VALUE_NOT_HELD", path: "j" });
    expect(await database.sql("SELECT * FROM latin")).toEqual([]);
  });

  check("a table without transactions is refused", async (database) => {
    await database.sql("CREATE TABLE old_engine (id INT) ENGINE = MyISAM");
    await expect(
      database.glue.writeDynamicFrame.fromOptions({
        frame: database.glue.createDynamicFrame.fromRows([{ id: 1 }]),
        connectionType: "mysql",
        connectionOptions: { ...database.options, dbtable: "old_engine" },
      }),
    ).rejects.toMatchObject({ code: "UNSUPPORTED", found: "MyISAM" });
  });
}
