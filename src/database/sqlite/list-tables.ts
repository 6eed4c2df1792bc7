/** All tables and views of a database file. SQLite keeps no comments. */
import type { DatabaseAddress } from "../address.js";
import { listedType, type ListedTable, tablesOf } from "../listed-table.js";
import { targetOf } from "./describe.js";
import { sqliteFailure } from "./failure.js";
import { openFile } from "./open-file.js";

type Row = {
  readonly table: string;
  readonly kind: string;
  readonly column: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
};

export async function listSqliteTables(address: DatabaseAddress): Promise<readonly ListedTable[]> {
  const db = await openFile(address, "read");
  try {
    const rows = db
      .prepare(
        "SELECT m.name AS \"table\", m.type AS kind, c.name AS \"column\", c.type, c.\"notnull\", c.pk FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c ON c.hidden <> 1 WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.cid",
      )
      .all() as Row[];
    return tablesOf(
      rows.map((row) => ({
        name: row.table,
        kind: row.kind === "view" ? "view" : "table",
        keyPosition: row.pk === 0 ? undefined : row.pk,
        column: {
          name: row.column,
          declared: row.type,
          type: listedType(targetOf(row.type)),
          nullable: row.notnull === 0,
        },
      })),
    );
  } catch (error) {
    throw sqliteFailure(error, address);
  } finally {
    db.close();
  }
}
