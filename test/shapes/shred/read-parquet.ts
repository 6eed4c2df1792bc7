/** Parquet files through DuckDB, as the canonical text of value-oracle.ts. */
import {
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTypeId,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { doubleText, type Canonical } from "./value-oracle.js";

export async function connect(): Promise<DuckDBConnection> {
  return (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
}

export async function readParquet(
  connection: DuckDBConnection,
  files: readonly string[],
): Promise<{ [name: string]: Canonical }[]> {
  const reader = await connection.runAndReadAll(
    `from read_parquet([${files.map((file) => `'${file.replaceAll("'", "''")}'`).join()}])`,
  );
  const names = reader.columnNames();
  const types = reader.columnTypes();
  return reader
    .getRows()
    .map((row) =>
      Object.fromEntries(names.map((name, i) => [name, canonical(types[i] as DuckDBType, row[i] as DuckDBValue)])),
    );
}

function canonical(type: DuckDBType, value: DuckDBValue): Canonical {
  if (value === null) return null;
  if (value instanceof DuckDBStructValue && type.typeId === DuckDBTypeId.STRUCT) {
    return Object.fromEntries(
      type.entryNames.map((name, i) => [
        name,
        canonical(type.entryTypes[i] as DuckDBType, value.entries[name] as DuckDBValue),
      ]),
    );
  }
  if (value instanceof DuckDBListValue && type.typeId === DuckDBTypeId.LIST)
    return value.items.map((item) => canonical(type.valueType, item));
  if (value instanceof DuckDBDecimalValue) return `decimal ${value.value}`;
  switch (type.typeId) {
    case DuckDBTypeId.DOUBLE:
      return doubleText(value as number);
    case DuckDBTypeId.INTEGER:
      return `int ${String(value)}`;
    case DuckDBTypeId.BIGINT:
      return `long ${String(value)}`;
    case DuckDBTypeId.VARCHAR:
      return `string ${String(value)}`;
    case DuckDBTypeId.BOOLEAN:
      return `boolean ${String(value)}`;
    default:
      return `type ${type.toString()} ${String(value)}`;
  }
}
