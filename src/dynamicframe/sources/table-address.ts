import type { Table } from "../../catalog/index.js";
import { isS3Address, throughConnection } from "../../storage/s3/address.js";

/**
 * A location of a table or of one of its partitions, reached by the connection that the table names (parameter `connectionName`, where
 * Glue's crawlers put it). Connections concern S3 only here: other locations stay as they are.
 */
export function tableAddress({ Parameters, StorageDescriptor }: Table, location: string): string {
  const connection = Parameters?.["connectionName"] ?? StorageDescriptor?.Parameters?.["connectionName"];
  return isS3Address(location) ? throughConnection(location, connection || undefined) : location;
}
