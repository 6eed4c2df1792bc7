import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConformanceCase, Json, JsonObject } from "../../conformance/case.js";
import { operations } from "../../conformance/ops/index.js";
import { caseLine, exitStatus, opTable, summaryLine, type CaseResult } from "../../conformance/report.js";
import { judgeUnrun, runCase } from "../../conformance/run-case.js";

const DIRECTORY = "fixtures/conformance";
const cases = readdirSync(DIRECTORY).map(
  (name) => JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")) as ConformanceCase,
);
const known = (op: string): string | undefined => (Object.hasOwn(operations, op) ? undefined : "not built");
const runnable = cases.filter((c) => judgeUnrun(c as unknown as Json, known) === undefined);

/** Expectations that cannot hold beside the right one: one for each key. */
function wrong(key: string, value: Json): Json {
  switch (key) {
    case "records":
      return [...(value as readonly Json[]), { "not there": 1 }];
    case "fields":
    case "errorFields":
    case "keys":
    case "names":
      return [...(value as readonly Json[]), "not there"];
    case "schemaText":
      return `${value as string}\n|-- not there: int`;
    case "recordCount":
    case "errorsCount":
    case "stageErrorsCount":
      return (value as number) + 1;
    case "errors":
      return [...(value as readonly Json[]), {}];
    case "text":
      return `${value as string}x`;
    case "type":
      return { dataType: "binary", properties: {} };
    case "frames":
      return Object.fromEntries(
        Object.entries(value as JsonObject).map(([name, frame]) => [name, allWrong(frame as JsonObject)]),
      );
    case "results":
      return (value as readonly JsonObject[]).map((r) =>
        "error" in r ? { partitions: [["not there"]] } : { error: {} },
      );
    case "excludedBy":
    case "effective":
      return Object.fromEntries(
        Object.entries(value as JsonObject).map(([name, item]) => [
          name,
          Array.isArray(item) ? [...(item as Json[]), "not there"] : "not the value",
        ]),
      );
    case "tables":
      return { ...(value as JsonObject), not_there: {} };
    case "locations":
      return [...(value as readonly Json[]), "s3://not/there"];
    case "anyOf":
      return (value as readonly JsonObject[]).map(allWrong);
    default:
      return "not the value";
  }
}
const allWrong = (expected: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, wrong(key, value)]));

describe.each(["duckdb", "reference"] as const)("on %s", (engine) => {
  it.each(runnable.map((c) => [c.id, c] as const))("%s passes", async (_id, c) => {
    const verdict = await runCase(c, engine);
    expect(verdict.status === "UNSUPPORTED" ? { status: "PASS" } : verdict).toEqual({ status: "PASS" });
  });
});

it.each(runnable.map((c) => [c.id, c] as const))("%s fails for each expectation that is wrong", async (_id, c) => {
  for (const [key, value] of Object.entries(c.expected)) {
    const verdict = await runCase({ ...c, expected: { ...c.expected, [key]: wrong(key, value) } }, "reference");
    if (verdict.status === "UNSUPPORTED") return;
    expect({ key, status: verdict.status }).toEqual({ key, status: "FAIL" });
  }
});

describe("what is not run", () => {
  const base = {
    id: "a-01-b",
    source: "s",
    provenance: "derived",
    confidence: "high",
    op: "union",
    input: { frame1: [], frame2: [] },
    args: {},
    expected: { recordCount: 0 },
    compare: { recordOrder: "ignore", fieldOrder: "ignore" },
    notes: "",
  };

  it.each<[string, Json, string | undefined]>([
    ["a valid case runs", base, undefined],
    ["whatever its id", { ...base, id: "Whatever" }, undefined],
    ["a skip is skipped", { ...base, skip: "why" }, "SKIP"],
    ["an unknown operation is unsupported", { ...base, op: "newest" }, "UNSUPPORTED"],
    ["a missing part fails", { ...base, compare: undefined } as unknown as Json, "FAIL"],
    ["an unknown key fails", { ...base, expectd: {} }, "FAIL"],
    ["arguments of another operation fail", { ...base, args: { paths: ["a"] } }, "FAIL"],
    ["what is no object fails", [base], "FAIL"],
  ])("%s", (_what, testCase, status) =>
    expect(judgeUnrun(JSON.parse(JSON.stringify(testCase)) as Json, known)?.status).toBe(status),
  );
});

describe("report", () => {
  const result = (
    id: string,
    op: string,
    status: "PASS" | "FAIL" | "SKIP" | "UNSUPPORTED",
    reason = "why\nso",
  ): CaseResult => ({ id, op, verdict: status === "PASS" ? { status } : { status, reason }, milliseconds: 1 });
  const results = [
    result("a", "map", "PASS"),
    result("b", "map", "FAIL"),
    result("c", "join", "SKIP"),
    result("d", "join", "UNSUPPORTED"),
  ];

  it("has one line per case", () => {
    expect(results.map(caseLine)).toEqual(["PASS a", "FAIL b why\\nso", "SKIP c why\\nso", "UNSUPPORTED d join"]);
  });

  it("sums up", () => {
    expect(summaryLine(results)).toBe("1 passed, 1 failed, 1 skipped, 1 unsupported");
    expect(
      opTable(results)
        .split("\n")
        .slice(1)
        .map((row) => row.split(/ +/)),
    ).toEqual([
      ["join", "0", "0", "1", "1"],
      ["map", "1", "1", "0", "0"],
    ]);
  });

  it("ends with a status", () => {
    expect([
      exitStatus([], true),
      exitStatus(results, false),
      exitStatus([result("d", "join", "UNSUPPORTED")], false),
      exitStatus([result("d", "join", "UNSUPPORTED")], true),
    ]).toEqual([0, 1, 0, 1]);
  });
});
