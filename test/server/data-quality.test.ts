/**
 * Data quality through the JavaScript SDK: rules that are really evaluated, with what each must measure counted by
 * hand.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetDataQualityResultCommand,
  CancelDataQualityRulesetEvaluationRunCommand,
  CreateDatabaseCommand,
  CreateDataQualityRulesetCommand,
  CreateTableCommand,
  DeleteDataQualityRulesetCommand,
  GetDataQualityResultCommand,
  GetDataQualityRulesetCommand,
  GetDataQualityRulesetEvaluationRunCommand,
  type GlueClient,
  ListDataQualityResultsCommand,
  ListDataQualityRulesetEvaluationRunsCommand,
  ListDataQualityRulesetsCommand,
  StartDataQualityRulesetEvaluationRunCommand,
  UpdateDataQualityRulesetCommand,
} from "@aws-sdk/client-glue";
import { holds, parseRuleset } from "../../src/server/quality/dqdl.js";
import { withServer } from "./sdk-client.js";

const connected = withServer();
const send: GlueClient["send"] = ((command: never) => connected().glue.send(command)) as never;
const folder = mkdtempSync(join(tmpdir(), "dynaframe-quality-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  mkdirSync(join(folder, "orders"), { recursive: true });
  // five records: note is missing in one, code twice "b", day no date in one
  writeFileSync(
    join(folder, "orders", "a.json"),
    [
      { id: 1, price: 1.5, code: "a", day: "2024-03-01", note: "x" },
      { id: 2, price: 2.5, code: "b", day: "2024-03-02", note: "xy" },
      { id: 3, price: 3.5, code: "b", day: "soon", note: "xyz" },
      { id: 4, price: 4.5, code: "c", day: "2024-03-04", note: "w" },
      { id: 5, price: 8, code: "it's", day: "2024-03-05" },
    ]
      .map((record) => `${JSON.stringify(record)}\n`)
      .join(""),
  );
  await send(new CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
  const Columns = [
    { Name: "id", Type: "int" },
    { Name: "price", Type: "double" },
    { Name: "code", Type: "string" },
    { Name: "day", Type: "string" },
    { Name: "note", Type: "string" },
  ];
  await send(
    new CreateTableCommand({
      DatabaseName: "shop",
      TableInput: {
        Name: "orders",
        Parameters: { classification: "json" },
        StorageDescriptor: { Columns, Location: join(folder, "orders") },
      },
    }),
  );
});

const DataSource = { GlueTable: { DatabaseName: "shop", TableName: "orders" } };

async function evaluated(rules: string) {
  await send(new CreateDataQualityRulesetCommand({ Name: "rules", Ruleset: `Rules = [ ${rules} ]` }));
  const { RunId } = await send(
    new StartDataQualityRulesetEvaluationRunCommand({ DataSource, Role: "r", RulesetNames: ["rules"] }),
  );
  for (;;) {
    const run = await send(new GetDataQualityRulesetEvaluationRunCommand({ RunId }));
    if (!["STARTING", "RUNNING", "STOPPING"].includes(run.Status ?? "")) return run;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}

it("every rule measures what counting by hand gives", async () => {
  const rules: readonly (readonly [string, "PASS" | "FAIL" | "ERROR", number?])[] = [
    ["RowCount = 5", "PASS", 5],
    ["RowCount between 5 and 9", "FAIL", 5],
    ["RowCount in [4, 5]", "PASS", 5],
    ["RowCount not between 5 and 9", "PASS", 5],
    ["ColumnCount = 5", "PASS", 5],
    ['ColumnExists "price"', "PASS", 1],
    ['ColumnExists "prise"', "FAIL", 0],
    ['IsComplete "id"', "PASS", 1],
    ['IsComplete "note"', "FAIL", 0.8],
    ['Completeness "note" >= 0.8', "PASS", 0.8],
    ['IsUnique "id"', "PASS", 1],
    ['IsUnique "code"', "FAIL", 0.6],
    ['Uniqueness "code" > 0.5', "PASS", 0.6],
    ['UniqueValueRatio "code" = 0.75', "PASS", 0.75],
    ['DistinctValuesCount "code" = 4', "PASS", 4],
    ['IsPrimaryKey "id"', "PASS", 1],
    ['IsPrimaryKey "code" "id"', "PASS", 1],
    ['IsPrimaryKey "code"', "FAIL", 0],
    ['Mean "price" = 4', "PASS", 4],
    ['Sum "price" = 20', "PASS", 20],
    ['StandardDeviation "id" between 1.41 and 1.42', "PASS", Math.SQRT2],
    ['ColumnValues "price" > 1', "PASS", 1],
    ['ColumnValues "price" < 5 with threshold > 0.7', "PASS", 0.8],
    ['ColumnValues "price" between 1.5 and 9', "FAIL", 0.8],
    ['ColumnValues "code" in ["a", "b", "c", "it\'s"]', "PASS", 1],
    ['ColumnValues "code" not in ["b"] with threshold >= 0.6', "PASS", 0.6],
    ['ColumnValues "code" matches "[a-c]" with threshold = 0.8', "PASS", 0.8],
    ['ColumnValues "note" != "w" with threshold = 0.8', "PASS", 0.8],
    ['ColumnValues "note" = "w" with threshold = 0.2', "PASS", 0.2],
    ['ColumnLength "note" <= 3 with threshold = 0.8', "PASS", 0.8],
    ['ColumnDataType "day" = "DATE" with threshold >= 0.8', "PASS", 0.8],
    ['ColumnDataType "day" = "DATE"', "FAIL", 0.8],
    ['Mean "code" > 1', "ERROR"],
    ['IsComplete "nope"', "ERROR"],
    ['ColumnValues "code" > 1', "ERROR"],
    ['ColumnDataType "day" = "TEXT"', "ERROR"],
    ['ColumnValues "code" matches "("', "ERROR"],
    ['(IsComplete "id") and (RowCount > 5)', "FAIL"],
    ['(IsComplete "id") or (RowCount > 5)', "PASS"],
    ['(IsComplete "nope") and (RowCount = 5)', "ERROR"],
    ['(IsComplete "nope") and (RowCount = 6)', "FAIL"],
    ['(IsComplete "nope") or (RowCount = 5)', "PASS"],
    ['(IsComplete "nope") or (RowCount = 6)', "ERROR"],
    ["((RowCount = 6) or (RowCount = 5)) and (ColumnCount = 5)", "PASS"],
    ["(RowCount = 5)", "PASS", 5],
    ['RowCount = 3 where "price > 3"', "PASS", 3],
    ['IsUnique "code" where "id <> 3"', "PASS", 1],
    ['Completeness "note" = 0.5 where "id in (4, 5)"', "PASS", 0.5],
    ['Mean "price" = 3 where "code = \'b\'"', "PASS", 3],
    ['ColumnValues "price" > 4 where "note is not null" with threshold = 0.25', "PASS", 0.25],
    ['IsComplete "note" where "code like \'it%\'"', "FAIL", 0],
    ['DistinctValuesCount "code" = 1 where "not id < 5"', "PASS", 1],
    [
      '(ColumnValues "price" < 5 with threshold > 0.7) and ((RowCount = 3 where "price > 3") and ((RowCount = 5) or (ColumnValues "price" > 2.5 with threshold > 0.5)))',
      "PASS",
    ],
    ['RowCount = 0 where "id > 9"', "PASS", 0],
    ['IsComplete "id" where "id > 9"', "PASS", 1],
    ['Sum "price" > 0 where "id > 9"', "FAIL"],
    ['(RowCount = 2 where "code = \'b\'") and (IsComplete "id")', "PASS"],
    ['IsComplete "id" where "nope = 1"', "ERROR"],
    ['IsComplete "id" where "id = "', "ERROR"],
    ['IsComplete "id" where "id = (select 1)"', "ERROR"],
    ['RowCount > 0 where "1 = 1) or (1 = 1"', "ERROR"],
  ];
  const run = await evaluated(rules.map(([rule]) => rule).join(",\n  "));
  expect(run).toMatchObject({
    Status: "SUCCEEDED",
    RulesetNames: ["rules"],
    ResultIds: [expect.any(String) as string],
  });
  const result = await send(new GetDataQualityResultCommand({ ResultId: run.ResultIds?.[0] }));
  const found = result.RuleResults?.map(({ EvaluatedRule, Result, EvaluatedMetrics }) => [
    EvaluatedRule,
    Result,
    ...Object.values(/ (and|or) \(/.test(EvaluatedRule ?? "") ? {} : (EvaluatedMetrics ?? {})).map(
      (n) => Math.round(n * 1e9) / 1e9,
    ),
  ]);
  expect(found).toEqual(
    rules.map(([rule, verdict, n]) => [rule, verdict, ...(n === undefined ? [] : [Math.round(n * 1e9) / 1e9])]),
  );
  const passed = rules.filter(([, verdict]) => verdict === "PASS").length;
  expect(result).toMatchObject({
    Score: passed / rules.length,
    RulesetName: "rules",
    RulesetEvaluationRunId: run.RunId,
    DataSource,
  });
  expect(
    result.RuleResults?.find(({ EvaluatedRule }) => EvaluatedRule === 'IsComplete "nope"')?.EvaluationMessage,
  ).toContain("no column nope");
  // those of its parts
  expect(
    result.RuleResults?.find(({ EvaluatedRule }) => EvaluatedRule === '(IsComplete "id") and (RowCount > 5)'),
  ).toMatchObject({
    EvaluatedMetrics: { "Column.id.Completeness": 1, "Dataset.*.RowCount": 5 },
    EvaluationMessage: "Value: 5 does not meet the constraint requirement!",
  });

  // a metric of each rule, also of those that measure under one name
  expect(
    result.RuleResults?.find(({ EvaluatedRule }) => EvaluatedRule?.startsWith("(ColumnValues"))?.EvaluatedMetrics,
  ).toEqual({
    "Column.price.ColumnValues.Compliance": 0.8,
    "Dataset.*.RowCount": 3,
    "Dataset.*.RowCount (2)": 5,
    "Column.price.ColumnValues.Compliance (2)": 0.6,
  });

  expect(
    await send(new BatchGetDataQualityResultCommand({ ResultIds: [run.ResultIds?.[0] ?? "", "none"] })),
  ).toMatchObject({ Results: [{ RulesetName: "rules" }], ResultsNotFound: ["none"] });
  expect((await send(new ListDataQualityResultsCommand({ Filter: { DataSource } }))).Results).toMatchObject([
    { ResultId: run.ResultIds?.[0] },
  ]);
  expect((await send(new ListDataQualityRulesetEvaluationRunsCommand({}))).Runs).toMatchObject([
    { RunId: run.RunId, Status: "SUCCEEDED" },
  ]);
  await expect(send(new CancelDataQualityRulesetEvaluationRunCommand({ RunId: run.RunId }))).rejects.toMatchObject({
    name: "InvalidInputException",
  });
}, 120_000);

it("a run over data that cannot be read fails, and says why", async () => {
  rmSync(join(folder, "orders"), { recursive: true });
  const run = await evaluated("RowCount > 0");
  expect(run).toMatchObject({ Status: "FAILED", ErrorString: expect.stringContaining("orders") as string });
}, 120_000);

it("rulesets are kept, listed, changed and deleted; what names no table or ruleset is refused", async () => {
  await send(
    new CreateDataQualityRulesetCommand({
      Name: "a",
      Ruleset: 'Rules = [ RowCount > 0, IsUnique "id" ]',
      TargetTable: DataSource.GlueTable,
      Description: "d",
    }),
  );
  expect(await send(new GetDataQualityRulesetCommand({ Name: "a" }))).toMatchObject({
    Name: "a",
    Description: "d",
    Ruleset: 'Rules = [ RowCount > 0, IsUnique "id" ]',
    TargetTable: DataSource.GlueTable,
    CreatedOn: expect.any(Date) as Date,
  });
  await send(new UpdateDataQualityRulesetCommand({ Name: "a", Ruleset: "Rules = [ RowCount > 1 ]" }));
  expect(
    (await send(new ListDataQualityRulesetsCommand({ Filter: { TargetTable: DataSource.GlueTable } }))).Rulesets,
  ).toMatchObject([{ Name: "a", RuleCount: 1 }]);
  await expect(
    send(new CreateDataQualityRulesetCommand({ Name: "b", Ruleset: "Rules = [ Nope > 1 ]" })),
  ).rejects.toMatchObject({
    name: "InvalidInputException",
    message: expect.stringContaining("Nope is no rule") as string,
  });
  await expect(
    send(new StartDataQualityRulesetEvaluationRunCommand({ DataSource, Role: "r", RulesetNames: ["none"] })),
  ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  await expect(
    send(
      new StartDataQualityRulesetEvaluationRunCommand({
        DataSource: { GlueTable: { DatabaseName: "shop", TableName: "none" } },
        Role: "r",
        RulesetNames: ["a"],
      }),
    ),
  ).rejects.toMatchObject({ name: "EntityNotFoundException" });
  await send(new DeleteDataQualityRulesetCommand({ Name: "a" }));
  await expect(send(new GetDataQualityRulesetCommand({ Name: "a" }))).rejects.toMatchObject({
    name: "EntityNotFoundException",
  });
});

test.each([
  "",
  "Rules",
  "Rules = []",
  "Rules = [ RowCount ]",
  'Rules = [ RowCount > "a" ]',
  "Rules = [ IsComplete ]",
  'Rules = [ (IsComplete "a") and IsUnique "a" ]',
  'Rules = [ IsComplete "a" and IsUnique "a" ]',
  "Rules = [ (RowCount > 1) and (RowCount > 2) or (RowCount > 3) ]",
  "Rules = [ (RowCount > 1 ]",
  "Rules = [ () ]",
  "Rules = [ RowCount > avg(last(10)) ]",
  "Rules = [ RowCount > 1 ] more",
  'Rules = [ ColumnValues "a" > now() ]',
  'Rules = [ IsComplete "a" where b > 1 ]',
  'Rules = [ ColumnExists "a" where "b > 1" ]',
  'Rules = [ ColumnValues "a" > 1 with threshold > 0.5 where "b > 1" ]',
  'Rules = [ CustomSql "select 1" = 1 ]',
  "Analyzers = [ RowCount ]",
  "Rules = [ RowCount >> 1 ]",
  "rules = [ RowCount > 1 ]",
  'Rules = [ ColumnDataType "a" > 1 ]',
  'Rules = [ RowCount matches "1" ]',
])("no ruleset, or more than is evaluated here: %j", (text) => {
  expect(() => parseRuleset(text)).toThrow(
    expect.objectContaining({ code: "BAD_RULESET", name: "InvalidInputException" }) as Error,
  );
});

test("joins within joins have a limit", () => {
  const nested = (depth: number): string => `Rules = [ ${"(".repeat(depth)}RowCount > 1${")".repeat(depth)} ]`;
  expect(parseRuleset(nested(20))).toHaveLength(1);
  expect(() => parseRuleset(nested(30_000))).toThrow(expect.objectContaining({ code: "BAD_RULESET" }) as Error);
});

test("rules are read as they are written", () => {
  expect(
    parseRuleset(
      'Rules = [\n  # first\n  ColumnValues "a \\"b\\"" not in [1, -2.5] with threshold > 0.9,\n  IsPrimaryKey "a" "b"\n]',
    ),
  ).toEqual([
    {
      text: 'ColumnValues "a \\"b\\"" not in [1, -2.5] with threshold > 0.9',
      type: "ColumnValues",
      columns: ['a "b"'],
      condition: { kind: "in", values: [1, -2.5], isNot: true },
      threshold: { kind: "compare", op: ">", value: 0.9 },
    },
    { text: 'IsPrimaryKey "a" "b"', type: "IsPrimaryKey", columns: ["a", "b"] },
  ]);
  expect([
    holds({ kind: "between", low: 1, high: 2, isNot: false }, 1),
    holds({ kind: "compare", op: "!=", value: 1 }, 1),
    holds({ kind: "in", values: [1], isNot: false }, 1),
  ]).toEqual([false, false, true]);
});
