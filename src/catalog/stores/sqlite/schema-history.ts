/** The exact types a table has had. Every function runs inside a transaction of the caller. */
import type { StructType } from "../../../types/data-type.js";
import { typeFromJson, typeToJson } from "../../../types/json.js";
import { DynaframeError } from "../../../types/error.js";
import type { SchemaHistoryEntry } from "../../index.js";
import { numberOf, type Session, textOf } from "./session.js";
import type { TableRow } from "./tables.js";

/** Adds an entry when the type differs from the last one. */
export function recordSchema(session: Session, table: TableRow, schema: StructType): void {
  const text = JSON.stringify(typeToJson(schema));
  const last = session.row("SELECT schema FROM schema_history WHERE table_id = ? ORDER BY id DESC LIMIT 1", table.id);
  if (last !== undefined && textOf(last, "schema") === text) return;
  session.run("INSERT INTO schema_history (table_id, version, at, schema) VALUES (?, ?, ?, ?)", table.id, table.version, session.now(), text);
}

/** Newest first. */
export function schemaHistory(session: Session, table: TableRow): readonly SchemaHistoryEntry[] {
  return session.rows("SELECT version, at, schema FROM schema_history WHERE table_id = ? ORDER BY id DESC", table.id).map((row) => ({
    versionId: String(numberOf(row, "version")), at: numberOf(row, "at"), schema: structOf(textOf(row, "schema")),
  }));
}

function structOf(text: string): StructType {
  const type = typeFromJson(JSON.parse(text));
  if (type.kind !== "struct") throw new DynaframeError("CATALOG_CORRUPT", "a stored schema is not a struct", { found: type.kind });
  return type;
}
