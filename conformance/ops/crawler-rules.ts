/** The crawler's rules by themselves: exclude patterns, names, the choice among classifiers, settings. */
import { effectiveCrawlerConfig, globMatches, pickClassification, tableName } from "../api.js";
import { asList, asObject, asText, asTexts, member, type Json, type JsonObject } from "../case.js";
import { unknownKeys, type Observed } from "../compare/frame.js";
import { compareSets, differs, firstOf, within, type Mismatch } from "../compare/values.js";
import { attempt, operation, type OperationTable } from "./operation.js";

type ClassifierResults = Parameters<typeof pickClassification>[0];
type CrawlerArgs = Parameters<typeof effectiveCrawlerConfig>[0];

export const crawlerRuleOperations: OperationTable = {
  glob: operation(
    async ({ input, args }) => {
      const pairs = member(asObject(input), "pairs");
      if (pairs !== undefined)
        return {
          matches: asList(pairs)
            .map(asTexts)
            .map(([pattern = "", key = ""]) => globMatches(pattern, key)),
        };
      return globResult(asTexts(member(asObject(input), "keys")), asTexts(member(args, "patterns") ?? []));
    },
    (expected, found: JsonObject) =>
      firstOf(
        () => unknownKeys(expected, ["excludedBy", "included", "excluded", "matches"]),
        ...Object.entries(expected).map(([key, wanted]) => () => {
          const actual = member(found, key);
          if (actual === undefined) return `${key} was not observed`;
          if (key === "matches") return differs(key, actual, wanted);
          return key === "excludedBy"
            ? within(key, compareSetsByName(asObject(actual), asObject(wanted)))
            : within(key, compareSets(asList(actual), asList(wanted)));
        }),
      ),
  ),
  crawlerTableName: operation(
    async ({ input, args }) =>
      asTexts(member(asObject(input), "folders")).map((folder) =>
        tableName(asText(member(args, "tablePrefix") ?? ""), folder),
      ),
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["names"]),
        () => differs("names", found, member(expected, "names")),
      ),
  ),
  classifyOrder: operation(
    async ({ input }) =>
      pickClassification(member(asObject(input), "results") as unknown as ClassifierResults)?.name ?? null,
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["picked"]),
        () => differs("picked", found, member(expected, "picked")),
      ),
  ),
  crawlerConfig: operation(
    async ({ args }) => {
      const { rejected, ...settings } = args;
      const effective = (await effectiveCrawlerConfig(settings as unknown as CrawlerArgs)) as unknown as {
        readonly [key: string]: Json | undefined;
      };
      const refusals: Observed<unknown>[] = [];
      for (const changes of asList(rejected ?? [])) {
        refusals.push(
          await attempt(async () =>
            effectiveCrawlerConfig({ ...settings, ...asObject(changes) } as unknown as CrawlerArgs),
          ),
        );
      }
      return { effective, refusals };
    },
    (expected, { effective, refusals }, { args }) =>
      firstOf(
        () => unknownKeys(expected, ["effective"]),
        ...Object.entries(asObject(member(expected, "effective") ?? {})).map(
          ([key, wanted]) =>
            () =>
              differs(key, effective[key], wanted),
        ),
        () => {
          const accepted = refusals.findIndex(({ thrown }) => thrown === undefined);
          return accepted < 0
            ? undefined
            : `settings that must be refused were accepted: ${JSON.stringify(asList(args["rejected"])[accepted])}`;
        },
      ),
  ),
};

function globResult(keys: readonly string[], patterns: readonly string[]): JsonObject {
  const excludedBy = Object.fromEntries(
    patterns.map((pattern) => [pattern, keys.filter((key) => globMatches(pattern, key))]),
  );
  const excluded = new Set(Object.values(excludedBy).flat());
  return { excludedBy, excluded: [...excluded], included: keys.filter((key) => !excluded.has(key)) };
}

function compareSetsByName(actual: JsonObject, expected: JsonObject): Mismatch {
  return firstOf(
    ...Object.entries(expected).map(([name, wanted]) => () => {
      const found = member(actual, name);
      return found === undefined
        ? `${name}: not a pattern of the case`
        : within(name, compareSets(asList(found), asList(wanted)));
    }),
  );
}
