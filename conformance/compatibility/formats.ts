/** Format options (docs/sources.md#formats), job arguments and bookmarks (docs/sources.md#jobs). */
import { exported, type Entry, type Section } from "./entry.js";

type Options = { readonly [option: string]: unknown };
const FORMATS = "test/formats";
const reads = (format: string, names: readonly (readonly [name: string, value: unknown])[], always: Options = {}): Entry[] => names.map(([name, value]) => ({
  glue: `${format}: ${name}`, probe: { kind: "read-option", format, options: { ...always, [name]: value } }, tests: [[FORMATS, name]],
}));
const writes = (format: string, names: readonly (readonly [name: string, value: unknown])[]): Entry[] => names.map(([name, value]) => ({
  glue: `${format}: ${name} (writing)`, probe: { kind: "write-option", format, options: { [name]: value } }, tests: [["test", name]],
}));

export const formatSection: Section = {
  title: "Formats",
  entries: [
    ...reads("csv", [
      ["separator", ";"], ["escaper", "\\"], ["quoteChar", -1], ["multiLine", true], ["withHeader", true], ["skipFirst", true], ["optimizePerformance", true], ["strictCheckForQuoting", true],
      ["withSchema", '{"dataType":"struct","fields":[]}'],
    ]),
    ...writes("csv", [["writeHeader", false], ["separator", "|"], ["quoteChar", -1]]),
    ...reads("json", [["jsonPath", "$[*]"], ["multiLine", true], ["optimizePerformance", true], ["withSchema", '{"dataType":"struct","fields":[]}']]),
    ...reads("xml", [
      ["rowTag", "r"], ["encoding", "UTF-8"], ["excludeAttribute", true], ["treatEmptyValuesAsNulls", true], ["attributePrefix", "@"], ["valueTag", "v"], ["ignoreSurroundingSpaces", true],
      ["withSchema", '{"dataType":"struct","fields":[]}'],
    ], { rowTag: "r" }),
    ...reads("avro", [["version", "1.8"]]), ...writes("avro", [["version", "1.8"]]),
    ...reads("parquet", [["optimizePerformance", true]]),
    ...writes("glueparquet", [["compression", "snappy"], ["blockSize", 134217728], ["pageSize", 1048576]]),
    ...reads("grokLog", [["logFormat", "%{WORD:w}"], ["customPatterns", "A b"], ["MISSING", "-"], ["LineCount", 1], ["StrictMode", false]], { logFormat: "%{WORD:w}" }),
    { glue: "orc: withSchema", notApplicable: "the embedded engines read no ORC; the error names the Spark engine" },
    { glue: "ion", notApplicable: "no reader is kept for it" },
  ],
};

export const jobSection: Section = {
  title: "Arguments, jobs, bookmarks",
  entries: [
    { glue: "getResolvedOptions", probe: exported("getResolvedOptions"), ops: ["getResolvedOptions"] },
    { glue: "Job", probe: exported("Job"), ops: ["bookmark"] },
  ],
};
