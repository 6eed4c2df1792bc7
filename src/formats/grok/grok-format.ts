import { DynaframeError } from "../../types/error.js";
import { booleanOption, checkOptions, type OptionTable, textOption } from "../check-options.js";
import type { Format, FormatOptions } from "../index.js";
import { recordFormat } from "../record-format.js";
import type { GrokOptions } from "./grok-reader.js";

const OPTIONS: OptionTable = {
  logFormat: "string",
  customPatterns: "string",
  MISSING: "string",
  LineCount: "any",
  StrictMode: "boolean",
  withSchema: "any",
};

/**
 * Logs by grok patterns, read only: `logFormat` is matched somewhere in each line, `%{PATTERN:field:type}` makes a
 * field. Lines that do not match are malformed records. Source: docs/sources.md#formats, docs/decisions/0032.
 */
export const grokFormat: Format = recordFormat({
  name: "grokLog",
  // any text may be a log: only a pattern tells
  detect: () => false,
  checkOptions: (options: FormatOptions) => {
    grokOptions(options);
  },
  reader: async (options: FormatOptions) => {
    const { grokReader } = await import("./grok-reader.js");
    return grokReader(grokOptions(options));
  },
});

/** Checks the options and fills in Glue's defaults; patterns are compiled by the reader. */
function grokOptions(options: FormatOptions): GrokOptions {
  checkOptions("grokLog", options, OPTIONS);
  const logFormat = textOption(options, "logFormat");
  if (logFormat === undefined || logFormat === "") {
    throw new DynaframeError("BAD_OPTION", "format grokLog needs the option logFormat", {
      path: "logFormat",
      expected: "a grok pattern",
      hint: 'For example logFormat: "%{COMMONAPACHELOG}".',
    });
  }
  const lines = options["LineCount"] ?? 1;
  if (Number(lines) !== 1) {
    throw new DynaframeError("UNSUPPORTED_OPTION", `LineCount ${String(lines)}: a record is one line, in Glue too`, {
      path: "LineCount",
      expected: "1",
      found: String(lines),
      hint: "Leave it out.",
    });
  }
  return {
    logFormat,
    customPatterns: textOption(options, "customPatterns") ?? "",
    missing: textOption(options, "MISSING") ?? "-",
    strict: booleanOption(options, "StrictMode", false),
  };
}
