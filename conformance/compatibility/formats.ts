/** Format options (docs/sources.md#formats), job arguments and bookmarks (docs/sources.md#jobs). */
import { exported, method, type Entry, type OptionCall, type OptionValues, type Section } from "./entry.js";

type Named = readonly (readonly [name: string, value: unknown, more?: Partial<Entry>])[];
const READ = "test/formats/options/read-options.test.ts";
const FIXTURES = "test/formats/options/read-fixtures.ts";
const WRITE = "test/formats/options/write-options.test.ts";
const SCHEMA = '{"dataType":"struct","fields":[]}';
const noEffect = (what: string): Partial<Entry> => ({
  differs: `accepted, no effect: ${what}`,
  decision: "0181-options-without-effect",
});
const ONE_READER = noEffect("there is one reader, which takes every option");
const OF_THE_WRITER = noEffect("of the writer");
const own = (ownOption: string): Partial<Entry> => ({ ownOption });

const reads = (format: string, names: Named, beside: OptionValues = {}): Entry[] =>
  names.map(([name, value, more = {}]) => ({
    glue: `${format}: ${name}`,
    probe: { kind: "option", call: `read ${format}` as OptionCall, name, value, beside },
    tests: [
      [READ, "every option has a fixture"],
      [FIXTURES, `${name}: {`],
    ],
    ...more,
  }));
const writes = (format: string, names: Named): Entry[] =>
  names.map(([name, value, more = {}]) => ({
    glue: `${format}: ${name} (writing)`,
    probe: { kind: "option", call: `write ${format}` as OptionCall, name, value },
    tests: [[WRITE, `${name}: {`]],
    ...more,
  }));

export const formatSection: Section = {
  title: "Formats",
  entries: [
    ...reads("csv", [
      ["separator", ";"],
      ["escaper", "\\"],
      ["quoteChar", -1],
      ["multiLine", true],
      ["withHeader", true],
      ["skipFirst", true],
      ["optimizePerformance", true, ONE_READER],
      ["strictCheckForQuoting", true, OF_THE_WRITER],
      ["withSchema", SCHEMA],
      ["writeHeader", false, OF_THE_WRITER],
      ["encoding", "UTF-8", own("of the bytes; a mark in the file decides over it")],
      ["columns", ["a"], own("names by position")],
      ["inferTypes", true, own("types told from the text")],
      ["textTypes", true, own("of scans: what strings spell")],
    ]),
    ...writes("csv", [
      ["writeHeader", false],
      ["separator", "|"],
      ["quoteChar", -1],
      ["escaper", "\\", own("as for reading")],
      ["compression", "gzip", own("gzip, zstd, bzip2, snappy")],
      ["strictCheckForQuoting", true, noEffect("quotes are written only where they are needed")],
    ]),
    ...reads("json", [
      ["jsonPath", "$[*]"],
      ["multiLine", true],
      ["optimizePerformance", true, ONE_READER],
      ["withSchema", SCHEMA],
      ["encoding", "UTF-8", own("of the bytes")],
      ["textTypes", true, own("of scans: what strings spell")],
    ]),
    ...writes("json", [["compression", "gzip", own("gzip, zstd, bzip2, snappy")]]),
    ...reads(
      "xml",
      [
        ["rowTag", "r"],
        ["encoding", "UTF-8"],
        ["excludeAttribute", true],
        ["treatEmptyValuesAsNulls", true],
        ["attributePrefix", "@"],
        ["valueTag", "v"],
        ["ignoreSurroundingSpaces", true],
        ["withSchema", SCHEMA],
      ],
      { rowTag: "r" },
    ),
    ...reads("avro", [
      ["version", "1.8"],
      ["withSchema", SCHEMA, own("as for CSV")],
    ]),
    ...writes("avro", [
      ["version", "1.8"],
      ["compression", "deflate", own("deflate, snappy, zstd, bzip2")],
      ["codec", "snappy", own("another name of compression")],
    ]),
    ...reads("parquet", [
      ["optimizePerformance", true, ONE_READER],
      ["withSchema", SCHEMA, own("as for CSV")],
      ["useGlueParquetWriter", true, OF_THE_WRITER],
      ["compression", "snappy", OF_THE_WRITER],
      ["blockSize", 134217728, OF_THE_WRITER],
      ["pageSize", 1048576, OF_THE_WRITER],
    ]),
    ...["parquet", "glueparquet"].flatMap((format) =>
      writes(format, [
        ["compression", "snappy"],
        ["blockSize", 134217728],
        ["pageSize", 1048576, noEffect("pages are the engine's own")],
        ["useGlueParquetWriter", true, noEffect("every file has its own schema")],
      ]),
    ),
    ...reads(
      "grokLog",
      [
        ["logFormat", "%{WORD:w}"],
        ["customPatterns", "A b"],
        ["MISSING", "-"],
        ["LineCount", 1, { differs: "1 only, as in Glue; others are refused" }],
        ["StrictMode", false],
        ["withSchema", SCHEMA, own("as for CSV")],
      ],
      { logFormat: "%{WORD:w}" },
    ),
    { glue: "xml, grokLog (writing)", notApplicable: "not written, as in Glue" },
    {
      glue: "orc",
      notApplicable: "read and written by the Spark engine; the embedded engines refuse it by name, and say so",
    },
    {
      glue: "parquet, orc: options of Spark's readers (mergeSchema, …)",
      notApplicable: "the files' schemas are put together always",
    },
    { glue: "ion", notApplicable: "no reader is kept for it" },
  ],
};

const ARGUMENTS = "test/job/resolved-options.test.ts";
const JOB = "test/job/job.test.ts";
export const jobSection: Section = {
  title: "Arguments, jobs, bookmarks",
  entries: [
    {
      glue: "getResolvedOptions(argv, names, allow_abbrev)",
      ours: "getResolvedOptions(argv, names, allowAbbrev)",
      probe: exported("getResolvedOptions"),
      ops: ["getResolvedOptions"],
      tests: [[ARGUMENTS, "allowAbbrev"]],
    },
    {
      glue: "job-bookmark-option, job-bookmark-from, job-bookmark-to, continuation-option",
      probe: exported("getResolvedOptions"),
      ops: ["getResolvedOptions"],
      tests: [
        [ARGUMENTS, "job-bookmark-from"],
        [JOB, "a paused bookmark reads the increment"],
      ],
    },
    {
      glue: "TempDir, RedshiftTempDir",
      probe: exported("getResolvedOptions"),
      tests: [[ARGUMENTS, "the temporary folders mirror each other"]],
    },
    {
      glue: "JOB_ID, JOB_RUN_ID, SECURITY_CONFIGURATION, encryption_type, enable_data_lineage",
      probe: exported("getResolvedOptions"),
      tests: [[ARGUMENTS, "what every run has is there"]],
    },
    {
      glue: "Job(glueContext).init(name, args)",
      ours: "await Job.init(glue, name, args)",
      probe: method("Job", "init", true),
      ops: ["bookmark"],
      differs: "a promise",
    },
    {
      glue: "Job.isInitialized()",
      ours: "isInitialized",
      probe: method("Job", "isInitialized"),
      tests: [[JOB, "isInitialized"]],
      differs: "false when the run is over",
      decision: "0203-taken-or-refused",
    },
    {
      glue: "Job.commit()",
      ours: "commit",
      probe: method("Job", "commit"),
      ops: ["bookmark"],
      tests: [[JOB, "commit"]],
      differs: "a promise; outputs, catalog changes and bookmark become visible in one step",
      decision: "0070-job-commit",
    },
    {
      glue: "JobBookmarkEntry",
      ours: "CommitReport.bookmark",
      probe: method("Job", "commit"),
      tests: [["test/job/run-job.test.ts", "PreviousRunId"]],
    },
  ],
};
