/**
 * Tables of databases as Glue's crawlers write them: location `database.schema.table`, the engine as classification.
 */
import type { Column, TableInput } from "../../catalog/index.js";
import type { DatabaseKind } from "../../database/index.js";
import type { ListedTable } from "../../database/listed-table.js";
import { field, struct, type StructType } from "../../types/data-type.js";
import { hiveType } from "../../types/hive.js";
import type { Reason } from "../group/reason.js";
import { SETTINGS_PARAMETER, UPDATED_BY } from "../table-input.js";

/** Ours: the columns of the primary key, in its order, as a JSON list. */
const PRIMARY_KEY_PARAMETER = "dynaframe.primaryKey";

export type DatabaseTable = {
  readonly table: TableInput;
  readonly schema: StructType;
  readonly reasons: readonly Reason[];
};
export type DatabaseTableSettings = {
  readonly connectionName: string;
  readonly crawlerName: string;
  readonly settings: string;
};

const MAX_COMMENT = 255;
const MAX_DESCRIPTION = 2048;

export function databaseTableInput(
  name: string,
  location: string,
  kind: DatabaseKind,
  listed: ListedTable,
  { connectionName, crawlerName, settings }: DatabaseTableSettings,
): DatabaseTable {
  const { columns, reasons } = columnsOf(listed);
  const parameters = { classification: kind, connectionName, typeOfData: listed.kind, compressionType: "none" };
  const table: TableInput = {
    Name: name,
    TableType: "EXTERNAL_TABLE",
    PartitionKeys: [],
    ...(listed.comment === undefined ? {} : { Description: cut(listed.comment, MAX_DESCRIPTION) }),
    Parameters: {
      ...parameters,
      CrawlerSchemaSerializerVersion: "1.0",
      CrawlerSchemaDeserializerVersion: "1.0",
      [UPDATED_BY]: crawlerName,
      [SETTINGS_PARAMETER]: settings,
      ...(listed.primaryKey.length === 0 ? {} : { [PRIMARY_KEY_PARAMETER]: JSON.stringify(listed.primaryKey) }),
    },
    StorageDescriptor: {
      Columns: columns,
      Location: location,
      Compressed: false,
      NumberOfBuckets: -1,
      BucketColumns: [],
      SortColumns: [],
      StoredAsSubDirectories: false,
      SerdeInfo: { Parameters: {} },
      Parameters: parameters,
    },
  };
  const key =
    listed.primaryKey.length === 0
      ? []
      : [{ code: "PRIMARY_KEY", message: `its primary key is ${listed.primaryKey.join(", ")}` }];
  return {
    table,
    schema: struct(listed.columns.map((column) => field(column.name, column.type))),
    reasons: [...reasons, ...key],
  };
}

/** The catalog folds names; of two that fold alike the first is kept and the other told. */
function columnsOf({ columns }: ListedTable): {
  readonly columns: readonly Column[];
  readonly reasons: readonly Reason[];
} {
  const kept = new Map<string, Column>();
  const reasons: Reason[] = [];
  for (const { name, type, comment } of columns) {
    const folded = name.toLowerCase();
    if (kept.has(folded))
      reasons.push({
        code: "COLUMN_NOT_NAMEABLE",
        message: `column ${JSON.stringify(name)} is left out of the catalog: it has another that differs in case only; frames still have it`,
      });
    else
      kept.set(folded, {
        Name: folded,
        Type: hiveType(type, { lowerCase: true }),
        ...(comment === undefined ? {} : { Comment: cut(comment, MAX_COMMENT).replaceAll(/[\r\n\t]+/g, " ") }),
      });
  }
  return { columns: [...kept.values()], reasons };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : text.slice(0, most));

/** `shop.public.orders`; names that hold more than letters, digits and `_` are quoted, as `dbtable` takes them. */
export function databaseLocation(database: string, { schema, name }: Pick<ListedTable, "schema" | "name">): string {
  const quoted = (text: string): string => (/^\w+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`);
  return [database, ...(schema === undefined ? [] : [quoted(schema)]), quoted(name)].join(".");
}
