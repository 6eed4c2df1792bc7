import fc from "fast-check";
import { clusterSchemas } from "../../../src/crawler/group/cluster-schemas.js";
import type { GroupFile } from "../../../src/crawler/group/folder-tree.js";
import { type GroupOptions, groupTables } from "../../../src/crawler/group/group-tables.js";
import { partitionColumns } from "../../../src/crawler/group/partition-columns.js";
import { schemaSimilarity } from "../../../src/crawler/group/schema-similarity.js";
import {
  array,
  choice,
  type DataType,
  DOUBLE,
  INT,
  LONG,
  NULL,
  STRING,
  struct,
  field,
  structOf,
} from "../../../src/types/data-type.js";

const A = structOf({ a: INT, b: STRING });
const X = structOf({ x: INT, y: STRING, z: DOUBLE });
const file = (path: string, schema = A, compatibility = "json"): GroupFile => ({
  path: `/r/${path}`,
  schema,
  compatibility,
});
const tables = (files: GroupFile[], options: GroupOptions = {}) => groupTables("/r", files, options);
const names = (files: GroupFile[], options: GroupOptions = {}): string[] =>
  tables(files, options).map(({ name }) => name);
const brief = (files: GroupFile[], options: GroupOptions = {}) =>
  tables(files, options).map(({ location, partitionKeys, partitions }) => ({
    location,
    keys: partitionKeys,
    values: partitions.map((p) => p.values),
  }));

describe("one table or many", () => {
  test("documented: sales by year, month, day", () => {
    const files = [
      "year=2019/month=Jan/day=1",
      "year=2019/month=Jan/day=2",
      "year=2019/month=Feb/day=1",
      "year=2019/month=Feb/day=2",
    ].map((f) => file(`${f}/f.json`));
    expect(brief(files)).toEqual([
      {
        location: "/r",
        keys: ["year", "month", "day"],
        values: [
          ["2019", "Feb", "1"],
          ["2019", "Feb", "2"],
          ["2019", "Jan", "1"],
          ["2019", "Jan", "2"],
        ],
      },
    ]);
  });
  test("documented: table1 and table2 with partition folders become one table with two key columns", () => {
    const files = [
      "table1/partition1",
      "table1/partition2",
      "table1/partition3",
      "table2/partition4",
      "table2/partition5",
    ].map((f) => file(`${f}/file.txt`));
    expect(brief(files)[0]).toMatchObject({
      keys: ["partition_0", "partition_1"],
      values: [
        ["table1", "partition1"],
        ["table1", "partition2"],
        ["table1", "partition3"],
        ["table2", "partition4"],
        ["table2", "partition5"],
      ],
    });
  });
  test("documented: year=2017 and year=2018 of different schemas are two tables, one when combined", () => {
    const files = [
      file("year=2017/data1.json", structOf({ A: INT, B: INT })),
      file("year=2018/data2.json", structOf({ C: INT, D: INT })),
    ];
    expect(names(files)).toEqual(["year=2017", "year=2018"]);
    expect(brief(files, { combineCompatible: true })).toEqual([
      { location: "/r", keys: ["year"], values: [["2017"], ["2018"]] },
    ]);
  });
  test("files of one folder: similar ones are one table, others a table each, named with their extension", () => {
    expect(names([file("a.json"), file("b.json")])).toEqual(["r"]);
    expect(names([file("persons.json"), file("orders.json", X)])).toEqual(["orders.json", "persons.json"]);
    expect(brief([file("only.json")])).toEqual([{ location: "/r", keys: [], values: [] }]);
  });
  test("formats and compressions do not mix, combined or not", () => {
    const files = [file("p=1/f", A, "json"), file("p=2/f", A, "csv")];
    expect(names(files)).toEqual(["p=1", "p=2"]);
    expect(names(files, { combineCompatible: true })).toEqual(["p=1", "p=2"]);
    expect(tables(files)[0]?.reasons[0]?.code).toBe("DIFFERENT_FORMATS");
  });
  test("a stray file beside partition folders breaks them up", () => {
    expect(names([file("p=1/f"), file("p=2/f"), file("stray.json")])).toEqual(["p=1", "p=2", "stray.json"]);
  });
  test("folders of different depths are separate tables", () => {
    expect(names([file("p=1/f"), file("p=2/q=1/f")])).toEqual(["p=1", "p=2"]);
  });
  test("more than 70 % must agree: 7 of 10 are separate, 8 of 10 one table", () => {
    const files = (odd: number): GroupFile[] => Array.from({ length: 10 }, (_, i) => file(`p=${i}/f`, i < odd ? X : A));
    expect(names(files(2))).toEqual(["r"]);
    expect(tables(files(2))[0]?.reasons[0]).toMatchObject({
      code: "MOST_SCHEMAS_SIMILAR",
      evidence: { clusters: 2, share: 0.8, outliers: ["/r/p=0", "/r/p=1"] },
    });
    expect(names(files(3))).toHaveLength(10);
  });
  test("six clusters are too many, five are not", () => {
    const files = (kinds: number): GroupFile[] =>
      Array.from({ length: 40 }, (_, i) =>
        file(`p=${i}/f`, i < kinds - 1 ? structOf({ [`k${i}`]: INT, [`l${i}`]: INT }) : A),
      );
    expect(names(files(5))).toEqual(["r"]);
    expect(names(files(6))).toHaveLength(40);
    expect(tables(files(6))[0]?.reasons[0]?.code).toBe("TOO_MANY_SCHEMAS");
  });
  test("a folder without records has no say", () => {
    expect(names([file("p=1/f"), file("p=2/f", struct()), file("p=3/f", struct())])).toEqual(["r"]);
  });
  test("table level: bucket is 1; below it everything is a partition, above it nothing is joined", () => {
    const files = ["y/m1/d", "y/m2/d"].map((f, i) => file(`${f}/f`, i === 0 ? A : X));
    expect(brief(files, { tableLevel: 2 })).toEqual([
      {
        location: "/r/y",
        keys: ["partition_0", "partition_1"],
        values: [
          ["m1", "d"],
          ["m2", "d"],
        ],
      },
    ]);
    expect(
      brief(
        files.map((f) => ({ ...f, schema: A })),
        { tableLevel: 3 },
      ).map(({ location, keys }) => [location, keys]),
    ).toEqual([
      ["/r/y/m1", ["partition_0"]],
      ["/r/y/m2", ["partition_0"]],
    ]);
    expect(brief(files, { tableLevel: 1 }).map(({ location }) => location)).toEqual(["/r"]);
    expect(brief(files, { tableLevel: 4, rootLevel: 2 }).map(({ location }) => location)).toEqual([
      "/r/y/m1",
      "/r/y/m2",
    ]);
  });
  test("an include path that is a file", () =>
    expect(groupTables("/r/x.csv", [{ ...file("x.csv") }])).toMatchObject([{ name: "x.csv", location: "/r/x.csv" }]));

  test("no file is lost or taken twice, and the listing's order does not matter", () => {
    const name = fc.constantFrom("p=1", "p=2", "q=1", "u", "v");
    const path = fc
      .tuple(fc.array(name, { maxLength: 3 }), fc.constantFrom("f", "g"))
      .map(([folders, last]) => [...folders, last].join("/"));
    const schema = fc.constantFrom(
      A,
      X,
      struct(),
      structOf({ a: STRING, b: STRING }),
      structOf({ a: INT, b: STRING, c: INT }),
    );
    const files = fc
      .uniqueArray(fc.record({ path, schema, compatibility: fc.constantFrom("json", "json", "json", "csv") }), {
        selector: ({ path: p }) => p,
        maxLength: 14,
      })
      .map((list) =>
        list
          .filter((a) => !list.some((b) => b.path.startsWith(`${a.path}/`)))
          .map((f) => ({ ...f, path: `/r/${f.path}` })),
      );
    fc.assert(
      fc.property(files, fc.infiniteStream(fc.nat()), fc.boolean(), (list, random, combineCompatible) => {
        const result = groupTables("/r", list, { combineCompatible });
        expect(result.flatMap((table) => table.files.map((f) => f.path)).sort()).toEqual(
          list.map((f) => f.path).sort(),
        );
        const shuffled = [...list]
          .map((f) => ({ f, r: Number(random.next().value) }))
          .sort((a, b) => a.r - b.r)
          .map(({ f }) => f);
        expect(groupTables("/r", shuffled, { combineCompatible })).toEqual(result);
        for (const table of result) {
          expect(new Set(table.files.map((f) => f.compatibility)).size).toBe(1);
          expect(table.partitions.flatMap((p) => p.files)).toHaveLength(
            table.partitionKeys.length === 0 ? 0 : table.files.length,
          );
          for (const p of table.partitions) expect(p.values).toHaveLength(table.partitionKeys.length);
          expect(new Set(table.partitions.map((p) => JSON.stringify(p.values))).size).toBe(table.partitions.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("partition columns", () => {
  test("keys of key=value levels in lower case, escapes undone, others by depth", () => {
    expect(
      partitionColumns([
        ["Year=2019", "a"],
        ["Year=2020", "b"],
      ]),
    ).toEqual({
      keys: ["year", "partition_1"],
      values: [
        ["2019", "a"],
        ["2020", "b"],
      ],
    });
    expect(partitionColumns([["k=a%2Fb"]])).toEqual({ keys: ["k"], values: [["a/b"]] });
    expect(partitionColumns([["k=1"], ["j=1"]])).toEqual({ keys: ["partition_0"], values: [["k=1"], ["j=1"]] });
    expect(partitionColumns([["k=1", "k=2"]])).toEqual({ keys: ["k", "partition_1"], values: [["1", "k=2"]] });
    expect(partitionColumns([["k=__HIVE_DEFAULT_PARTITION__"], ["k="]])).toEqual({
      keys: ["k"],
      values: [["__HIVE_DEFAULT_PARTITION__"], [""]],
    });
  });
  test("two folders never become one partition", () => {
    expect(partitionColumns([["k=A"], ["k=%41"]])).toEqual({ keys: ["partition_0"], values: [["k=A"], ["k=%41"]] });
    expect(partitionColumns([["k=1"], ["K=1"]])).toEqual({ keys: ["partition_0"], values: [["k=1"], ["K=1"]] });
  });
});

describe("similarity", () => {
  const type: fc.Arbitrary<DataType> = fc.letrec<{ type: DataType }>((tie) => ({
    type: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom<DataType>(INT, LONG, STRING, DOUBLE, NULL, choice([INT, STRING])),
      tie("type").map(array),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom("p", "q", "r"), tie("type")), { selector: ([n]) => n })
        .map((fs) => struct(fs.map(([n, t]) => field(n, t)))),
    ),
  })).type;
  const schema = fc
    .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d", "e"), type), { selector: ([n]) => n })
    .map((fs) => struct(fs.map(([n, t]) => field(n, t))));
  test("symmetric, between 0 and 1, 1 for equals", () => {
    fc.assert(
      fc.property(schema, schema, (a, b) => {
        const value = schemaSimilarity(a, b);
        expect(value).toBeCloseTo(schemaSimilarity(b, a), 10);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(schemaSimilarity(a, a)).toBeCloseTo(1, 10);
      }),
    );
  });
  test("changed types alone never separate, other names do", () => {
    expect(schemaSimilarity(structOf({ id: INT }), structOf({ id: STRING }))).toBe(0.9);
    expect(schemaSimilarity(structOf({ id: INT, n: INT }), structOf({ ID: LONG, n: choice([INT, STRING]) }))).toBe(1);
    expect(schemaSimilarity(structOf({ a: INT }), structOf({ b: INT }))).toBe(0);
    expect(schemaSimilarity(A, structOf({ a: INT, b: STRING, c: INT }))).toBe(0.8);
    expect(
      schemaSimilarity(structOf({ col0: INT, col1: STRING }), structOf({ col0: STRING, col1: STRING }), {
        generatedNames: true,
      }),
    ).toBe(0.5);
  });
  test("a chain of small changes is one cluster", () => {
    const chain = Array.from({ length: 9 }, (_, i) => ({
      path: `/p${i}`,
      schema: struct(Array.from({ length: 6 }, (__, j) => field(`c${i + j}`, INT))),
    }));
    expect(clusterSchemas(chain)).toMatchObject({ clusters: 1, together: true, distinctSchemas: 9 });
    expect(clusterSchemas([...chain].reverse())).toEqual(clusterSchemas(chain));
  });
});
