/** Crawls of laid-out files, and what a crawl makes of one file alone. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CrawlOptions, CrawlReport, Table } from "../api.js";
import { asList, asObject, asText, asTexts, member, type Json, type JsonObject } from "../case.js";
import { compareFrame, unknownKeys } from "../compare/frame.js";
import { compareSets, differs, firstOf, within, type Mismatch } from "../compare/values.js";
import { NotBuilt, type CaseEnvironment } from "../environment.js";
import { observeFrame, wantedKeys } from "../observe.js";
import { operation, type OperationTable } from "./operation.js";

const DATABASE = "conformance";
const CRAWLER = "conformance";
type CrawledTable = {
  readonly columns: readonly (readonly [string, string])[];
  readonly partitionKeys: readonly (readonly [string, string])[];
  readonly partitions: readonly (readonly string[])[];
  readonly location: string;
  readonly classification: string;
};

export const crawlOperations: OperationTable = {
  crawl: operation(
    async ({ input, args }, environment) => {
      const { includes, objects, existing } = asObject(input);
      const store = new LocalStore(environment);
      await store.write(asObject(objects));
      for (const include of asTexts(includes)) await mkdir(store.path(include), { recursive: true });
      await environment.glue.catalog.createDatabase({ Name: DATABASE });
      for (const [name, table] of Object.entries(asObject(existing ?? {})))
        await putExisting(environment, store, name, asObject(table));
      requireBuilt(
        await environment.glue.crawl({
          ...crawlSettings(args),
          database: DATABASE,
          crawlerName: CRAWLER,
          includes: asTexts(includes).map((uri) => store.path(uri)),
          ...store.bucket(asTexts(includes)),
        }),
      );
      return crawledTables(environment, store);
    },
    (expected, tables, { compare }) =>
      firstOf(
        () => unknownKeys(expected, ["tables", "locations"]),
        () =>
          expected["tables"] === undefined
            ? undefined
            : compareTables(tables, asObject(expected["tables"]), compare.fieldOrder),
        () =>
          expected["locations"] === undefined
            ? undefined
            : within(
                "locations",
                compareSets(
                  [...tables.values()].map(({ location }) => location),
                  asTexts(expected["locations"]).map(trimmed),
                ),
              ),
      ),
  ),
  classify: operation(
    async ({ input, args }, environment) => {
      const text = member(asObject(input), "text");
      const files = asObject(member(asObject(input), "files") ?? {});
      const texts = text === undefined ? Object.entries(files) : [["input", text] as const];
      const found: { [name: string]: Classified } = {};
      for (const [name, content] of texts)
        found[name] = (await crawlAlone(environment, name, asText(content), args)).classified;
      return found;
    },
    (expected, found) => {
      const { files, ...own } = expected;
      return firstOf(
        () => (Object.keys(own).length === 0 ? undefined : compareClassified(own, found["input"])),
        ...Object.entries(asObject(files ?? {})).map(
          ([name, wanted]) =>
            () =>
              within(name, compareClassified(asObject(wanted), found[name])),
        ),
      );
    },
  ),
  classifyRead: operation(
    async ({ input, args, expected }, environment) => {
      const { table } = await crawlAlone(environment, "input", asText(member(asObject(input), "text")), args);
      if (!table) throw new Error("no classifier recognised the text");
      return observeFrame(
        environment.glue.createDynamicFrame.fromCatalog({ database: table.DatabaseName, tableName: table.Name }),
        wantedKeys(expected),
      );
    },
    (expected, frame, { compare }) => compareFrame(expected, frame, compare),
  ),
};

/** Objects of `s3://bucket/key` as files below a folder. */
class LocalStore {
  private readonly root: string;
  constructor(private readonly environment: CaseEnvironment) {
    this.root = environment.glue.storage.resolve(join(environment.directory, "store"));
  }

  path(uri: string): string {
    return trimmed(`${this.root}/${uri.replace(/^s3a?:\/\//, "")}`);
  }

  uri(path: string): string {
    return trimmed(path.startsWith(`${this.root}/`) ? `s3://${path.slice(this.root.length + 1)}` : path);
  }

  /** The folder that counts as a bucket, when all includes are of one. */
  bucket(includes: readonly string[]): { readonly bucket?: string } {
    const buckets = new Set(includes.map((uri) => uri.split("/").slice(0, 3).join("/")));
    const [only] = buckets;
    return buckets.size === 1 && only !== undefined ? { bucket: this.path(only) } : {};
  }

  async write(objects: JsonObject): Promise<void> {
    for (const [uri, body] of Object.entries(objects))
      await this.environment.write(this.path(uri).slice(this.environment.directory.length + 1), asText(body));
  }
}

const trimmed = (path: string): string => path.replace(/\/+$/, "");

function crawlSettings(
  args: JsonObject,
): Pick<CrawlOptions, "configuration" | "exclusions" | "tablePrefix" | "schemaChangePolicy" | "classifiers"> {
  const { classifiers, ...settings } = args;
  const custom = asList(classifiers ?? []).map(asObject);
  return { ...settings, ...(classifiers === undefined ? {} : { classifiers: custom }) } as unknown as ReturnType<
    typeof crawlSettings
  >;
}

/** What the crawl could not do because it is not built yet. */
function requireBuilt(report: CrawlReport): CrawlReport {
  const problem = report.problems.find(({ code }) => code === "UNSUPPORTED_OPTION");
  if (problem) throw new NotBuilt(problem.message);
  return report;
}

async function putExisting(
  { glue }: CaseEnvironment,
  store: LocalStore,
  name: string,
  table: JsonObject,
): Promise<void> {
  const pairs = (key: string) =>
    asList(member(table, key) ?? [])
      .map(asTexts)
      .map(([Name = "", Type = ""]) => ({ Name, Type }));
  const location = member(table, "location") === undefined ? undefined : store.path(asText(member(table, "location")));
  const classification = member(table, "classification");
  const keys = pairs("partitionKeys");
  const columns = pairs("columns");
  await glue.catalog.createTable(DATABASE, {
    Name: name,
    TableType: "EXTERNAL_TABLE",
    PartitionKeys: keys,
    Parameters: {
      UPDATED_BY_CRAWLER: CRAWLER,
      ...(classification === undefined ? {} : { classification: asText(classification) }),
    },
    StorageDescriptor: { Columns: columns, ...(location === undefined ? {} : { Location: location }) },
  });
  for (const Values of asList(member(table, "partitions") ?? []).map(asTexts)) {
    const folder = keys.map(({ Name }, i) => `${Name}=${Values[i] ?? ""}`).join("/");
    await glue.catalog.batchCreatePartition(DATABASE, name, [
      {
        Values,
        StorageDescriptor: {
          Columns: columns,
          ...(location === undefined ? {} : { Location: `${location}/${folder}` }),
        },
      },
    ]);
  }
}

async function crawledTables({ glue }: CaseEnvironment, store: LocalStore): Promise<ReadonlyMap<string, CrawledTable>> {
  const tables = new Map<string, CrawledTable>();
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await glue.catalog.getTables(DATABASE, token === undefined ? {} : { nextToken: token });
    for (const table of page.items)
      tables.set(table.Name, { ...describe(table, store), partitions: await partitionsOf(glue.catalog, table) });
    token = page.nextToken;
  }
  return tables;
}

const describe = (table: Table, store: LocalStore): Omit<CrawledTable, "partitions"> => ({
  columns: columnPairs(table.StorageDescriptor?.Columns),
  partitionKeys: columnPairs(table.PartitionKeys),
  location: store.uri(table.StorageDescriptor?.Location ?? ""),
  classification: table.Parameters?.["classification"] ?? "",
});

const columnPairs = (columns: Table["PartitionKeys"] = []): readonly (readonly [string, string])[] =>
  columns.map(({ Name, Type = "" }) => [Name, Type] as const);

async function partitionsOf(
  catalog: CaseEnvironment["glue"]["catalog"],
  table: Table,
): Promise<readonly (readonly string[])[]> {
  if ((table.PartitionKeys ?? []).length === 0) return [];
  const values: (readonly string[])[] = [];
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await catalog.getPartitions(DATABASE, table.Name, token === undefined ? {} : { nextToken: token });
    values.push(...page.items.map(({ Values }) => Values));
    token = page.nextToken;
  }
  return values;
}

function compareTables(
  found: ReadonlyMap<string, CrawledTable>,
  expected: JsonObject,
  fieldOrder: "ignore" | "exact",
): Mismatch {
  return firstOf(
    () => within("tables", compareSets([...found.keys()], Object.keys(expected))),
    ...Object.entries(expected).map(([name, wanted]) => () => {
      const table = found.get(name);
      return table === undefined
        ? `no table ${name}`
        : within(`table ${name}`, compareTable(table, asObject(wanted), fieldOrder));
    }),
  );
}

function compareTable(found: CrawledTable, expected: JsonObject, fieldOrder: "ignore" | "exact"): Mismatch {
  return firstOf(
    () =>
      unknownKeys(expected, ["columns", "partitionKeys", "partitions", "partitionCount", "location", "classification"]),
    ...Object.entries(expected).map(([key, wanted]) => () => {
      switch (key) {
        case "columns":
          return fieldOrder === "exact"
            ? differs(key, found.columns, wanted)
            : within(
                key,
                firstOf(
                  () => compareSets(found.columns, asList(wanted)),
                  () => differs("number of columns", found.columns.length, asList(wanted).length),
                ),
              );
        case "partitions":
          return within(
            key,
            firstOf(
              () => compareSets(found.partitions, asList(wanted)),
              () => differs("number of partitions", found.partitions.length, asList(wanted).length),
            ),
          );
        case "partitionCount":
          return differs(key, found.partitions.length, wanted);
        case "location":
          return differs(key, found.location, trimmed(asText(wanted)));
        default:
          return differs(key, found[key as "partitionKeys" | "classification"], wanted);
      }
    }),
  );
}

type Classified = {
  readonly classification: string;
  readonly header?: boolean;
  readonly delimiter?: string;
  readonly columns?: CrawledTable["columns"];
};

/** A file alone in its folder and database, crawled; without a table, what the crawl said of it. */
async function crawlAlone(
  environment: CaseEnvironment,
  name: string,
  text: string,
  args: JsonObject,
): Promise<{ readonly classified: Classified; readonly table?: Table }> {
  const { glue } = environment;
  const index = (await glue.catalog.getDatabases()).items.length;
  const file = await environment.write(`alone/${index}/${name.replaceAll("/", "_")}`, text);
  const report = requireBuilt(
    await glue.crawl({ ...crawlSettings(args), database: `alone_${index}`, includes: [dirname(file)] }),
  );
  const [table] = await glue.catalog.getTables(`alone_${index}`).then(
    ({ items }) => items,
    () => [],
  );
  return table ? { classified: classifiedOf(table), table } : { classified: { classification: skippedAs(report) } };
}

function classifiedOf(table: Table): Classified {
  const { classification = "", delimiter, "skip.header.line.count": skip } = table.Parameters ?? {};
  return {
    classification,
    columns: columnPairs(table.StorageDescriptor?.Columns),
    ...(delimiter === undefined ? {} : { delimiter, header: skip === "1" }),
  };
}

const skippedAs = (report: CrawlReport): string =>
  report.skipped.find(({ why }) => why === "UNREADABLE_FORMAT")?.detail?.split(",")[0] ?? "UNKNOWN";

function compareClassified(expected: JsonObject, found: Classified | undefined): Mismatch {
  if (!found) return "the file was not classified";
  return firstOf(
    () => unknownKeys(expected, ["classification", "notClassification", "header", "delimiter", "columns"]),
    ...Object.entries(expected).map(([key, wanted]) => () => {
      if (key === "notClassification")
        return found.classification === wanted ? `classification: expected any but ${found.classification}` : undefined;
      if (key === "columns") return compareColumns(found.columns ?? [], asList(wanted).map(asTexts));
      return differs(key, found[key as "classification" | "header" | "delimiter"] as Json | undefined, wanted);
    }),
  );
}

/** In order; a bare `array`, `struct` or `map` matches any type of that kind. */
function compareColumns(found: CrawledTable["columns"], expected: readonly (readonly string[])[]): Mismatch {
  const holds =
    found.length === expected.length
    && expected.every(([name, type = ""], i) => {
      const [foundName, foundType = ""] = found[i] ?? [];
      return (
        foundName === name
        && (foundType === type || (["array", "struct", "map"].includes(type) && foundType.startsWith(`${type}<`)))
      );
    });
  return holds ? undefined : (differs("columns", found, expected) ?? "columns differ");
}
