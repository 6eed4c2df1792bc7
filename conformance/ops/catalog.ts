/** Partition expressions: the catalog's own grammar, and the predicates of readers. */
import { usesPartitionIndex } from "../api.js";
import { asList, asObject, asTexts, member, type ConformanceCase, type Json, type JsonObject } from "../case.js";
import { compareError, show } from "../compare/error.js";
import { unknownKeys, type Observed } from "../compare/frame.js";
import { brief, compareSets, differs, firstOf, within, type Mismatch } from "../compare/values.js";
import type { CaseEnvironment } from "../environment.js";
import { attempt, operation, type OperationTable } from "./operation.js";

type Partitions = readonly (readonly string[])[];
const DATABASE = "conformance";
const TABLE = "partitioned";
const ROW = "conformance_row";

export const catalogOperations: OperationTable = {
  getPartitions: operation(async ({ input, args }, environment) => {
    await registerPartitions(asObject(input), environment, false);
    return attemptEach(asTexts(member(args, "expressions")), (expression) => storedPartitions(environment, expression));
  }, compareResults),
  pushDownPredicate: operation(async ({ input, args }, environment) => {
    const partitions = await registerPartitions(asObject(input), environment, true);
    return attemptEach(asTexts(member(args, "predicates")), (predicate) =>
      readPartitions(environment, partitions, predicate),
    );
  }, compareResults),
  partitionIndexPlan: operation(
    async ({ input, args }) => {
      const keys = asList(member(asObject(input), "partitionKeys"))
        .map(asTexts)
        .map(([name = "", type = ""]) => ({ name, type }));
      return asTexts(member(args, "expressions")).map((expression) =>
        usesPartitionIndex(keys, asTexts(member(asObject(input), "index")), expression),
      );
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["indexUsed"]),
        () => differs("indexUsed", found, member(expected, "indexUsed")),
      ),
  ),
};

async function attemptEach(
  texts: readonly string[],
  run: (text: string) => Promise<Partitions>,
): Promise<readonly Observed<Partitions>[]> {
  const results: Observed<Partitions>[] = [];
  for (const text of texts) results.push(await attempt(() => run(text)));
  return results;
}

/** A table with these partitions; with data, each partition has a folder with one record that tells which it is. */
async function registerPartitions(
  input: JsonObject,
  environment: CaseEnvironment,
  withData: boolean,
): Promise<Partitions> {
  const { glue, directory } = environment;
  const partitions = asList(member(input, "partitions")).map(asTexts);
  const location = (i: number): string => `${directory}/data/${i}`;
  await glue.catalog.createDatabase({ Name: DATABASE });
  await glue.catalog.createTable(DATABASE, {
    Name: TABLE,
    TableType: "EXTERNAL_TABLE",
    Parameters: { classification: "json" },
    PartitionKeys: asList(member(input, "partitionKeys"))
      .map(asTexts)
      .map(([Name = "", Type = ""]) => ({ Name, Type })),
    StorageDescriptor: { Columns: [{ Name: ROW, Type: "int" }], Location: `${directory}/data` },
  });
  for (const [i, Values] of partitions.entries()) {
    if (withData) await environment.write(`data/${i}/part.json`, `${JSON.stringify({ [ROW]: i })}\n`);
    const [failed] = await glue.catalog.batchCreatePartition(DATABASE, TABLE, [
      { Values, StorageDescriptor: { Columns: [{ Name: ROW, Type: "int" }], Location: location(i) } },
    ]);
    if (failed) throw new Error(`${failed.ErrorDetail.ErrorCode}: ${failed.ErrorDetail.ErrorMessage}`);
  }
  return partitions;
}

async function storedPartitions({ glue }: CaseEnvironment, expression: string): Promise<Partitions> {
  const found: (readonly string[])[] = [];
  for (let nextToken: string | undefined, more = true; more; more = nextToken !== undefined) {
    const page = await glue.catalog.getPartitions(DATABASE, TABLE, {
      expression,
      ...(nextToken === undefined ? {} : { nextToken }),
    });
    found.push(...page.items.map(({ Values }) => Values));
    nextToken = page.nextToken;
  }
  return found;
}

async function readPartitions(
  { glue }: CaseEnvironment,
  partitions: Partitions,
  pushDownPredicate: string,
): Promise<Partitions> {
  const records = await glue.createDynamicFrame
    .fromCatalog({ database: DATABASE, tableName: TABLE, pushDownPredicate })
    .records();
  return records.map((record) => partitions[Number(record[ROW])] ?? []);
}

function compareResults(
  expected: JsonObject,
  found: readonly Observed<Partitions>[],
  { args }: ConformanceCase,
): Mismatch {
  const results = asList(member(expected, "results")).map(asObject);
  const texts = asTexts(member(args, "expressions") ?? member(args, "predicates"));
  return firstOf(
    () => unknownKeys(expected, ["results"]),
    () => (results.length === found.length ? undefined : `expected ${results.length} results, found ${found.length}`),
    ...results.map((result, i) => () => within(texts[i] ?? String(i), compareResult(result, found[i]))),
  );
}

function compareResult(expected: JsonObject, found: Observed<Partitions> | undefined): Mismatch {
  const error = member(expected, "error");
  const partitions = member(expected, "partitions");
  if (found === undefined) return "no result";
  if (error !== undefined)
    return found.thrown
      ? compareError(found.thrown, asObject(error))
      : `expected an error ${brief(error)}, found partitions ${brief(found.value as Json)}`;
  if (found.thrown) return `threw ${show(found.thrown)}`;
  if (found.value.length !== new Set(found.value.map((values) => JSON.stringify(values))).size)
    return `a partition was given twice: ${brief(found.value as Json)}`;
  return compareSets(found.value as readonly Json[], asList(partitions));
}
