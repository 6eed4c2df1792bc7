import { grokExpression, type GrokExpression } from "../../formats/grok/grok-expression.js";
import type { GrokLayout } from "./classification.js";

/** Of a custom grok classifier. Source: docs/sources.md#classifiers. */
export type GrokSettings = {
  readonly grokPattern: string;
  /** One `NAME regex` per line. */
  readonly customPatterns?: string;
  /** What tables say. */
  readonly classification: string;
};

const LINES_TRIED = 100;
const MAX_LINE = 10_000;

/** The layout, if at least half of the first lines match the pattern, which `checkClassifiers` has found good. */
export function grokLayout(text: string, whole: boolean, settings: GrokSettings): GrokLayout | undefined {
  const { grokPattern, customPatterns } = settings;
  const { match } = expressionOf(settings);
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/, LINES_TRIED + 1);
  // the last line may be cut
  const tried = (whole && lines.length <= LINES_TRIED ? lines : lines.slice(0, -1)).filter(
    (line) => line !== "" && line.length <= MAX_LINE,
  );
  const matched = tried.filter((line) => match(line) !== undefined).length;
  return matched > 0 && 2 * matched >= tried.length
    ? { pattern: grokPattern, ...(customPatterns === undefined ? {} : { customPatterns }) }
    : undefined;
}

// Settings never change, so neither does their expression, which is asked for once per file.
const EXPRESSIONS = new WeakMap<GrokSettings, GrokExpression>();

function expressionOf(settings: GrokSettings): GrokExpression {
  const known = EXPRESSIONS.get(settings) ?? grokExpression(settings.grokPattern, settings.customPatterns ?? "");
  EXPRESSIONS.set(settings, known);
  return known;
}
