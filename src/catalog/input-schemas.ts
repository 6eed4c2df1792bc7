/** JSON Schemas of what callers hand to a catalog: members, lengths and patterns of the Glue API's shapes. */
import { CONNECTION_SCHEMA } from "./connection-schema.js";

type Schema = { readonly [key: string]: unknown };

// the API's SingleLineString: no control characters but the tab
const SINGLE_LINE = "^[\\u0020-\\uD7FF\\uE000-\\uFFFD\\t\\u{10000}-\\u{10FFFF}]*$";
// column names and types come from data, which may hold line breaks; only what SQLite cannot keep is refused
const NO_NUL = "^[^\\u0000\\uD800-\\uDFFF]*$";

const name: Schema = { type: "string", minLength: 1, maxLength: 255, pattern: SINGLE_LINE };
const text = (maxLength: number): Schema => ({ type: "string", maxLength, pattern: NO_NUL });
const time: Schema = { type: "number", minimum: 0 };
const parameters: Schema = {
  type: "object",
  propertyNames: { minLength: 1, maxLength: 255 },
  additionalProperties: text(512_000),
};
const object = (properties: Schema, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const list = (items: Schema, maxItems?: number): Schema => ({
  type: "array",
  items,
  ...(maxItems === undefined ? {} : { maxItems }),
});

const columnName: Schema = { type: "string", minLength: 1, maxLength: 255, pattern: NO_NUL };
const column = object({ Name: columnName, Type: text(131_072), Comment: text(255), Parameters: parameters }, ["Name"]);
const storageDescriptor = object({
  Columns: list(column),
  Location: text(2056),
  AdditionalLocations: list(text(2056)),
  InputFormat: text(128),
  OutputFormat: text(128),
  Compressed: { type: "boolean" },
  NumberOfBuckets: { type: "integer" },
  SerdeInfo: object({ Name: name, SerializationLibrary: name, Parameters: parameters }),
  BucketColumns: list(columnName),
  SortColumns: list(object({ Column: columnName, SortOrder: { enum: [0, 1] } }, ["Column", "SortOrder"])),
  Parameters: parameters,
  SkewedInfo: object({
    SkewedColumnNames: list(columnName),
    SkewedColumnValues: list(text(1024)),
    SkewedColumnValueLocationMaps: parameters,
  }),
  StoredAsSubDirectories: { type: "boolean" },
  SchemaReference: { type: "object" },
});

/** More keys than any table has; the store counts misfits of each in one bit. */
const MAX_PARTITION_KEYS = 50;

export const INPUT_SCHEMAS = {
  database: object(
    {
      Name: name,
      Description: text(2048),
      LocationUri: { type: "string", minLength: 1, maxLength: 1024 },
      Parameters: parameters,
      CreateTableDefaultPermissions: { type: "array" },
      TargetDatabase: object({ CatalogId: name, DatabaseName: name }),
    },
    ["Name"],
  ),
  table: object(
    {
      Name: name,
      Description: text(2048),
      Owner: name,
      LastAccessTime: time,
      LastAnalyzedTime: time,
      Retention: { type: "integer", minimum: 0 },
      StorageDescriptor: storageDescriptor,
      PartitionKeys: list(column, MAX_PARTITION_KEYS),
      ViewOriginalText: text(409_600),
      ViewExpandedText: text(409_600),
      TableType: text(255),
      Parameters: parameters,
      TargetTable: object({ CatalogId: name, DatabaseName: name, Name: name }),
    },
    ["Name"],
  ),
  partition: object(
    {
      Values: list({ type: "string", maxLength: 1024, pattern: NO_NUL }),
      LastAccessTime: time,
      StorageDescriptor: storageDescriptor,
      Parameters: parameters,
      LastAnalyzedTime: time,
    },
    ["Values"],
  ),
  connection: CONNECTION_SCHEMA,
} as const satisfies { readonly [input: string]: Schema };

export type InputKind = keyof typeof INPUT_SCHEMAS;
