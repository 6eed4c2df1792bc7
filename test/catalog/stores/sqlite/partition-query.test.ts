/** The store's index search means what the pure evaluator means, and an index serves it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { bindExpression } from "../../../../src/catalog/expression/bind.js";
import { parsePartitionExpression } from "../../../../src/catalog/expression/parse.js";
import { evaluatePartitions } from "../../../../src/catalog/partition-expression.js";
import { openSession } from "../../../../src/catalog/stores/sqlite/open-session.js";
import { createKeyIndexes } from "../../../../src/catalog/stores/sqlite/key-indexes.js";
import { findPartitions, partitionQuery } from "../../../../src/catalog/stores/sqlite/partition-query.js";
import { batchCreatePartition } from "../../../../src/catalog/stores/sqlite/partitions.js";
import { createDatabase } from "../../../../src/catalog/stores/sqlite/databases.js";
import type { Session } from "../../../../src/catalog/stores/sqlite/session.js";
import { createTable, tableRow } from "../../../../src/catalog/stores/sqlite/tables.js";

const root = mkdtempSync(join(tmpdir(), "dynaframe-partitions-"));
const session: Session = openSession(join(root, "catalog"));
afterAll(() => {
  session.close();
  rmSync(root, { recursive: true, force: true });
});

// ten keys, so that the columns, the indexed ones among them, and the shared list are all used
const families = [
  "int",
  "string",
  "date",
  "decimal(10,2)",
  "timestamp",
  "bigint",
  "string",
  "smallint",
  "int",
  "string",
];
const keys = families.map((type, i) => ({ name: `k${i}`, type }));

const pools: readonly (readonly string[])[] = families.map((type) => {
  switch (type.replace(/\(.*/, "")) {
    case "string":
      return [
        "a",
        "b",
        "ab",
        "B",
        "",
        "%",
        "a*b",
        "a?b",
        "[a]",
        "é",
        "😀",
        "～",
        "2",
        "10",
        "it's",
        "__HIVE_DEFAULT_PARTITION__",
      ];
    case "date":
      return ["2024-01-01", "2024-02-29", "1999-12-31", "__HIVE_DEFAULT_PARTITION__"];
    case "decimal":
      return [
        "0",
        "-0.0",
        "1.5",
        "1.50",
        "-1.5",
        "-1.51",
        "10",
        "1e1",
        "0.001",
        "99999999999999999999",
        "__HIVE_DEFAULT_PARTITION__",
      ];
    case "timestamp":
      return [
        "2024-01-01 00:00:00",
        "2024-01-01 00:00:00.0",
        "2024-01-01 00:00:00.000000001",
        "1970-01-01 23:59:59",
        "__HIVE_DEFAULT_PARTITION__",
      ];
    default:
      return [
        "0",
        "1",
        "01",
        "-1",
        "-10",
        "-9",
        "9",
        "10",
        "100",
        "99999999999999999999",
        "__HIVE_DEFAULT_PARTITION__",
      ];
  }
});
const values = fc.tuple(...pools.map((pool) => fc.constantFrom(...pool)));
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const condition: fc.Arbitrary<string> = fc.nat({ max: keys.length - 1 }).chain((i) => {
  const type = families[i] ?? "";
  const literal = fc
    .constantFrom(...(pools[i] ?? []))
    .filter((v) => type === "string" || v !== "__HIVE_DEFAULT_PARTITION__")
    .map(quote);
  const options = [
    fc.tuple(fc.constantFrom("=", "<>", "<", "<=", ">", ">=", "!="), literal).map(([op, v]) => `k${i} ${op} ${v}`),
    fc.array(literal, { minLength: 1, maxLength: 4 }).map((list) => `k${i} IN (${list.join(", ")})`),
    fc.tuple(literal, literal).map(([a, b]) => `k${i} BETWEEN ${a} AND ${b}`),
    fc.constantFrom(`k${i} IS NULL`, `k${i} IS NOT NULL`),
    ...(type === "string" ? [fc.stringMatching(/^[ab%_*?é😀[\]]{0,4}$/u).map((p) => `k${i} LIKE ${quote(p)}`)] : []),
  ];
  return fc.tuple(fc.boolean(), fc.oneof(...options)).map(([not, c]) => (not ? `NOT ${c}` : c));
});
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    condition,
    fc
      .tuple(tie("expression"), fc.constantFrom("AND", "OR"), tie("expression"))
      .map(([a, op, b]) => `(${a}) ${op} (${b})`),
    fc.array(condition, { minLength: 2, maxLength: 4 }).map((all) => all.join(" AND ")),
  ),
}));

let tables = 0;
function newTable(
  partitionKeys: readonly { name: string; type: string }[],
  rows: readonly (readonly string[])[],
): number {
  const name = `t${(tables += 1)}`;
  if (tables === 1) createDatabase(session, { Name: "db" });
  createTable(session, "db", { Name: name, PartitionKeys: partitionKeys.map((k) => ({ Name: k.name, Type: k.type })) });
  expect(
    batchCreatePartition(
      session,
      "db",
      name,
      rows.map((Values) => ({ Values })),
    ),
  ).toEqual([]);
  return tableRow(session, "db", name).id;
}

function search(
  table: number,
  partitionKeys: readonly { name: string; type: string }[],
  text: string,
  page: number,
): string[] {
  const parsed = parsePartitionExpression(text);
  const bound = parsed === undefined ? undefined : bindExpression(parsed, partitionKeys);
  const found: string[] = [];
  for (let from: Uint8Array | undefined; ;) {
    const { docs, next } = findPartitions(session, table, { expression: bound, from, size: page });
    found.push(...docs.map((doc) => JSON.stringify(doc.Values)));
    expect(docs.length).toBeLessThanOrEqual(page);
    if (next === undefined) return found;
    from = next;
  }
}

it.each([
  ["without indexes of keys", []],
  ["with them", [1, 2, 3, 4, 5]],
])("the store keeps what the evaluator keeps, page by page, each once, %s", async (_, indexed) => {
  const rows = fc.sample(values, { numRuns: 400, seed: 7 });
  const distinct = [...new Map(rows.map((r) => [JSON.stringify(r), r])).values()];
  const table = await session.write(() => newTable(keys, distinct));
  await session.write(() => {
    createKeyIndexes(session, indexed);
  });
  fc.assert(
    fc.property(expression, fc.constantFrom(60, 1000), (text, page) => {
      fc.pre(Buffer.byteLength(text) <= 2048);
      const expected = evaluatePartitions(keys, distinct, text).map((v) => JSON.stringify(v));
      expect(search(table, keys, text, page).sort()).toEqual(expected.sort());
    }),
    { numRuns: 400 },
  );
});

it("refuses a misfit wherever the evaluator does", async () => {
  const rows = [
    ["1", "a"],
    ["x", "b"],
    ["3", "c"],
  ];
  const two = keys.slice(0, 2);
  const table = await session.write(() => newTable(two, rows));
  for (const text of ["k0 = 1", "k1 = 'a' AND k0 = 1", "k0 = 1 OR k1 = 'b'", "k1 = 'none' AND k0 IS NULL"]) {
    expect(() => evaluatePartitions(two, rows, text)).toThrow('"x" is not an integer.');
    expect(() => search(table, two, text, 10)).toThrow('"x" is not an integer.');
  }
  expect(search(table, two, "k1 = 'b'", 10)).toHaveLength(1);
});

it("misfits are found among ten keys by the key that the expression names", async () => {
  const row = pools.map((p) => p[0] ?? "");
  const table = await session.write(() => newTable(keys, [row.map((v, i) => (i === 8 ? "soon" : v)), row]));
  expect(() => search(table, keys, "k8 = 1", 10)).toThrow('"soon" is not an integer.');
  expect(search(table, keys, "k5 = 0", 10)).toHaveLength(2);
});

describe("100,000 partitions", () => {
  const many = [
    { name: "year", type: "int" },
    { name: "month", type: "string" },
    { name: "id", type: "bigint" },
  ];
  let table = 0;
  beforeAll(async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => [
      String(2000 + (n % 20)),
      String(n % 12).padStart(2, "0"),
      String(n),
    ]);
    table = await session.write(() => newTable(many, rows));
  });

  const plan = (text: string): string => {
    const parsed = parsePartitionExpression(text);
    const query = partitionQuery(session, table, {
      expression: parsed === undefined ? undefined : bindExpression(parsed, many),
      size: 1000,
    });
    return session
      .rows(`EXPLAIN QUERY PLAN ${query.sql}`, ...query.values)
      .map((r) => String(r["detail"]))
      .join("\n");
  };

  it.each([
    ["id = 77777", /SEARCH p USING INDEX partition_key_2 \(table_id=\? AND k2=\? AND sort_key>\?\)/, false],
    ["id between 500 and 520", /SEARCH p USING INDEX partition_key_2 \(table_id=\? AND k2>\? AND k2<\?\)/, true],
    ["id in (5, 7) and month = '05'", /SEARCH p USING INDEX partition_key_2/, true],
    ["year = 2003 and month = '07'", /SEARCH p USING (PRIMARY KEY|INDEX partition_key_1)/, false],
    ["month = '07'", /SEARCH p USING INDEX partition_key_1 \(table_id=\? AND k1=\? AND sort_key>\?\)/, false],
    ["year > 2018", /SEARCH p USING PRIMARY KEY \(table_id=\? AND sort_key>\? AND sort_key<\?\)/, false],
    ["", /SEARCH p USING PRIMARY KEY \(table_id=\? AND sort_key>\?\)/, false],
  ])("%s is searched by an index", (text, expected, sorts) => {
    const found = plan(text);
    expect(found).toMatch(expected);
    expect(found).not.toContain("SCAN");
    expect(found.includes("USE TEMP B-TREE FOR ORDER BY")).toBe(sorts);
  });

  it("and gives the right rows", () => {
    expect(search(table, many, "id between 500 and 520", 1000)).toHaveLength(21);
    expect(search(table, many, "id = 77777", 1000)).toEqual([JSON.stringify(["2017", "05", "77777"])]);
    const wanted = Array.from({ length: 200 }, (_, n) => n).filter((n) => n % 20 === 3 && n % 12 < 10);
    expect(
      search(table, many, "month like '0%' and year = 2003 and id < 200", 3)
        .map((v) => Number((JSON.parse(v) as string[])[2]))
        .sort((a, b) => a - b),
    ).toEqual(wanted);
    expect(search(table, many, "year > 2018", 1000)).toHaveLength(5000);
  });
});
