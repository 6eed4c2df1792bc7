import { DynaframeError, type ErrorDetails } from "../../types/error.js";

/** The text is not of the grammar. */
export const syntaxError = (source: string, at: number, expected: string): DynaframeError =>
  new DynaframeError(
    "INVALID_PREDICATE",
    `The predicate cannot be read at position ${at}: expected ${expected}, found ${JSON.stringify(source.slice(at, at + 20)) === '""' ? "the end" : JSON.stringify(source.slice(at, at + 20))}`,
    {
      name: "ParseException",
      offset: at,
      expected,
      hint: "Spark SQL over the partition columns, such as: year == '2024' AND month IN ('01', '02')",
    },
  );

/** The text is of the grammar and yet means nothing: an unknown column or function, types that do not fit. */
export const meaningError = (message: string, details: Omit<ErrorDetails, "name"> = {}): DynaframeError =>
  new DynaframeError("INVALID_PREDICATE", message, { ...details, name: "AnalysisException" });
