/** What a case expects of one frame or of a collection of frames, against what was observed (FORMAT §3). */
import {
  asList,
  asObject,
  asRecords,
  asText,
  asTexts,
  isObject,
  member,
  type CompareOptions,
  type Json,
  type JsonObject,
} from "../case.js";
import { compareError, show, type ThrownError } from "./error.js";
import { compareKeyedFrames } from "./key-bijection.js";
import { compareSchemaText } from "./schema-text.js";
import {
  brief,
  compareRecords,
  compareSets,
  differs,
  firstOf,
  matchAll,
  sameValue,
  within,
  type Mismatch,
} from "./values.js";

export type ObservedFrame = {
  readonly records?: readonly JsonObject[];
  readonly recordCount?: number;
  readonly fields?: readonly string[];
  readonly schemaText?: string;
  readonly errorsCount?: number;
  readonly stageErrorsCount?: number;
  readonly errors?: readonly { readonly message: string; readonly record: Json }[];
  readonly errorFields?: readonly string[];
};
export type ObservedCollection = {
  readonly keys: readonly string[];
  readonly frames: { readonly [name: string]: ObservedFrame | undefined };
};
/** What an operation gave, or the error it threw. */
export type Observed<T> = { readonly value: T; readonly thrown?: undefined } | { readonly thrown: ThrownError };

/**
 * Handles `error` and `anyOf` for every operation: nothing may throw unless an error is expected, all keys beside
 * `anyOf` hold, and at least one alternative holds in full, together with the keys beside it.
 */
export function compareExpectation<T>(
  expected: JsonObject,
  observed: Observed<T>,
  compareValue: (expected: JsonObject, value: T) => Mismatch,
): Mismatch {
  const { anyOf, ...rest } = expected;
  if (anyOf === undefined) return compareOne(rest, observed, compareValue);
  const base = Object.keys(rest).length === 0 ? undefined : compareOne(rest, observed, compareValue);
  if (base !== undefined) return base;
  const mismatches = asList(anyOf).map((alternative) =>
    firstOf(
      () => compareOne(asObject(alternative), observed, compareValue),
      () => compareOne(overlay(rest, asObject(alternative)), observed, compareValue),
    ),
  );
  return mismatches.includes(undefined)
    ? undefined
    : `no alternative holds: ${mismatches.map((m, i) => `(${i + 1}) ${m}`).join(" ")}`;
}

function compareOne<T>(
  expected: JsonObject,
  observed: Observed<T>,
  compareValue: (expected: JsonObject, value: T) => Mismatch,
): Mismatch {
  const { error, ...rest } = expected;
  if (observed.thrown)
    return error === undefined ? `threw ${show(observed.thrown)}` : compareError(observed.thrown, asObject(error));
  return error === undefined
    ? compareValue(rest, observed.value)
    : `expected an error ${brief(error)}, nothing was thrown`;
}

/** Frames of the alternative join those beside it: one renaming of keys has to serve both. */
function overlay(base: JsonObject, alternative: JsonObject): JsonObject {
  const merged = Object.entries(alternative).map(([key, value]): [string, Json] => {
    const below = member(base, key);
    return [
      key,
      (key === "frames" || "error" in alternative) && isObject(value) && isObject(below)
        ? { ...below, ...value }
        : value,
    ];
  });
  return "error" in alternative ? alternative : { ...base, ...Object.fromEntries(merged) };
}

export function compareFrame(expected: JsonObject, found: ObservedFrame, options: CompareOptions): Mismatch {
  const of = <K extends keyof ObservedFrame>(
    key: K,
    check: (actual: NonNullable<ObservedFrame[K]>, wanted: Json) => Mismatch,
  ): Mismatch => {
    const wanted = member(expected, key);
    const actual = found[key];
    if (wanted === undefined) return undefined;
    return actual === undefined || actual === null ? `${key} was not observed` : within(key, check(actual, wanted));
  };
  return firstOf(
    () => unknownKeys(expected, FRAME_KEYS),
    () => of("schemaText", (actual, wanted) => compareSchemaText(actual, asText(wanted), options.fieldOrder)),
    () => of("fields", (actual, wanted) => compareSets(actual, asTexts(wanted))),
    () => of("recordCount", (actual, wanted) => differs("count", actual, wanted)),
    () => of("errorsCount", (actual, wanted) => differs("count", actual, wanted)),
    () => of("stageErrorsCount", (actual, wanted) => differs("count", actual, wanted)),
    () => of("records", (actual, wanted) => compareRecords(actual, asRecords(wanted), options.recordOrder)),
    () => of("errors", (actual, wanted) => compareErrorRows(actual, asRecords(wanted))),
    () => of("errorFields", (actual, wanted) => compareSets(actual, asTexts(wanted))),
  );
}

const FRAME_KEYS = [
  "records",
  "recordCount",
  "fields",
  "schemaText",
  "errorsCount",
  "stageErrorsCount",
  "errors",
  "errorFields",
];

/** A key nobody compares must not pass in silence. */
export function unknownKeys(expected: JsonObject, known: readonly string[]): Mismatch {
  const unknown = Object.keys(expected).filter((key) => !known.includes(key));
  return unknown.length === 0 ? undefined : `the runner does not know expected.${unknown.join(", expected.")}`;
}

function compareErrorRows(
  actual: readonly { readonly message: string; readonly record: Json }[],
  wanted: readonly JsonObject[],
): Mismatch {
  const { missing, unexpected } = matchAll(actual, wanted, (row, entry) => {
    const contains = member(entry, "contains");
    const record = member(entry, "record");
    return (
      (contains === undefined || asTexts(contains).every((part) => row.message.includes(part)))
      && (record === undefined || sameValue(row.record, record))
    );
  });
  if (missing.length === 0 && unexpected.length === 0) return undefined;
  return `${missing.length} of ${wanted.length} missing, ${unexpected.length} unexpected; first missing ${brief(missing[0])}, first unexpected ${brief(unexpected[0] as Json)}`;
}

export function compareCollection(expected: JsonObject, found: ObservedCollection, options: CompareOptions): Mismatch {
  const keys = member(expected, "keys");
  const frames = asObject(member(expected, "frames") ?? {});
  const groups = options.keyBijection ?? [];
  const renamed = new Set(groups.flat().map(([frame]) => frame));
  return firstOf(
    () => unknownKeys(expected, ["keys", "frames"]),
    () => (keys === undefined ? undefined : within("keys", compareSets(found.keys, asTexts(keys)))),
    () => {
      const absent = Object.keys(frames).find((name) => found.frames[name] === undefined);
      return absent === undefined
        ? undefined
        : `no frame ${JSON.stringify(absent)}; there are ${found.keys.join(", ")}`;
    },
    ...Object.entries(frames).map(([name, wanted]) => () => {
      const { records, ...others } = asObject(wanted);
      const literal = renamed.has(name) || records === undefined ? others : { ...others, records };
      return within(`frame ${name}`, compareFrame(literal, found.frames[name] ?? {}, options));
    }),
    () => {
      const tables = Object.entries(frames).flatMap(([name, wanted]) => {
        const records = member(asObject(wanted), "records");
        return renamed.has(name) && records !== undefined ? [[name, asRecords(records)] as const] : [];
      });
      if (tables.length === 0) return undefined;
      const actual = new Map(tables.map(([name]) => [name, found.frames[name]?.records ?? []] as const));
      return compareKeyedFrames(actual, new Map(tables), groups, options.recordOrder);
    },
  );
}
