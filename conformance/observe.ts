/** Forces a frame and notes what the case asks about, nothing else: an answer nobody asked for must not fail a case. */
import type { DataFrame, DynamicFrame, DynamicFrameCollection } from "./api.js";
import { asList, asObject, member, type JsonObject } from "./case.js";
import type { ObservedCollection, ObservedFrame } from "./compare/frame.js";
import { plainRecord, plainValue } from "./plain.js";

/** The keys that a case mentions, in `expected` itself or in an alternative. */
export function wantedKeys(expected: JsonObject): ReadonlySet<string> {
  const alternatives = asList(member(expected, "anyOf") ?? []).map(asObject);
  return new Set([expected, ...alternatives].flatMap((part) => Object.keys(part)));
}

export async function observeFrame(frame: DynamicFrame, wanted: ReadonlySet<string>): Promise<ObservedFrame> {
  const when = async <T>(key: string, observe: () => Promise<T>): Promise<{ readonly [k: string]: T }> =>
    wanted.has(key) ? { [key]: await observe() } : {};
  // an expected error may come only from forcing the data
  const records =
    wanted.has("error") || wanted.has("records") ? { records: (await frame.records()).map(plainRecord) } : {};
  return {
    ...records,
    ...(await when("recordCount", () => frame.count())),
    ...(await when("fields", async () => (await frame.schema()).fields.map(({ name }) => name))),
    ...(await when("schemaText", () => frame.schemaTree())),
    ...(await when("errorsCount", () => frame.errorsCount())),
    ...(await when("stageErrorsCount", () => frame.stageErrorsCount())),
    ...(await when("errors", () => errorRows(frame))),
    ...(await when("errorFields", () => errorFields(frame))),
  };
}

async function errorRows(frame: DynamicFrame): Promise<NonNullable<ObservedFrame["errors"]>> {
  const rows = await frame.errorsAsDynamicFrame().records();
  return rows.map((row) => {
    const error = asObject(plainValue(row["error"]));
    return { message: String(member(error, "msg") ?? ""), record: member(error, "dynamicRecord") ?? null };
  });
}

async function errorFields(frame: DynamicFrame): Promise<readonly string[]> {
  const schema = await frame.errorsAsDynamicFrame().schema();
  const error = schema.fields.find(({ name }) => name === "error")?.type;
  return error?.kind === "struct" ? error.fields.map(({ name }) => name) : [];
}

export async function observeRows(df: DataFrame, wanted: ReadonlySet<string>): Promise<ObservedFrame> {
  const schema = await df.schema();
  const rows = (await df.rows()).map(plainRecord);
  return {
    records: rows,
    fields: schema.fields.map(({ name }) => name),
    ...(wanted.has("recordCount") ? { recordCount: await df.count() } : {}),
    ...(wanted.has("schemaText") ? { schemaText: await df.schemaTree() } : {}),
  };
}

/** Frames named by the case; with an expected error, all of them. */
export async function observeCollection(
  collection: DynamicFrameCollection,
  expected: JsonObject,
): Promise<ObservedCollection> {
  const keys = await collection.keys();
  const parts = [expected, ...asList(member(expected, "anyOf") ?? []).map(asObject)].map((part) =>
    asObject(member(part, "frames") ?? {}),
  );
  const named = new Set(parts.flatMap((part) => Object.keys(part)));
  const frames: { [name: string]: ObservedFrame } = {};
  for (const name of keys) {
    const wanted = new Set(parts.flatMap((part) => Object.keys(asObject(member(part, name) ?? {}))));
    if (wantedKeys(expected).has("error")) wanted.add("records");
    if (named.has(name) || wanted.size > 0) frames[name] = await observeFrame(collection.select(name), wanted);
  }
  return { keys, frames };
}
