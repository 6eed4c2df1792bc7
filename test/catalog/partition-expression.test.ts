import { readFileSync } from "node:fs";
import { evaluatePartitions } from "../../src/catalog/partition-expression.js";

type Outcome = {
  readonly partitions?: readonly (readonly string[])[];
  readonly error?: { readonly code: string; readonly contains?: readonly string[] };
};
type Case = {
  readonly id: string;
  readonly input: {
    readonly partitionKeys: readonly (readonly [string, string])[];
    readonly partitions: readonly (readonly string[])[];
  };
  readonly args: { readonly expressions: readonly string[] };
  readonly expected: { readonly results: readonly Outcome[] };
};

const conformance = ["pp-01-int", "pp-03-string"].map(
  (id) => JSON.parse(readFileSync(`fixtures/conformance/${id}.json`, "utf8")) as Case,
);

describe.each(conformance.map((c) => [c.id, c] as const))("%s", (_, c) => {
  const keys = c.input.partitionKeys.map(([name, type]) => ({ name, type }));
  it.each(c.args.expressions.map((e, i) => [e, c.expected.results[i]] as const))("%s", (expression, outcome) => {
    expectOutcome(() => evaluatePartitions(keys, c.input.partitions, expression), outcome);
  });
});

function expectOutcome(run: () => readonly (readonly string[])[], outcome: Outcome | undefined): void {
  if (outcome?.error === undefined) {
    expect(run()).toEqual(outcome?.partitions);
    return;
  }
  const error = failure(run);
  expect(error.name).toBe(outcome.error.code);
  for (const text of outcome.error.contains ?? []) expect(error.message).toContain(text);
}

function failure(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

const one = (type: string, values: readonly string[], expression: string): readonly string[] =>
  evaluatePartitions(
    [{ name: "k", type }],
    values.map((v) => [v]),
    expression,
  ).map((v) => v[0] ?? "");

describe("parentheses and connectives", () => {
  it.each([
    ["(k) = ((2)) (OR) (((k))) = (2)", ["2"]],
    ["((k) in (2, 3)) and ((k = 2))", ["2"]],
    ["(((k)) = 2 or (k) = 3)", ["2", "3"]],
    ["((k = 1 OR k = 2) AND k <> 1)", ["2"]],
    ["NOT k = 1", ["2", "3"]],
    ["NOT (k = 1 OR k = 3)", ["2"]],
    ["NOT NOT k = 1", ["1"]],
    ["k = 1 or k = 2 and k = 3", ["1"]],
    ["k BETWEEN (1) (AND) (2)", ["1", "2"]],
    ["K >= +2", ["2", "3"]],
    ["\"k\"='3'", ["3"]],
    ["k != 2", ["1", "3"]],
    ["k IS NULL", []],
    ["k IS NOT NULL", ["1", "2", "3"]],
    ["   ", ["1", "2", "3"]],
    ["k between 3 and 1", []],
  ])("%s", (expression, expected) => {
    expect(one("int", ["1", "2", "3"], expression)).toEqual(expected);
  });
});

describe("types", () => {
  it("compares integers of any size by value", () => {
    expect(one("bigint", ["9", "10", "-3", "99999999999999999999"], "k > 9")).toEqual(["10", "99999999999999999999"]);
    expect(one("smallint", ["007", "7"], "k = 7")).toEqual(["007", "7"]);
  });

  it("compares decimals exactly, with exponents", () => {
    expect(one("decimal(10,2)", ["1.2", "2.6", "3e14"], "k between 2 AND 3e10")).toEqual(["2.6"]);
    expect(
      one("decimal", ["2.60", "0.1000000000000000000000000001"], "k = 2.6 or k = '0.1000000000000000000000000001'"),
    ).toHaveLength(2);
    expect(one("decimal", ["0.1000000000000000000000000001"], "k = 0.1")).toEqual([]);
    expect(one("decimal", ["-2", "-10", "0", "-0.0"], "k < -2")).toEqual(["-10"]);
    expect(one("decimal", ["-0.0", "0"], "k = 0")).toEqual(["-0.0", "0"]);
  });

  it("compares dates, and refuses what is none", () => {
    expect(one("date", ["2022-01-01", "2022-02-01"], "k > '2022-01-15'")).toEqual(["2022-02-01"]);
    for (const bad of ["test", "2022-02-32", "2023-02-29", "2022-2-1"]) {
      expect(failure(() => one("date", ["2022-01-01"], `k = '${bad}'`)).message).toContain("is not a date");
    }
  });

  it("compares timestamps to the nanosecond, and refuses a bare date", () => {
    const stored = ["2022-01-01 12:34:56.789", "2022-02-01 00:00:00.000000", "2022-03-01 21:00:12.3456789"];
    expect(one("timestamp", stored, "k = '2022-02-01 00:00:00'")).toEqual([stored[1]]);
    expect(
      one("timestamp", stored, "k > '2022-01-31 23:59:59.999999999' AND k < '2022-02-01 00:00:00.000000001'"),
    ).toEqual([stored[1]]);
    for (const bad of ["2022-02-01", "2022-02-15 00:00:00.", "2022-02-32 00:00:00", "2022-02-01 24:00:00"]) {
      expect(failure(() => one("timestamp", stored, `k = '${bad}'`)).message).toContain("is not a timestamp");
    }
  });

  it("compares strings as text, also numbers without quotes", () => {
    expect(one("string", ["2016", "300"], "k > 2016")).toEqual(["300"]);
    expect(one("string", ["02", "2"], "k = 02")).toEqual(["02"]);
    expect(one("string", ["it's"], "k = 'it''s'")).toEqual(["it's"]);
    expect(one("string", ["Two", "two"], "k like 't%'")).toEqual(["two"]);
    expect(one("string", ["a.b", "axb", "a😀b"], "k like 'a_b'")).toEqual(["a.b", "axb", "a😀b"]);
    expect(one("string", ["a.b", "axb"], "k like 'a.b'")).toEqual(["a.b"]);
    // U+FF5E sorts before U+1F600 by code point, after it by UTF-16 unit
    expect(one("string", ["\uFF5E"], "k < '😀'")).toEqual(["\uFF5E"]);
  });

  it.each(["date", "timestamp", "decimal", "tinyint"])("refuses LIKE on %s", (type) => {
    expect(failure(() => one(type, [], "k LIKE '2%'")).message).toMatch(
      /^(Date|Timestamp|Decimal|Integral) data type doesn't support operation 'LIKE'$/,
    );
  });

  it.each(["float", "double", "boolean", "array<int>"])("refuses a key of type %s once it is named", (type) => {
    const keys = [
      { name: "a", type: "string" },
      { name: "k", type },
    ];
    expect(failure(() => evaluatePartitions(keys, [["x", "1"]], "k = 1"))).toMatchObject({
      name: "InvalidInputException",
      message: `Unknown type : '${type}'`,
    });
    expect(evaluatePartitions(keys, [["x", "1"]], "a = 'x'")).toEqual([["x", "1"]]);
  });

  it("takes Hive's default partition for null", () => {
    const values = ["1", "__HIVE_DEFAULT_PARTITION__"];
    expect(one("int", values, "k IS NULL")).toEqual([values[1]]);
    expect(one("int", values, "k <> 5")).toEqual(["1"]);
    expect(one("int", values, "NOT k = 5")).toEqual(["1"]);
    expect(one("string", values, "k IS NULL")).toEqual([values[1]]);
    expect(one("string", values, "k = '__HIVE_DEFAULT_PARTITION__'")).toEqual([values[1]]);
  });
});

describe("errors", () => {
  const keys = [
    { name: "s", type: "string" },
    { name: "i", type: "int" },
  ];

  it("names an unknown column as Glue does", () => {
    expect(failure(() => evaluatePartitions(keys, [], "nope = 1"))).toMatchObject({
      name: "InvalidInputException",
      message: "Invalid partition expression!",
      path: "nope",
    });
    expect(failure(() => evaluatePartitions([], [["x"]], "s IS NULL")).message).toBe("Invalid partition expression!");
  });

  it("stops at a stored value that the key's type cannot hold, only where the key is named", () => {
    expect(failure(() => evaluatePartitions(keys, [["test", "int"]], "i = 2"))).toMatchObject({
      name: "InvalidStateException",
      message: '"int" is not an integer.',
    });
    expect(failure(() => evaluatePartitions(keys, [["test", "int"]], "s = 'other' AND i = 2")).name).toBe(
      "InvalidStateException",
    );
    expect(evaluatePartitions(keys, [["test", "int"]], "s = 'test'")).toHaveLength(1);
  });

  it.each([
    "s IS test' AND not parsable",
    "s =",
    "= 1",
    "s = 'a' AND",
    "s in ()",
    "s = 'a' s = 'b'",
    "s NOT = 1",
    "(s = 'a'",
    "s = 'a')",
    "s == 'a'",
    "s LIKE 2",
    "upper(s) = 'A'",
    "s = i",
    "2 = i",
    "s || 'x' = 'ax'",
    "i = 2026-02-02",
    "s IS NOT",
    "s between 'a' or 'b'",
    "and = 1",
    "s = 'a' ; drop",
  ])("refuses %s", (expression) => {
    expect(failure(() => evaluatePartitions(keys, [], expression))).toMatchObject({
      name: "InvalidInputException",
      message: `Unsupported expression '${expression}'`,
    });
  });

  it("refuses more than 2,048 bytes and takes exactly 2,048", () => {
    const fits = `s = '${"é".repeat((2048 - 6) / 2)}'`;
    expect(evaluatePartitions(keys, [], fits)).toEqual([]);
    expect(failure(() => evaluatePartitions(keys, [], `${fits} `)).name).toBe("InvalidInputException");
  });

  it("stays quick on patterns and nesting meant to be slow", () => {
    const text = "a".repeat(1000);
    expect(one("string", [text], `k like '${"%a".repeat(400)}%b'`)).toEqual([]);
    expect(one("int", ["1"], `${"(".repeat(900)}k = 1${")".repeat(900)}`)).toEqual(["1"]);
    expect(one("int", ["1"], `${"NOT ".repeat(400)}k = 1`)).toEqual(["1"]);
  });
});
