/**
 * Classifiers as the catalog keeps them (entities of kind `classifier`, in the API's spelling), and as a crawl takes
 * them.
 */
import { getDefinition } from "../../catalog/definitions/definition.js";
import type { EntityStore } from "../../catalog/entity.js";
import type { CustomClassifier } from "../classify/classifiers.js";

export const CLASSIFIER_KINDS = ["GrokClassifier", "XMLClassifier", "JsonClassifier", "CsvClassifier"] as const;
export type ClassifierKind = (typeof CLASSIFIER_KINDS)[number];

/** The members of the API's four classifiers; each kind uses its own. */
export type ClassifierSettings = {
  readonly Name: string;
  readonly Classification?: string;
  readonly GrokPattern?: string;
  readonly CustomPatterns?: string;
  readonly RowTag?: string;
  readonly JsonPath?: string;
  readonly Delimiter?: string;
  readonly QuoteSymbol?: string;
  readonly ContainsHeader?: "UNKNOWN" | "PRESENT" | "ABSENT";
  readonly Header?: readonly string[];
  readonly DisableValueTrimming?: boolean;
  readonly AllowSingleColumn?: boolean;
  readonly CustomDatatypeConfigured?: boolean;
  readonly CustomDatatypes?: readonly string[];
};
export type ClassifierRecord = { readonly kind: ClassifierKind; readonly settings: ClassifierSettings };

export const classifierRef = (name: string) => ({ kind: "classifier", name });

/** The classifiers of these names, in this order. @throws EntityNotFoundException. */
export async function namedClassifiers(
  store: EntityStore,
  names: readonly string[],
): Promise<readonly CustomClassifier[]> {
  const records = await Promise.all(names.map((name) => getDefinition<ClassifierRecord>(store, classifierRef(name))));
  return records.map(({ doc }) => customClassifier(doc));
}

export function customClassifier({ kind, settings }: ClassifierRecord): CustomClassifier {
  switch (kind) {
    case "GrokClassifier":
      return {
        type: "grok",
        grokPattern: settings.GrokPattern ?? "",
        classification: settings.Classification ?? "",
        ...(settings.CustomPatterns === undefined ? {} : { customPatterns: settings.CustomPatterns }),
      };
    case "XMLClassifier":
      return {
        type: "xml",
        rowTag: settings.RowTag ?? "",
        ...(settings.Classification === undefined ? {} : { classification: settings.Classification }),
      };
    case "JsonClassifier":
      return { type: "json", ...(settings.JsonPath === undefined ? {} : { jsonPath: settings.JsonPath }) };
    case "CsvClassifier":
      return csvClassifier(settings);
  }
}

/** `CustomDatatypes` count only when `CustomDatatypeConfigured` does not say no. */
function csvClassifier({
  Delimiter,
  QuoteSymbol,
  ContainsHeader,
  Header,
  DisableValueTrimming,
  AllowSingleColumn,
  CustomDatatypeConfigured,
  CustomDatatypes,
}: ClassifierSettings): CustomClassifier {
  return {
    type: "csv",
    ...(Delimiter === undefined ? {} : { delimiter: Delimiter }),
    ...(QuoteSymbol === undefined ? {} : { quoteSymbol: QuoteSymbol }),
    ...(ContainsHeader === undefined ? {} : { containsHeader: ContainsHeader }),
    ...(Header === undefined ? {} : { header: Header }),
    ...(DisableValueTrimming === undefined ? {} : { disableValueTrimming: DisableValueTrimming }),
    ...(AllowSingleColumn === undefined ? {} : { allowSingleColumn: AllowSingleColumn }),
    ...(CustomDatatypes === undefined || CustomDatatypeConfigured === false
      ? {}
      : { customDatatypes: CustomDatatypes }),
  };
}
