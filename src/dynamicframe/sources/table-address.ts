import type { Partition, Table } from "../../catalog/index.js";
import { HIVE_DEFAULT_PARTITION, partitionFolder } from "../../storage/hive-path.js";
import { isS3Address, throughConnection } from "../../storage/s3/address.js";

/**
 * A location of a table or of one of its partitions, reached by the connection that the table names (parameter
 * `connectionName`, where Glue's crawlers put it). Connections concern S3 only here: other locations stay as they are.
 */
export function tableAddress({ Parameters, StorageDescriptor }: Table, location: string): string {
  const connection = Parameters?.["connectionName"] ?? StorageDescriptor?.Parameters?.["connectionName"];
  return isS3Address(location) ? throughConnection(location, connection || undefined) : location;
}

/**
 * Where the files of a partition lie: what it says itself, else the folder that Hive would give its values below the
 * table's `location`. Never the table's own: that holds other partitions too.
 */
export function partitionAddress(table: Table, { Values, StorageDescriptor }: Partition, location: string): string {
  const folders = (table.PartitionKeys ?? []).map(({ Name }, i) =>
    partitionFolder(Name, Values[i] === HIVE_DEFAULT_PARTITION ? null : (Values[i] ?? null)),
  );
  return tableAddress(table, StorageDescriptor?.Location || [location.replace(/\/+$/, ""), ...folders].join("/"));
}
