/**
 * The object model: the JSON shapes of the AWS Glue Data Catalog API (see the Glue developer guide, "Catalog API"),
 * so that the server and the AWS backend need no mapping layer. Times are seconds since the epoch, as on the wire.
 */
export type Parameters = { readonly [key: string]: string };

/** A column or partition key. `Type` is a type text of Hive, such as `array<struct<id:int>>`. */
export type Column = {
  readonly Name: string;
  readonly Type?: string;
  readonly Comment?: string;
  readonly Parameters?: Parameters;
};
/** By which library rows are read. */
export type SerDeInfo = {
  readonly Name?: string;
  readonly SerializationLibrary?: string;
  readonly Parameters?: Parameters;
};
/** A sort column; `SortOrder` is 1 for ascending, 0 for descending. */
export type Order = { readonly Column: string; readonly SortOrder: number };
/** Values that occur much more often than others. */
export type SkewedInfo = {
  readonly SkewedColumnNames?: readonly string[];
  readonly SkewedColumnValues?: readonly string[];
  readonly SkewedColumnValueLocationMaps?: Parameters;
};
/** Where the files of a table or partition are, and what is in them. */
export type StorageDescriptor = {
  readonly Columns?: readonly Column[];
  readonly Location?: string;
  readonly AdditionalLocations?: readonly string[];
  readonly InputFormat?: string;
  readonly OutputFormat?: string;
  readonly Compressed?: boolean;
  readonly NumberOfBuckets?: number;
  readonly SerdeInfo?: SerDeInfo;
  readonly BucketColumns?: readonly string[];
  readonly SortColumns?: readonly Order[];
  readonly Parameters?: Parameters;
  readonly SkewedInfo?: SkewedInfo;
  readonly StoredAsSubDirectories?: boolean;
  readonly SchemaReference?: { readonly [key: string]: unknown };
};
/** What a caller says of a database. Names are kept in lower case. */
export type DatabaseInput = {
  readonly Name: string;
  readonly Description?: string;
  readonly LocationUri?: string;
  readonly Parameters?: Parameters;
  readonly CreateTableDefaultPermissions?: readonly unknown[];
  readonly TargetDatabase?: { readonly CatalogId?: string; readonly DatabaseName?: string };
};
/** A database as the catalog keeps it; times in seconds since the epoch. */
export type Database = DatabaseInput & { readonly CreateTime: number; readonly CatalogId: string };
/** What a caller says of a table. Names are kept in lower case. */
export type TableInput = {
  readonly Name: string;
  readonly Description?: string;
  readonly Owner?: string;
  readonly LastAccessTime?: number;
  readonly LastAnalyzedTime?: number;
  readonly Retention?: number;
  readonly StorageDescriptor?: StorageDescriptor;
  readonly PartitionKeys?: readonly Column[];
  readonly ViewOriginalText?: string;
  readonly ViewExpandedText?: string;
  readonly TableType?: string;
  readonly Parameters?: Parameters;
  readonly TargetTable?: { readonly CatalogId?: string; readonly DatabaseName?: string; readonly Name?: string };
};
/** A table as the catalog keeps it, at its present version; times in seconds since the epoch. */
export type Table = TableInput & {
  readonly DatabaseName: string;
  readonly CreateTime: number;
  readonly UpdateTime: number;
  readonly CreatedBy?: string;
  readonly IsRegisteredWithLakeFormation?: boolean;
  readonly CatalogId: string;
  readonly VersionId: string;
};
/** A table as it was at a version. */
export type TableVersion = { readonly Table: Table; readonly VersionId: string };
/** What a caller says of a partition: a value for each of the table's keys, in their order. */
export type PartitionInput = {
  readonly Values: readonly string[];
  readonly LastAccessTime?: number;
  readonly StorageDescriptor?: StorageDescriptor;
  readonly Parameters?: Parameters;
  readonly LastAnalyzedTime?: number;
};
/** A partition as the catalog keeps it; times in seconds since the epoch. */
export type Partition = PartitionInput & {
  readonly DatabaseName: string;
  readonly TableName: string;
  readonly CreationTime: number;
  readonly CatalogId: string;
};
/** A partition of a batch that was not done, and why. */
export type PartitionError = {
  readonly PartitionValues: readonly string[];
  readonly ErrorDetail: { readonly ErrorCode: string; readonly ErrorMessage: string };
};

/** What a caller says of a connection. Secrets among the properties are encrypted at rest. */
export type ConnectionInput = {
  readonly Name: string;
  readonly Description?: string;
  /** JDBC, SFTP, MONGODB, KAFKA, NETWORK, MARKETPLACE, CUSTOM; ours beside Glue's: S3. */
  readonly ConnectionType: string;
  readonly MatchCriteria?: readonly string[];
  readonly ConnectionProperties: Parameters;
  readonly PhysicalConnectionRequirements?: { readonly [key: string]: unknown };
};
/** A connection as the catalog keeps it; times in seconds since the epoch. */
export type Connection = ConnectionInput & {
  readonly CreationTime: number;
  readonly LastUpdatedTime: number;
  readonly LastUpdatedBy?: string;
};

/** Part of a list; `nextToken` is absent on the last. */
export type Page<T> = { readonly items: readonly T[]; readonly nextToken?: string };
