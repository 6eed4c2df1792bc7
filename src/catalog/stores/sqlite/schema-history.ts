/**
 * The exact types a table has had, and what changed from one to the next. Every function runs inside a transaction of
 * the caller.
 */
import { type ChangedLedgers, type SchemaChange, withEvidence } from "../../../shapes/change-evidence.js";
import { diffTypes } from "../../../types/compat.js";
import { type StructType, struct } from "../../../types/data-type.js";
import { typeFromJson, typeToJson } from "../../../types/json.js";
import { DynaframeError } from "../../../types/error.js";
import type { HistoryRange, SchemaChangeEntry, SchemaHistoryEntry } from "../../index.js";
import { keepText, type KeptText, readText, wholeText } from "./schema-texts.js";
import { docOf, numberOf, type Session, type SqlRow, textOf } from "./session.js";
import { versionNumber } from "./table-versions.js";
import type { TableRow } from "./tables.js";

const COLUMNS = "id, version, at, schema, step, head, tail";

/** Whether a schema is not the one the history ends with: an entry is due. */
export function isNewSchema(session: Session, table: TableRow, schema: StructType): boolean {
  return last(session, table)?.text !== textOfType(schema);
}

/** Adds an entry when the type differs from the last one. `ledgers`: of the files before, with and after the change. */
export function recordSchema(session: Session, table: TableRow, schema: StructType, ledgers: ChangedLedgers): void {
  const text = textOfType(schema);
  const before = last(session, table);
  if (before?.text === text) return;
  const kept = before === undefined ? wholeText(text) : keepText(text, before.text, before.step);
  const changes = withEvidence(diffTypes(before === undefined ? struct([]) : structOf(before.text), schema), ledgers);
  session.run(
    "INSERT INTO schema_history (table_id, version, at, schema, step, head, tail, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    table.id,
    table.version,
    session.now(),
    kept.text,
    kept.step,
    kept.head,
    kept.tail,
    JSON.stringify(changes),
  );
}

/** Newest first. */
export function schemaHistory(
  session: Session,
  table: TableRow,
  { upTo, newest }: HistoryRange = {},
): readonly SchemaHistoryEntry[] {
  const top = upTo === undefined ? Number.MAX_SAFE_INTEGER : versionNumber(upTo);
  const ids = session.rows(
    "SELECT id FROM schema_history WHERE table_id = ? AND version <= ? ORDER BY id DESC LIMIT ?",
    table.id,
    top,
    newest ?? -1,
  );
  const [first, final] = [ids[0], ids.at(-1)];
  if (first === undefined || final === undefined) return [];
  const lowest = numberOf(final, "id");
  return textsBetween(session, table, lowest, numberOf(first, "id"))
    .filter(({ id }) => id >= lowest)
    .map(({ version, at, text }) => ({ versionId: String(version), at, schema: structOf(text) }))
    .reverse();
}

/** Oldest first. Entries of an older catalog, which kept no changes, are compared now. */
export function schemaChanges(session: Session, table: TableRow): readonly SchemaChangeEntry[] {
  const rows = session.rows("SELECT version, at, changes FROM schema_history WHERE table_id = ? ORDER BY id", table.id);
  if (rows.every((row) => row["changes"] !== null)) {
    return rows.map((row) => ({
      versionId: String(numberOf(row, "version")),
      at: numberOf(row, "at"),
      changes: docOf<readonly SchemaChange[]>(row, "changes"),
    }));
  }
  const schemas = [...schemaHistory(session, table)].reverse();
  return rows.map((row, i) => ({
    versionId: String(numberOf(row, "version")),
    at: numberOf(row, "at"),
    changes:
      row["changes"] === null
        ? diffTypes(schemas[i - 1]?.schema ?? struct([]), schemas[i]?.schema ?? struct([]))
        : docOf<readonly SchemaChange[]>(row, "changes"),
  }));
}

type Entry = {
  readonly id: number;
  readonly version: number;
  readonly at: number;
  readonly step: number;
  readonly text: string;
};

function last(session: Session, table: TableRow): Entry | undefined {
  const row = session.row("SELECT id FROM schema_history WHERE table_id = ? ORDER BY id DESC LIMIT 1", table.id);
  return row === undefined ? undefined : textsBetween(session, table, numberOf(row, "id"), numberOf(row, "id")).at(-1);
}

/** Whole texts from the last whole row at or before `lowest` to `highest`, oldest first. */
function textsBetween(session: Session, table: TableRow, lowest: number, highest: number): readonly Entry[] {
  const rows = session.rows(
    `SELECT ${COLUMNS} FROM schema_history WHERE table_id = ? AND id <= ?
     AND id >= (SELECT max(id) FROM schema_history WHERE table_id = ? AND step = 0 AND id <= ?) ORDER BY id`,
    table.id,
    highest,
    table.id,
    lowest,
  );
  let text = "";
  return rows.map((row) => {
    text = readText(keptOf(row), text);
    return {
      id: numberOf(row, "id"),
      version: numberOf(row, "version"),
      at: numberOf(row, "at"),
      step: numberOf(row, "step"),
      text,
    };
  });
}

const keptOf = (row: SqlRow): KeptText => ({
  step: numberOf(row, "step"),
  head: numberOf(row, "head"),
  tail: numberOf(row, "tail"),
  text: textOf(row, "schema"),
});

const textOfType = (schema: StructType): string => JSON.stringify(typeToJson(schema));

function structOf(text: string): StructType {
  const type = typeFromJson(JSON.parse(text));
  if (type.kind !== "struct")
    throw new DynaframeError("CATALOG_CORRUPT", "a stored schema is not a struct", { found: type.kind });
  return type;
}
