import { grokExpression } from "../../formats/grok/grok-expression.js";
import { isXmlName } from "../../formats/xml/xml-format.js";
import { DynaframeError } from "../../types/error.js";
import type { CustomClassifier } from "./classifiers.js";

/** @throws INVALID_CRAWLER for settings with which no file could be read: a row tag that is no name, a grok pattern that cannot be compiled. */
export function checkClassifiers(classifiers: readonly CustomClassifier[]): void {
  classifiers.forEach((classifier, i) => {
    const path = `classifiers[${i}]`;
    if (classifier.type === "xml" && !isXmlName(classifier.rowTag)) {
      throw invalid(`${path}.rowTag`, "it is not the name of an element", { expected: "a name without < and >", found: JSON.stringify(classifier.rowTag) });
    }
    if (classifier.type !== "grok") return;
    if (typeof classifier.classification !== "string" || classifier.classification === "") throw invalid(`${path}.classification`, "a grok classifier needs one", { expected: "a name for the format" });
    if (typeof classifier.grokPattern !== "string") throw invalid(`${path}.grokPattern`, "a grok classifier needs one", { expected: "a grok pattern" });
    try {
      grokExpression(classifier.grokPattern, classifier.customPatterns ?? "");
    } catch (cause) {
      if (!(cause instanceof DynaframeError)) throw cause;
      throw invalid(path, cause.message, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
    }
  });
}

const invalid = (path: string, what: string, details: { readonly expected?: string; readonly found?: string; readonly hint?: string; readonly cause?: unknown }): DynaframeError =>
  new DynaframeError("INVALID_CRAWLER", `crawler setting ${path}: ${what}`, { name: "InvalidInputException", path, ...details });
