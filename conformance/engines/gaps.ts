/** What conformance cases do not show: how the engines differ, each with its reason. */

export type Gap = { readonly what: string; readonly duckdb: string; readonly spark: string };

export const GAPS: readonly Gap[] = Object.freeze<Gap[]>([
  {
    what: "text files (json, csv, xml, logs, avro)",
    duckdb: "read by our scanner in the process",
    spark:
      "json and csv of 16 MB and more, at paths that the executors see: read by our scanner on the executors (with `node`), else in the driver; staged as Parquet",
  },
  { what: "Parquet on S3", duckdb: "read there, or copied", spark: "copied to the staging folder by the driver" },
  {
    what: "functions (`map`, `filter`, …)",
    duckdb: "in the process",
    spark: "on the executors if marked by `defineUdf`, else in the driver, over batches",
  },
  {
    what: "writing json, csv, parquet",
    duckdb: "in the process",
    spark: "by the executors, one file or more for each task; the driver completes footers and headers",
  },
  {
    what: "text compressed with zstd",
    duckdb: "yes",
    spark: "no: BAD_OPTION; gzip or none, since a header cannot be put before zstd on every version of Node",
  },
  {
    what: "-0 beside 0 in a column of a Parquet file that is written",
    duckdb:
      "both signs are kept: such files are written a second time without dictionaries, since that of DuckDB's writer holds equal values once ([why](decisions/0216-digits-that-no-type-keeps.md))",
    spark: "not tried",
  },
  { what: "writing avro and databases", duckdb: "in the process", spark: "in the driver" },
  { what: "`attach`, database files", duckdb: "yes", spark: "no: UNSUPPORTED; a server has no such files" },
  {
    what: "SQL of `sql()`",
    duckdb: "DuckDB's",
    spark: "Spark's, without ANSI mode; tables are named by backticks where they need quotes",
  },
  { what: "sums of ints and longs in SQL", duckdb: "decimal(38,0)", spark: "long, as Spark types them" },
  { what: "numbering rows (`relationalize` keys)", duckdb: "in the process", spark: "by one task" },
  { what: "`persist`", duckdb: "a table of the session", spark: "Parquet in the staging folder" },
  {
    what: "`repartition`, `coalesce`",
    duckdb:
      "say how many files a write makes and how often `mapPartitions` is called; one without them ([0197](decisions/0197-partitions.md))",
    spark: "repartition the rows of a query; `getNumPartitions` is the plan's, else the server's",
  },
  {
    what: "ORC",
    duckdb: "no: UNSUPPORTED_FORMAT; there is no reader",
    spark:
      "read and written by the executors, by path or by a catalog table; types are Spark's own, so a choice comes back as a struct; instants before 1970 that ORC's writer spoils are CAST_FAILED",
  },
  {
    what: "continuous processing",
    duckdb: "micro-batches over what is new",
    spark:
      "micro-batches of the driver, each a plan of the server: Spark Connect's own streams call functions of Python or Scala only",
  },
  { what: "progress", duckdb: "bytes staged", spark: "bytes staged, then tasks of the server" },
]);
