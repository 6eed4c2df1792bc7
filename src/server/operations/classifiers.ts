import {
  changeDefinition,
  createDefinition,
  deleteDefinition,
  getDefinition,
} from "../../catalog/definitions/definition.js";
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { Entity } from "../../catalog/index.js";
import { checkClassifiers } from "../../crawler/classify/check-classifiers.js";
import {
  CLASSIFIER_KINDS,
  type ClassifierKind,
  type ClassifierRecord,
  classifierRef as ref,
  type ClassifierSettings,
  customClassifier,
} from "../../crawler/named/classifier-record.js";
import { DynaframeError } from "../../types/error.js";
import { listed } from "../definition-operations.js";
import { operation, type OperationTable } from "../operation.js";
import type { Paged } from "../paging.js";

type Request = { readonly [K in ClassifierKind]?: ClassifierSettings };

export const classifierOperations = {
  CreateClassifier: operation(async (input: Request, { catalog }) => {
    const stored = only(input);
    check(stored);
    await createDefinition(catalog, ref(stored.settings.Name), stored);
    return {};
  }),
  GetClassifier: operation(async ({ Name }: { Name: string }, { catalog }) => ({
    Classifier: classifierOf(await getDefinition<ClassifierRecord>(catalog, ref(Name))),
  })),
  GetClassifiers: operation(async (input: Paged, context) =>
    listed<ClassifierRecord>(context, "classifier", input, "Classifiers", classifierOf),
  ),
  UpdateClassifier: operation(async (input: Request, { catalog }) => {
    const next = only(input);
    await changeDefinition<ClassifierRecord>(catalog, ref(next.settings.Name), (before) => {
      if (before.kind !== next.kind)
        throw invalidInput(`${next.settings.Name} is a ${before.kind}`, {
          path: next.settings.Name,
          expected: before.kind,
          found: next.kind,
        });
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

function only(input: Request): ClassifierRecord {
  const given = CLASSIFIER_KINDS.flatMap((kind) => {
    const settings = input[kind];
    return settings === undefined ? [] : [{ kind, settings }];
  });
  const [first] = given;
  if (first === undefined || given.length > 1)
    throw invalidInput("A request holds exactly one classifier", {
      expected: CLASSIFIER_KINDS.join(", "),
      found: String(given.length),
    });
  return first;
}

/** As a crawl would refuse it, in the API's terms. */
function check(record: ClassifierRecord): void {
  try {
    checkClassifiers([customClassifier(record)]);
  } catch (error) {
    if (!(error instanceof DynaframeError)) throw error;
    throw invalidInput(error.message, {
      path: record.kind,
      cause: error,
      ...(error.expected === undefined ? {} : { expected: error.expected }),
      ...(error.found === undefined ? {} : { found: error.found }),
    });
  }
}

const classifierOf = ({ doc: { kind, settings }, created, updated, version }: Entity<ClassifierRecord>): object => ({
  [kind]: { ...settings, CreationTime: created, LastUpdated: updated, Version: version },
});
