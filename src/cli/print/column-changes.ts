import type { Column, Table } from "../../catalog/index.js";
import { printable } from "./text.js";

/** What a version changed against the one before, in a few words: `+gift boolean, price int → double, −note`. */
export function columnChanges(before: Table | undefined, after: Table): string {
  if (before === undefined) return "created";
  const old = columnsOf(before);
  const now = columnsOf(after);
  const changes: string[] = [];
  for (const [name, type] of now) {
    const earlier = old.get(name);
    if (earlier === undefined) changes.push(`+${name} ${type}`);
    else if (earlier !== type) changes.push(`${name} ${earlier} → ${type}`);
  }
  for (const name of old.keys()) if (!now.has(name)) changes.push(`−${name}`);
  if (before.StorageDescriptor?.Location !== after.StorageDescriptor?.Location) changes.push("location");
  return changes.length === 0 ? "properties" : printable(changes.join(", "));
}

function columnsOf(table: Table): Map<string, string> {
  const all: readonly Column[] = [...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])];
  return new Map(all.map(({ Name, Type }) => [Name, Type ?? ""]));
}
