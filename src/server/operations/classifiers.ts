import { changeDefinition, createDefinition, deleteDefinition, getDefinition } from "../../catalog/definitions/definition.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { listed } from "../definition-operations.js";
import { operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";

const KINDS = ["GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier"] as const;
type Kind = (typeof KINDS)[number];
type Settings = { readonly Name: string; readonly [setting: string]: unknown };
type Request = { readonly [K in Kind]?: Settings };
type Stored = { readonly kind: Kind; readonly settings: Settings };

const ref = (name: string) => ({ kind: "classifier", name });

export const classifierOperations = {
  CreateClassifier: operation(async (input: Request, { catalog }) => {
    const stored = only(input);
    check(stored);
    await createDefinition(catalog, ref(stored.settings.Name), stored);
    return {};
  }),
  GetClassifier: operation(async ({ Name }: { Name: string }, { catalog }) => ({ Classifier: classifierOf(await getDefinition<Stored>(catalog, ref(Name))) })),
  GetClassifiers: operation(async (input: Paged, context) => listed<Stored>(context, "classifier", input, "Classifiers", classifierOf)),
  UpdateClassifier: operation(async (input: Request, { catalog }) => {
    const next = only(input);
    await changeDefinition<Stored>(catalog, ref(next.settings.Name), (before) => {
      if (before.kind !== next.kind) throw invalidInput(`${next.settings.Name} is a ${before.kind}`, { path: next.settings.Name, expected: before.kind, found: next.kind });
      const merged = { kind: next.kind, settings: { ...before.settings, ...next.settings } };
      check(merged);
      return merged;
    });
    return {};
  }),
  DeleteClassifier: operation(async ({ Name }: { Name: string }, { catalog }) => {
    await deleteDefinition(catalog, ref(Name));
    return {};
  }),
} satisfies OperationTable;

function only(input: Request): Stored {
  const given = KINDS.flatMap((kind) => { const settings = input[kind]; return settings === undefined ? [] : [{ kind, settings }]; });
  const [first] = given;
  if (first === undefined || given.length > 1) throw invalidInput("A request holds exactly one classifier", { expected: KINDS.join(", "), found: String(given.length) });
  return first;
}

function check({ kind, settings }: Stored): void {
  if (kind !== "CsvClassifier") return;
  if (settings["QuoteSymbol"] !== undefined && settings["QuoteSymbol"] === settings["Delimiter"]) throw invalidInput("QuoteSymbol and Delimiter must differ", { path: "CsvClassifier.QuoteSymbol" });
}

const classifierOf = ({ doc: { kind, settings }, created, updated, version }: Entity<Stored>): object =>
  ({ [kind]: { ...settings, CreationTime: created, LastUpdated: updated, Version: version } });
