import { grokExpression } from "../../formats/grok/grok-expression.js";
import { isXmlName } from "../../formats/xml/xml-format.js";
import { DynaframeError } from "../../types/error.js";
import { selectsInside } from "../../formats/json.js";
import type { CustomClassifier, JsonSettings } from "./classifiers.js";
import type { CsvSettings } from "./csv-layout.js";

/**
 * @throws INVALID_CRAWLER for settings with which no file could be read: a row tag that is no name, a grok pattern that
 * cannot be compiled.
 */
export function checkClassifiers(classifiers: readonly CustomClassifier[]): void {
  classifiers.forEach((classifier, i) => {
    const path = `classifiers[${i}]`;
    if (classifier.type === "xml" && !isXmlName(classifier.rowTag)) {
      throw invalid(`${path}.rowTag`, "it is not the name of an element", {
        expected: "a name without < and >",
        found: JSON.stringify(classifier.rowTag),
      });
    }
    if (classifier.type === "csv") checkCsv(classifier, path);
    if (classifier.type === "json") checkJson(classifier, path);
    if (classifier.type === "csv" || classifier.type === "json") checkDatatypes(classifier.customDatatypes ?? [], path);
    if (classifier.type !== "grok") return;
    if (typeof classifier.classification !== "string" || classifier.classification === "")
      throw invalid(`${path}.classification`, "a grok classifier needs one", { expected: "a name for the format" });
    if (typeof classifier.grokPattern !== "string")
      throw invalid(`${path}.grokPattern`, "a grok classifier needs one", { expected: "a grok pattern" });
    try {
      grokExpression(classifier.grokPattern, classifier.customPatterns ?? "");
    } catch (cause) {
      if (!(cause instanceof DynaframeError)) throw cause;
      throw invalid(path, cause.message, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
    }
  });
}

const DATATYPES: readonly string[] = [
  "BINARY",
  "BOOLEAN",
  "DATE",
  "DECIMAL",
  "DOUBLE",
  "FLOAT",
  "INT",
  "LONG",
  "SHORT",
  "STRING",
  "TIMESTAMP",
];
const HEADERS: readonly string[] = ["UNKNOWN", "PRESENT", "ABSENT"];

/** As Glue's API: one character each, a quote that is not the delimiter, known names. */
function checkCsv({ delimiter, quoteSymbol, containsHeader, header }: CsvSettings, path: string): void {
  if (delimiter !== undefined && [...delimiter].length !== 1)
    throw invalid(`${path}.delimiter`, "it is not one character", { found: JSON.stringify(delimiter) });
  if (quoteSymbol !== undefined && [...quoteSymbol].length !== 1)
    throw invalid(`${path}.quoteSymbol`, "it is not one character", { found: JSON.stringify(quoteSymbol) });
  if (quoteSymbol !== undefined && quoteSymbol === (delimiter ?? ","))
    throw invalid(`${path}.quoteSymbol`, "it is the delimiter", { found: JSON.stringify(quoteSymbol) });
  if (containsHeader !== undefined && !HEADERS.includes(containsHeader))
    throw invalid(`${path}.containsHeader`, "it is not known", {
      expected: HEADERS.join(", "),
      found: String(containsHeader),
    });
  if (header !== undefined && new Set(header).size < header.length)
    throw invalid(`${path}.header`, "a name stands twice in it", { found: header.join(", ") });
}

/** @throws JSON_PATH_INVALID for a path that is none. */
function checkJson({ jsonPath = "$", customDatatypes }: JsonSettings, path: string): void {
  if (selectsInside({ jsonPath }) && customDatatypes !== undefined) {
    throw invalid(
      `${path}.customDatatypes`,
      "types of strings are told where records are the values of a file, or the elements of its array",
      { expected: "no jsonPath, $ or $[*]", found: jsonPath },
    );
  }
}

function checkDatatypes(customDatatypes: readonly string[], path: string): void {
  const unknown = customDatatypes.find((name) => !DATATYPES.includes(name.toUpperCase()));
  if (unknown !== undefined)
    throw invalid(`${path}.customDatatypes`, `${unknown} is no datatype`, {
      expected: DATATYPES.join(", "),
      found: unknown,
    });
}

const invalid = (
  path: string,
  what: string,
  details: { readonly expected?: string; readonly found?: string; readonly hint?: string; readonly cause?: unknown },
): DynaframeError =>
  new DynaframeError("INVALID_CRAWLER", `crawler setting ${path}: ${what}`, {
    name: "InvalidInputException",
    path,
    ...details,
  });
