/** What awsglue's calls are called here, and how they take their arguments. */

/** Methods whose required arguments go by position, the rest in one object; Python's names of them, in order. */
export const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  apply_mapping: ["mappings"],
  drop_fields: ["paths"],
  select_fields: ["paths"],
  rename_field: ["oldName", "newName"],
  filter: ["f"],
  map: ["f"],
  mapPartitions: ["f"],
  union: ["other_frame"],
  join: ["paths1", "paths2", "frame2"],
  mergeDynamicFrame: ["stage_dynamic_frame", "primary_keys"],
  split_fields: ["paths", "name1", "name2"],
  split_rows: ["comparison_dict", "name1", "name2"],
  repartition: ["num_partitions"],
  coalesce: ["num_partitions", "shuffle"],
  spigot: ["path", "options"],
  unbox: ["path", "format", "options"],
  relationalize: ["root_table_name", "staging_path"],
  select: ["key"],
  show: ["num_rows"],
  purge_table: ["database", "table_name", "options"],
  purge_s3_path: ["s3_path", "options"],
  fromDF: ["dataframe", "glue_ctx", "name"],
  extract_jdbc_conf: ["connection_name"],
  setFormat: ["format"],
  setCatalogInfo: [],
  writeFrame: ["frame"],
};

/** Methods that take one object of names. */
const NAMED = [
  "from_catalog",
  "from_options",
  "from_jdbc_conf",
  "create_dynamic_frame_from_catalog",
  "create_dynamic_frame_from_options",
  "write_dynamic_frame_from_options",
  "write_dynamic_frame_from_catalog",
  "write_dynamic_frame_from_jdbc_conf",
  "resolveChoice",
  "apply",
];

/** Those whose JavaScript name is not Python's in camel case. */
const RENAMED: Readonly<Record<string, string>> = {
  create_dynamic_frame_from_catalog: "createDynamicFrame.fromCatalog",
  create_dynamic_frame_from_options: "createDynamicFrame.fromOptions",
  write_dynamic_frame_from_options: "writeDynamicFrame.fromOptions",
  write_dynamic_frame_from_catalog: "writeDynamicFrame.fromCatalog",
  write_dynamic_frame_from_jdbc_conf: "writeDynamicFrame.fromJdbcConf",
  purge_s3_path: "purgeS3Path",
  get_logger: "getLogger",
  lower: "toLowerCase",
  upper: "toUpperCase",
  strip: "trim",
  lstrip: "trimStart",
  rstrip: "trimEnd",
  startswith: "startsWith",
  endswith: "endsWith",
  append: "push",
  warn: "warn",
};

/** Methods that need nothing but their name. */
const PLAIN = [
  "count",
  "printSchema",
  "schema",
  "toDF",
  "keys",
  "unnest",
  "errorsCount",
  "stageErrorsCount",
  "errorsAsDynamicFrame",
  "assertErrorThreshold",
  "unnest_ddb_json",
  "simplify_ddb_json",
  "drop_nulls",
  "getNumPartitions",
  "getFrame",
  "getSource",
  "getSink",
  "info",
  "error",
  "debug",
  "split",
  "replace",
  "get_logger",
  "getLogger",
];

const METHODS: ReadonlySet<string> = new Set([...Object.keys(POSITIONAL), ...NAMED, ...Object.keys(RENAMED), ...PLAIN]);
export const isKnownMethod = (name: string): boolean => METHODS.has(name);

/** Those that give a promise. `write` is of readers' and writers' names only. */
const ASYNC: ReadonlySet<string> = new Set([
  "count",
  "printSchema",
  "show",
  "schema",
  "keys",
  "errorsCount",
  "stageErrorsCount",
  "assertErrorThreshold",
  "purgeTable",
  "purgeS3Path",
  "extractJdbcConf",
  "writeFrame",
]);
export const isAsync = (path: string): boolean =>
  ASYNC.has(path.slice(path.lastIndexOf(".") + 1)) || /(^|\.)writeDynamicFrame\.\w+$/.test(path);

export const TRANSFORMS: ReadonlySet<string> = new Set([
  "ApplyMapping",
  "DropFields",
  "DropNullFields",
  "RenameField",
  "ResolveChoice",
  "SelectFields",
  "SplitFields",
  "UnnestFrame",
  "Coalesce",
  "ErrorsAsDynamicFrame",
  "Filter",
  "Join",
  "Map",
  "Repartition",
  "SimplifyDdbJson",
  "Spigot",
  "SplitRows",
  "Unbox",
  "Union",
  "UnnestDdbJson",
  "FlatMap",
  "MapToCollection",
  "Relationalize",
  "SelectFromCollection",
]);

/** Python's functions. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  print: "console.log",
  str: "String",
  int: "Number",
  float: "Number",
  bool: "Boolean",
  len: "lengthOf",
  isinstance: "",
  getResolvedOptions: "getResolvedOptions",
};

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

export const methodName = (name: string): string => RENAMED[name] ?? camel(name);
export const argumentName = (name: string): string => ({ f: "f", comparison_dict: "comparisons" })[name] ?? camel(name);
