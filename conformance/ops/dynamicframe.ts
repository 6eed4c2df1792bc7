/** Operations on frames. */
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  Relationalize,
  typeFromJson,
  type Comparisons,
  type DynamicFrame,
  type DynamicFrameCollection,
} from "../api.js";
import {
  asList,
  asObject,
  asText,
  asTexts,
  member,
  type ConformanceCase,
  type Json,
  type JsonObject,
} from "../case.js";
import { compareCollection, compareFrame, unknownKeys } from "../compare/frame.js";
import { differs, firstOf } from "../compare/values.js";
import { functionOf, type CaseEnvironment } from "../environment.js";
import { observeCollection, observeFrame, observeRows, wantedKeys } from "../observe.js";
import { operation, type Operation, type OperationTable } from "./operation.js";
import { given, runSteps, verbs } from "./verbs.js";

/** An operation whose result is one frame. */
export const frameOperation = (
  run: (testCase: ConformanceCase, environment: CaseEnvironment) => Promise<DynamicFrame>,
): Operation =>
  operation(
    async (testCase, environment) => observeFrame(await run(testCase, environment), wantedKeys(testCase.expected)),
    (expected, found, { compare }) => compareFrame(expected, found, compare),
  );

/** An operation that makes a collection of one frame. */
const collectionOperation = (run: (frame: DynamicFrame, args: JsonObject) => DynamicFrameCollection): Operation =>
  operation(
    async ({ input, args, expected }, environment) => observeCollection(run(environment.load(input), args), expected),
    (expected, found, { compare }) => compareCollection(expected, found, compare),
  );

const keysOf = (args: JsonObject, name: string): readonly string[] => {
  const keys = member(args, name) ?? null;
  return typeof keys === "string" ? [keys] : asTexts(keys);
};
const nameOf = (args: JsonObject, name: string): string | undefined => {
  const given = member(args, name);
  return given === undefined ? undefined : asText(given);
};

const verbOperations: OperationTable = Object.fromEntries(
  Object.entries(verbs).map(([op, verb]) => [
    op,
    frameOperation(({ input, args }, environment) => verb(environment.load(input), args, environment)),
  ]),
);

export const frameOperations: OperationTable = {
  ...verbOperations,
  printSchema: frameOperation(async ({ input }, environment) => environment.load(input)),
  pipeline: frameOperation(({ input, args }, environment) =>
    runSteps(environment.load(input), asList(member(args, "steps")).map(asObject), environment),
  ),
  union: frameOperation(async ({ input }, environment) => {
    const { frame1, frame2 } = asObject(input);
    return environment.load(frame1).union(environment.load(frame2));
  }),
  join: frameOperation(async ({ input, args }, environment) => {
    const { frame1, frame2 } = asObject(input);
    return environment.load(frame1).join(keysOf(args, "keys1"), keysOf(args, "keys2"), environment.load(frame2));
  }),
  mergeDynamicFrame: frameOperation(async ({ input, args }, environment) => {
    const { source, stage } = asObject(input);
    return environment.load(source).mergeDynamicFrame(environment.load(stage), keysOf(args, "primaryKeys"));
  }),
  splitFields: collectionOperation((frame, args) =>
    frame.splitFields(keysOf(args, "paths"), nameOf(args, "name1"), nameOf(args, "name2")),
  ),
  splitRows: collectionOperation((frame, args) =>
    frame.splitRows(asObject(member(args, "comparisons")) as Comparisons, nameOf(args, "name1"), nameOf(args, "name2")),
  ),
  relationalize: operation(
    async ({ input, args, expected }, environment) => {
      const root = member(args, "rootTableName");
      const staging = member(args, "stagingPath") ?? null;
      environment.glue.setResolvedOptions(asObject(member(args, "resolvedOptions") ?? {}));
      const frame = environment.load(input);
      return observeCollection(
        Relationalize.apply({
          frame,
          ...(staging === null ? {} : { stagingPath: asText(staging) }),
          ...(root === undefined ? {} : { name: asText(root) }),
        }),
        expected,
      );
    },
    (expected, found, { compare }) => compareCollection(expected, found, compare),
  ),
  spigot: operation(
    async ({ input, args }, environment) => {
      const folder = join(environment.directory, "spigot");
      const recordCount = await environment
        .load(input)
        .spigot(folder, asObject(member(args, "options") ?? {}))
        .count();
      const names = (await readdir(folder).catch(() => [])).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
      return {
        recordCount,
        written: texts
          .flatMap((text) => text.split("\n"))
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Json),
      };
    },
    (expected, { recordCount, written }) =>
      firstOf(
        () => unknownKeys(expected, ["written", "recordCount"]),
        () =>
          member(expected, "recordCount") === undefined
            ? undefined
            : differs("recordCount", recordCount, member(expected, "recordCount")),
        () =>
          member(expected, "written") === undefined
            ? undefined
            : differs("written", written, member(expected, "written")),
      ),
  ),
  toDF: operation(
    async ({ input, args, expected }, environment) => {
      const options = asList(member(args, "options") ?? [])
        .map(asObject)
        .map((option) => {
          const target = member(option, "target");
          return {
            path: asText(member(option, "path")),
            action: asText(member(option, "action")),
            ...(target === undefined ? {} : { target: typeFromJson(target) }),
          };
        });
      return observeRows(environment.load(input).toDF(options), wantedKeys(expected));
    },
    (expected, found, { compare }) => compareFrame(expected, found, compare),
  ),
  assertErrorThreshold: operation(
    async ({ input, args, expected }, environment) => {
      const loaded = environment.load(input);
      const f = functionOf(member(args, "f"));
      await loaded.count();
      try {
        const frame = loaded.map(f, given(args, "stageThreshold", "totalThreshold"));
        const counts = { recordCount: await frame.count(), errorsCount: await frame.errorsCount() };
        await frame.assertErrorThreshold();
        return { throws: false, ...counts };
      } catch (error) {
        if (member(expected, "throws") !== true) throw error;
        return { throws: true, recordCount: undefined, errorsCount: undefined };
      }
    },
    (expected, found) =>
      firstOf(
        () => unknownKeys(expected, ["throws", "recordCount", "errorsCount"]),
        () => differs("throws", found.throws, member(expected, "throws")),
        ...(["recordCount", "errorsCount"] as const).map(
          (key) => () =>
            found.throws || member(expected, key) === undefined
              ? undefined
              : differs(key, found[key], member(expected, key)),
        ),
      ),
  ),
};
