/** Digits that a type does not keep: every one is kept in another type, or counted. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { openWorld, bothWays, written, type World } from "./world.js";

let world: World;
let db: DuckDBConnection;
beforeAll(async () => {
  world = await openWorld();
  db = await (await DuckDBInstance.create(":memory:")).connect();
});
afterAll(async () => {
  db.closeSync();
  await world.close();
});

async function parquet(name: string, select: string): Promise<string> {
  mkdirSync(join(world.at(name), ".."), { recursive: true });
  await db.run(`COPY (${select}) TO '${world.at(name)}' (FORMAT parquet)`);
  return world.at(name);
}

test("decimals of two files that no 38 digits hold together are texts, with every digit", async () => {
  await parquet(
    "wide/a.parquet",
    "SELECT 12345678901234567890123456789012345678::DECIMAL(38,0) AS d, [1.5::DECIMAL(38,1)] AS l",
  );
  await parquet("wide/b.parquet", "SELECT 0.12345678901234567890::DECIMAL(38,20) AS d, [0.25::DECIMAL(38,37)] AS l");
  for (const { frame } of await bothWays(world, world.at("wide"), "wide", { format: "parquet" })) {
    const { rows, report } = await written(world, frame);
    expect(rows.map(({ d }) => d).sort()).toEqual(["0.12345678901234567890", "12345678901234567890123456789012345678"]);
    expect(JSON.stringify(rows.map(({ l }) => l))).toContain(`0.25${"0".repeat(35)}`);
    expect(report.nulled).toEqual({});
  }
  // those that 38 digits hold are one decimal
  await parquet("held/a.parquet", "SELECT 1::DECIMAL(20,0) AS d");
  await parquet("held/b.parquet", "SELECT 0.5::DECIMAL(18,18) AS d");
  for (const { frame } of await bothWays(world, world.at("held"), "held", { format: "parquet" })) {
    expect((await frame.schema()).fields[0]?.type).toMatchObject({ kind: "decimal", precision: 38, scale: 18 });
  }
});

test("decimals past 38 digits are read as doubles, and counted", async () => {
  const plain = await parquet("more/a.parquet", "SELECT unnest([1.5, NULL, 2.5])::DECIMAL(38,10) AS d, 1 AS i");
  const bytes = readFileSync(plain);
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  // 38 in the schema, as Thrift writes it, becomes 40: once of the column and once of its logical type
  let patched = 0;
  for (let at = footer; at < bytes.length - 8; at++)
    if (bytes[at] === 76 && bytes[at - 1] === 0x15) {
      bytes[at] = 80;
      patched++;
    }
  expect(patched).toBeGreaterThan(0);
  writeFileSync(plain, bytes);
  for (const { frame } of await bothWays(world, world.at("more"), "more", { format: "parquet" })) {
    expect((await frame.schema()).fields[0]?.type.kind).toBe("double");
    expect(await frame.hazards()).toMatchObject({ DECIMAL_TOO_WIDE: { count: 2, path: "d" } });
  }
});

test("nanoseconds are cut to microseconds, and counted", async () => {
  await parquet(
    "nanos/a.parquet",
    "SELECT unnest([TIMESTAMP_NS '2020-01-01 00:00:00.123456789', NULL]) AS t, TIMESTAMP '2020-01-01 00:00:00.123456' AS u, TIMESTAMP_MS '2020-01-01' AS v",
  );
  copyFileSync("test/formats/parquet/files/int96.parquet", join(world.at("nanos"), "..", "int96.parquet"));
  for (const { frame } of await bothWays(world, world.at("nanos"), "nanos", { format: "parquet" })) {
    const { rows } = await written(world, frame);
    expect(rows.map(({ t }) => t)).toContain("2020-01-01 00:00:00.123456");
    expect(await frame.hazards()).toMatchObject({ NANOSECONDS: { count: 1, path: "t" } });
  }
  const int96 = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path: world.at("int96.parquet") },
    format: "parquet",
  });
  expect((await int96.hazards()).NANOSECONDS?.count).toBeGreaterThan(0);
});

test("a decimal that a schema wants of JSON has the digits that were written", async () => {
  const path = world.write(
    "json/a.json",
    '{"d":0.1234567890123456789012345,"l":[1.000000000000000000001,7],"s":{"d":2}}\n{"d":"1.5","s":{"d":123456789012345678.25}}\n{"d":1e30}\n{"d":5}\n',
  );
  const wanted = { dataType: "decimal", precision: 38, scale: 25 };
  const withSchema = {
    dataType: "struct",
    fields: [
      { name: "d", container: wanted },
      { name: "l", container: { dataType: "array", elementType: wanted } },
      {
        name: "s",
        container: {
          dataType: "struct",
          fields: [{ name: "d", container: { dataType: "decimal", precision: 38, scale: 2 } }],
        },
      },
    ],
  };
  const frame = world.glue.createDynamicFrame.fromOptions({
    connectionType: "file",
    connectionOptions: { path },
    format: "json",
    formatOptions: { withSchema },
  });
  const { rows, report } = await written(world, frame);
  const zeros = (text: string): string => text.padEnd(text.indexOf(".") + 26, "0");
  expect(rows.map(({ d }) => d ?? "").sort()).toEqual([
    "",
    zeros("0.1234567890123456789012345"),
    zeros("1.5"),
    zeros("5."),
  ]);
  expect(JSON.stringify(rows)).toContain(zeros("1.000000000000000000001"));
  expect(JSON.stringify(rows)).toContain("123456789012345678.25");
  // 1e30 has no room
  expect(report.nulled).toEqual({ d: 1 });
});
