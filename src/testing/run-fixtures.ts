/** Runs fixture folders and says what does not hold. */
import type { DynamicFrame } from "../dynamicframe/dynamic-frame.js";
import { recordJson } from "../dynamicframe/print-record.js";
import { DynaframeError } from "../types/error.js";
import { listFixtures, loadFixture, type FixtureStep, type LoadedFixture } from "./fixture.js";
import { matchers, type MatcherResult } from "./matchers.js";
import { temporaryContext, type TemporaryContext } from "./temporary-context.js";
import type { TypeName } from "../types/data-type.js";
import { Decimal } from "../types/value.js";

/** Whether a fixture holds. */
export type FixtureResult = {
  readonly name: string;
  readonly about: string;
  /** Empty when all expectations hold. */ readonly problems: readonly string[];
};
/** How fixtures run. */
export type FixtureOptions = {
  /** As in `GlueContext.open`; default `duckdb`. */
  readonly engine?: string;
};

/** All fixtures below the folder, one after the other, each in a fresh context. */
export async function runFixtures(directory: string, options: FixtureOptions = {}): Promise<readonly FixtureResult[]> {
  const results: FixtureResult[] = [];
  for (const name of await listFixtures(directory)) results.push(await runFixture(directory, name, options));
  return results;
}

/** One fixture; for `it.each(await listFixtures(directory))`. A fixture that is not valid is a BAD_FIXTURE error. */
export async function runFixture(
  directory: string,
  name: string,
  options: FixtureOptions = {},
): Promise<FixtureResult> {
  const fixture = await loadFixture(directory, name);
  const context = await temporaryContext(options);
  try {
    return { name, about: fixture.about, problems: await judge(fixture, context) };
  } finally {
    await context.close();
  }
}

async function judge(fixture: LoadedFixture, { glue }: TemporaryContext): Promise<readonly string[]> {
  try {
    const source = glue.createDynamicFrame.fromOptions({
      connectionType: "file",
      connectionOptions: { paths: fixture.files },
      format: fixture.format,
      formatOptions: fixture.formatOptions ?? {},
    });
    const frame = (fixture.steps ?? []).reduce(applyStep, source);
    if (fixture.expectError === undefined) return await check(fixture, frame);
    await frame.records();
    return [`expected the error ${fixture.expectError}, nothing was thrown`];
  } catch (error) {
    if (!(error instanceof DynaframeError)) throw error;
    if (error.code === fixture.expectError || error.name === fixture.expectError) return [];
    return [`threw ${error.code}: ${error.message}`];
  }
}

const STEPS: { readonly [op: string]: (frame: DynamicFrame, args: never) => DynamicFrame } = Object.freeze({
  applyMapping: (frame: DynamicFrame, { mappings, ...options }: { mappings: readonly (readonly string[])[] }) =>
    frame.applyMapping(mappings, options),
  dropFields: (frame: DynamicFrame, { paths }: { paths: readonly string[] }) => frame.dropFields(paths),
  selectFields: (frame: DynamicFrame, { paths }: { paths: readonly string[] }) => frame.selectFields(paths),
  renameField: (frame: DynamicFrame, { oldName, newName }: { oldName: string; newName: string }) =>
    frame.renameField(oldName, newName),
  resolveChoice: (frame: DynamicFrame, args: Parameters<DynamicFrame["resolveChoice"]>[0]) => frame.resolveChoice(args),
  unnest: (frame: DynamicFrame) => frame.unnest(),
  relationalize: (frame: DynamicFrame, { root, table }: { root: string; table: string }) =>
    frame.relationalize(root).select(table),
});

function applyStep(frame: DynamicFrame, { op, args = {} }: FixtureStep): DynamicFrame {
  const step = Object.hasOwn(STEPS, op) ? STEPS[op] : undefined;
  if (!step)
    throw new DynaframeError("BAD_FIXTURE", `no step ${op}`, { expected: Object.keys(STEPS).join(", "), found: op });
  return step(frame, args as never);
}

async function check(fixture: LoadedFixture, frame: DynamicFrame): Promise<readonly string[]> {
  const { expectSchema, expectRecords, expectCount, expectErrors, expectChoices = {} } = fixture;
  const problems: string[] = [];
  const note = (holds: boolean, message: () => string): void => {
    if (!holds) problems.push(message());
  };
  const matched = ({ pass, message }: MatcherResult): void => note(pass, message);
  if (expectSchema) matched(await matchers.toMatchSchema(frame, expectSchema.join("\n")));
  for (const [path, types] of Object.entries(expectChoices))
    matched(await matchers.toHaveChoice(frame, path, types as readonly TypeName[]));
  if (expectErrors !== undefined) {
    const errors = await frame.errorsCount();
    note(errors === expectErrors, () => `expected ${expectErrors} error records, found ${errors}`);
  }
  if (expectCount !== undefined) {
    const count = await frame.count();
    note(count === expectCount, () => `expected ${expectCount} records, found ${count}`);
  }
  if (expectRecords) problems.push(...recordProblems(await frame.records(), expectRecords));
  return problems;
}

function recordProblems(found: readonly object[], expected: readonly object[]): readonly string[] {
  const left = found.map((record) => comparable(written(record)));
  const problems: string[] = [];
  for (const record of expected.map(comparable)) {
    const at = left.indexOf(record);
    if (at < 0) problems.push(`missing record ${record}`);
    else left.splice(at, 1);
  }
  return [...problems, ...left.map((record) => `unexpected record ${record}`)];
}

/**
 * A value as `case.json` writes it: a number that JavaScript cannot hold exactly is its text, and so are times; binary
 * is base64.
 */
function written(value: unknown): unknown {
  if (typeof value === "bigint" || value instanceof Decimal)
    return String(Number(value)) === String(value) ? Number(value) : String(value);
  if (value instanceof Map) return written(Object.fromEntries(value as ReadonlyMap<string, unknown>));
  if (Array.isArray(value)) return value.map((item) => written(item ?? null));
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array) && !("toJSON" in value)) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, written(item)]));
  }
  return JSON.parse(recordJson(value)) as unknown;
}

/** Members sorted, nulls of objects left out. */
function comparable(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(
      Object.entries(item)
        .filter(([, v]) => v !== null)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
}
