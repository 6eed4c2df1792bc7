/**
 * What the matchers look at: anything with an exact schema, and its choices with counts and places where a ledger knows
 * them.
 */
import { listChoices, type ChoiceReport } from "../shapes/ledger-drift.js";
import { ledgerType } from "../shapes/ledger-type.js";
import type { Ledger } from "../shapes/ledger.js";
import type { StructType } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";

/** A DynamicFrame, a DataFrame, a schema, or a ledger (of a file or of a table); or a promise of one. */
export type Subject =
  StructType | Pick<Ledger, "root"> | FrameLike | Promise<StructType | Pick<Ledger, "root"> | FrameLike>;
type FrameLike = { schema(): Promise<StructType>; drift?(): Promise<readonly ChoiceReport[]> };

export type Examined = { readonly type: StructType; readonly choices: ReadonlyMap<string, ChoiceReport> };

/** NOT_A_SUBJECT for anything else. Reading a frame's schema may scan its files. */
export async function examine(subject: unknown): Promise<Examined> {
  const value: unknown = await subject;
  if (isStruct(value)) return { type: value, choices: new Map() };
  if (isLedger(value)) return { type: ledgerType(value), choices: byPath(listChoices(value)) };
  if (isFrame(value)) return { type: await value.schema(), choices: byPath((await value.drift?.()) ?? []) };
  throw new DynaframeError("NOT_A_SUBJECT", "This value has no schema.", {
    expected: "a DynamicFrame, a DataFrame, a schema or a ledger",
    found: typeof value,
  });
}

const byPath = (reports: readonly ChoiceReport[]): ReadonlyMap<string, ChoiceReport> =>
  new Map(reports.map((report) => [report.path, report]));
const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null;
const isStruct = (value: unknown): value is StructType =>
  isObject(value) && value["kind"] === "struct" && Array.isArray(value["fields"]);
const isLedger = (value: unknown): value is Pick<Ledger, "root"> =>
  isObject(value) && isObject(value["root"]) && isObject(value["root"]["tags"]);
const isFrame = (value: unknown): value is FrameLike => isObject(value) && typeof value["schema"] === "function";
