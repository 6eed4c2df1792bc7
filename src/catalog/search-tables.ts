/** SearchTables (AWS Glue API, "Table API"): text, filters and an order over the tables of a catalog. */
import { allPages } from "./all-pages.js";
import { invalidInput } from "./catalog-errors.js";
import type { Catalog, PageRequest } from "./index.js";
import type { Page, Table } from "./model.js";
import { pageSize, pageToken, readPageToken } from "./page-token.js";

export type SearchFilter = {
  readonly Key?: string;
  readonly Value?: string;
  readonly Comparator?: "EQUALS" | "GREATER_THAN" | "LESS_THAN" | "GREATER_THAN_EQUALS" | "LESS_THAN_EQUALS";
};

export type TableSearch = PageRequest & {
  /** Part of a name, description, column or parameter, whatever its case; the whole of one when in double quotes. */
  readonly text?: string;
  readonly filters?: readonly SearchFilter[];
  readonly sort?: { readonly FieldName?: string; readonly Sort?: "ASC" | "DESC" };
};

type Tables = Pick<Catalog, "getDatabases" | "getTables">;

/** Searches by walking every database; tables in order of database and name unless `sort` says otherwise. */
export async function searchTables(catalog: Tables, search: TableSearch): Promise<Page<Table>> {
  const size = pageSize(search, 100);
  const scope = ["search", JSON.stringify([search.text, search.filters, search.sort])];
  const after = readPageToken(scope, search.nextToken);
  const found: Table[] = [];
  for (const { Name, TargetDatabase } of await allPages((page) => catalog.getDatabases(page))) {
    if (TargetDatabase !== undefined) continue; // a link's tables are found where they are
    const tables = await allPages((page) => catalog.getTables(Name, page));
    found.push(...tables.filter((table) => matches(table, search)));
  }
  const field = search.sort?.FieldName;
  if (field !== undefined)
    found.sort((a, b) => compareTexts(fieldOf(a, field), fieldOf(b, field)) * (search.sort?.Sort === "DESC" ? -1 : 1));
  const start = after === undefined ? 0 : found.findIndex((table) => keyOf(table) === after) + 1;
  const items = found.slice(start, start + size);
  const last = items.at(-1);
  return found.length > start + size && last !== undefined
    ? { items, nextToken: pageToken(scope, keyOf(last)) }
    : { items };
}

const keyOf = (table: Table): string => JSON.stringify([table.DatabaseName, table.Name]);

function matches(table: Table, { text, filters = [] }: TableSearch): boolean {
  return (
    (text === undefined || text === "" || holdsText(table, text)) && filters.every((filter) => passes(table, filter))
  );
}

function holdsText(table: Table, text: string): boolean {
  const whole = /^"(.*)"$/s.exec(text)?.[1]?.toLowerCase();
  const columns = [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])];
  const texts = [
    table.Name,
    table.Description ?? "",
    table.DatabaseName,
    ...columns.flatMap((column) => [column.Name, column.Comment ?? ""]),
    ...Object.entries(table.Parameters ?? {}).flat(),
  ].map((found) => found.toLowerCase());
  return whole === undefined ? texts.some((found) => found.includes(text.toLowerCase())) : texts.includes(whole);
}

function passes(table: Table, { Key = "", Value = "", Comparator = "EQUALS" }: SearchFilter): boolean {
  const found = fieldOf(table, Key);
  if (found === undefined) return false;
  const order = compareTexts(found, Value);
  switch (Comparator) {
    case "EQUALS":
      return typeof found === "number" ? order === 0 : found.toLowerCase() === Value.toLowerCase();
    case "GREATER_THAN":
      return order > 0;
    case "LESS_THAN":
      return order < 0;
    case "GREATER_THAN_EQUALS":
      return order >= 0;
    case "LESS_THAN_EQUALS":
      return order <= 0;
  }
}

function fieldOf(table: Table, field: string): string | number | undefined {
  switch (field.toLowerCase()) {
    case "name":
    case "tablename":
      return table.Name;
    case "databasename":
      return table.DatabaseName;
    case "description":
      return table.Description;
    case "owner":
      return table.Owner;
    case "tabletype":
      return table.TableType;
    case "location":
      return table.StorageDescriptor?.Location;
    case "classification":
      return table.Parameters?.["classification"];
    case "createtime":
      return table.CreateTime;
    case "updatetime":
      return table.UpdateTime;
    case "lastaccesstime":
      return table.LastAccessTime;
    default: {
      const parameter = table.Parameters?.[field];
      if (parameter !== undefined || /^[\w.:-]+$/.test(field)) return parameter;
      throw invalidInput(`Tables have no field ${field} to search by`, {
        path: "Filters",
        found: field,
        hint: "Name, DatabaseName, Owner, TableType, CreateTime, UpdateTime, or a parameter of the table",
      });
    }
  }
}

function compareTexts(left: string | number | undefined, right: string | number | undefined): number {
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
  if (typeof left === "number" || typeof right === "number") return Number(left) - Number(right);
  return left < right ? -1 : Number(left > right);
}
