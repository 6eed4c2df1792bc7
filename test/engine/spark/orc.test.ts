/** ORC, which Spark reads and writes and the embedded engines refuse. */
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DateValue, Decimal, GlueContext, TimestampValue } from "../../../src/index.js";
import { describeSpark, sparkAddress } from "./spark-server.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dynaframe-orc-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const RECORDS = [
  {
    id: 1,
    big: 9007199254740993n,
    price: new Decimal(1234n, 2),
    day: new DateValue(19_000),
    at: new TimestampValue(1_700_000_000_123_456n),
    text: "ä'{}",
    list: [1, 2],
    in: { x: true },
    bytes: Uint8Array.of(1, 2),
    k: "a",
  },
  {
    id: 2,
    big: 5n,
    price: null,
    day: null,
    at: new TimestampValue(-5_000_000n),
    text: "",
    list: [],
    in: { x: null },
    bytes: null,
    k: "b",
  },
  {
    id: 3,
    big: 6n,
    price: new Decimal(1n, 2),
    day: new DateValue(-1),
    at: null,
    text: null,
    list: null,
    in: null,
    bytes: Uint8Array.of(),
    k: "a",
  },
];

describeSpark("ORC", () => {
  test("what is written is read again, with its types, by partition", async () => {
    await using glue = await GlueContext.open({ catalog: join(folder, "catalog"), engine: sparkAddress, threads: 1 });
    const path = join(folder, "out");
    const frame = glue.createDynamicFrame.fromRows(RECORDS);
    const report = await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path, partitionKeys: ["k"], compression: "zlib" },
      format: "orc",
    });
    expect([report.read, report.written, report.balanced]).toEqual([3, 3, true]);
    expect((await readdir(path)).sort()).toEqual(["k=a", "k=b"]);
    const [first = ""] = await readdir(join(path, "k=a"));
    expect([first.endsWith(".orc"), (await readFile(join(path, "k=a", first))).subarray(0, 3).toString()]).toEqual([
      true,
      "ORC",
    ]);
    const back = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { path },
      format: "orc",
    });
    expect((await back.schemaTree()).replaceAll(/ \(nullable = true\)/g, "")).toContain("|-- price: decimal");
    const rows = (await back.records()).sort((a, b) => Number(a["id"]) - Number(b["id"]));
    expect(rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))).toEqual([
      {
        id: 1,
        big: 9007199254740993n,
        price: new Decimal(1234n, 2),
        day: new DateValue(19_000),
        at: new TimestampValue(1_700_000_000_123_456n),
        text: "ä'{}",
        list: [1, 2],
        in: { x: true },
        bytes: Uint8Array.of(1, 2),
        k: "a",
      },
      { id: 2, big: 5, at: new TimestampValue(-5_000_000n), text: "", list: [], in: { x: null }, k: "b" },
      { id: 3, big: 6, price: new Decimal(1n, 2), day: new DateValue(-1), bytes: Uint8Array.of(), k: "a" },
    ]);
    expect(await back.filter("id > 1").count()).toBe(2);
  }, 180_000);

  const write = (glue: GlueContext, name: string, records: readonly object[]) =>
    glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows(records),
      connectionType: "file",
      connectionOptions: { path: join(folder, name) },
      format: "orc",
    });

  test("instants that ORC's files would change by a second are refused, wherever they are; all others arrive", async () => {
    await using glue = await GlueContext.open({ catalog: join(folder, "instants"), engine: sparkAddress, threads: 1 });
    const micros = [
      -62_135_596_800_000_000n,
      -62_135_596_799_999_000n,
      -4_999_000n,
      -4_500_000n,
      -4_001_000n,
      -1_001_000n,
      -1_000_001n,
      -1_000_000n,
      0n,
      1n,
      999n,
      253_402_300_799_999_999n,
    ];
    await write(
      glue,
      "good",
      micros.map((m, id) => ({ id, at: new TimestampValue(m), in: [{ at: new TimestampValue(m) }] })),
    );
    const back = await glue.createDynamicFrame
      .fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, "good") }, format: "orc" })
      .records();
    const seen = back
      .sort((a, b) => Number(a["id"]) - Number(b["id"]))
      .map((row) => [(row["at"] as TimestampValue).micros, (row["in"] as { at: TimestampValue }[])[0]?.at.micros]);
    expect(seen).toEqual(micros.map((m) => [m, m]));
    for (const [i, m] of [-1n, -500_000n, -999_999n, -4_999_500n, -4_999_999n].entries()) {
      await expect(write(glue, `bad${i}`, [{ at: new TimestampValue(m) }])).rejects.toMatchObject({
        code: "CAST_FAILED",
        path: "at",
      });
    }
    await expect(write(glue, "nested", [{ in: [{ at: new TimestampValue(-1n) }] }])).rejects.toMatchObject({
      code: "CAST_FAILED",
      path: "in",
    });
    await expect(write(glue, "map", [{ c: 1 }, { c: new TimestampValue(-1n) }])).rejects.toMatchObject({
      code: "CAST_FAILED",
      path: "c",
    });
  }, 180_000);

  test("a damaged file is named, whether its footer cannot be read or its rows", async () => {
    await using glue = await GlueContext.open({ catalog: join(folder, "damaged"), engine: sparkAddress, threads: 1 });
    for (const [name, damage] of [
      ["footer", (bytes: Buffer) => bytes.subarray(0, bytes.length - 10)],
      ["none", () => Buffer.from("no ORC at all, but long enough to look like some file")],
      ["rows", (bytes: Buffer) => bytes.fill(0xff, 3, bytes.length / 2)],
    ] as const) {
      for (const part of ["a", "b"])
        await write(
          glue,
          `${name}/${part}`,
          Array.from({ length: 2000 }, (_, id) => ({ id, text: `row ${id}` })),
        );
      const path = join(
        folder,
        name,
        "b",
        (await readdir(join(folder, name, "b"))).find((file) => file.endsWith(".orc")) ?? "",
      );
      await writeFile(path, damage(await readFile(path)));
      const read = glue.createDynamicFrame
        .fromOptions({ connectionType: "file", connectionOptions: { path: join(folder, name) }, format: "orc" })
        .records();
      await expect(read).rejects.toMatchObject({
        code: "READ_FAILED",
        file: path,
        message: expect.stringContaining(path),
        hint: expect.stringContaining("damaged"),
      });
    }
  }, 180_000);

  test("a table of the catalog is read: partitions by their predicate and with the catalog's types", async () => {
    await using glue = await GlueContext.open({ catalog: join(folder, "tables"), engine: sparkAddress, threads: 1 });
    const path = join(folder, "table");
    const frame = glue.createDynamicFrame.fromRows([
      { id: 1, v: "x", year: 2024 },
      { id: 2, v: null, year: 2024 },
      { id: 3, v: "z", year: 2025 },
    ]);
    await glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path, partitionKeys: ["year"] },
      format: "orc",
    });
    const { catalog } = glue;
    await catalog?.createDatabase({ Name: "lake" });
    const descriptor = (location: string) => ({
      Location: location,
      Columns: [
        { Name: "id", Type: "int" },
        { Name: "v", Type: "string" },
      ],
    });
    await catalog?.createTable("lake", {
      Name: "orders",
      Parameters: { classification: "orc" },
      PartitionKeys: [{ Name: "year", Type: "int" }],
      StorageDescriptor: descriptor(path),
    });
    await catalog?.batchCreatePartition(
      "lake",
      "orders",
      ["2024", "2025"].map((year) => ({ Values: [year], StorageDescriptor: descriptor(join(path, `year=${year}`)) })),
    );
    const rows = await glue.createDynamicFrame.fromCatalog({ database: "lake", tableName: "orders" }).records();
    expect(rows.sort((a, b) => Number(a["id"]) - Number(b["id"]))).toEqual([
      { id: 1, v: "x", year: 2024 },
      { id: 2, v: null, year: 2024 },
      { id: 3, v: "z", year: 2025 },
    ]);
    const some = glue.createDynamicFrame.fromCatalog({
      database: "lake",
      tableName: "orders",
      pushDownPredicate: "year > 2024",
    });
    expect(await some.records()).toEqual([{ id: 3, v: "z", year: 2025 }]);
    expect(await glue.sql("select count(*) as n, max(year) as y from lake.orders").rows()).toEqual([{ n: 3, y: 2025 }]);
  }, 180_000);

  test("options and codecs are checked", async () => {
    await using glue = await GlueContext.open({ catalog: join(folder, "options"), engine: sparkAddress, threads: 1 });
    const frame = glue.createDynamicFrame.fromRows([{ id: 1 }]);
    await expect(
      glue.writeDynamicFrame.fromOptions({
        frame,
        connectionType: "file",
        connectionOptions: { path: join(folder, "x"), compression: "gzip" },
        format: "orc",
      }),
    ).rejects.toMatchObject({ code: "BAD_OPTION" });
    expect(() =>
      glue.createDynamicFrame.fromOptions({
        connectionType: "file",
        connectionOptions: { path: folder },
        format: "orc",
        formatOptions: { nope: 1 },
      }),
    ).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  }, 180_000);
});

test.each(["duckdb", "reference"])("%s refuses to read and to write it, and names Spark", async (engine) => {
  await using glue = await GlueContext.open({ catalog: join(folder, engine), engine, threads: 1 });
  const frame = glue.createDynamicFrame.fromRows([{ id: 1 }]);
  const refused = { code: "UNSUPPORTED_FORMAT", hint: expect.stringContaining("Spark") };
  await expect(
    glue.writeDynamicFrame.fromOptions({
      frame,
      connectionType: "file",
      connectionOptions: { path: join(folder, "refused") },
      format: "orc",
    }),
  ).rejects.toMatchObject(refused);
  await glue.writeDynamicFrame.fromOptions({
    frame,
    connectionType: "file",
    connectionOptions: { path: join(folder, `json-${engine}`) },
    format: "json",
  });
  await expect(
    glue.createDynamicFrame
      .fromOptions({
        connectionType: "file",
        connectionOptions: { path: join(folder, `json-${engine}`) },
        format: "orc",
      })
      .count(),
  ).rejects.toMatchObject(refused);
});
