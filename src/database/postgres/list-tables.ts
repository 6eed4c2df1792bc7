/**
 * All tables and views of a database but the system's own, from pg_catalog; a partitioned table is one, its parts are
 * not.
 */
import type { DatabaseAddress } from "../address.js";
import { commentOf, listedType, type ListedTable, tablesOf } from "../listed-table.js";
import { PostgresSession } from "./connect.js";
import { targetOf } from "./describe.js";

const QUERY = `SELECT n.nspname, c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class'), a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END, NOT a.attnotnull, pg_catalog.col_description(c.oid, a.attnum),
  pg_catalog.array_position(i.indkey::int2[], a.attnum)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname, a.attnum`;

export async function listPostgresTables(address: DatabaseAddress): Promise<readonly ListedTable[]> {
  const session = await PostgresSession.open(address);
  try {
    const { rows } = await session.run(QUERY);
    return tablesOf(
      rows.map(([schema, name, kind, tableComment, column, declared, base, nullable, comment, key]) => ({
        schema: schema ?? "",
        name: name ?? "",
        kind: kind === "v" || kind === "m" ? "view" : "table",
        ...commentOf(tableComment),
        column: {
          name: column ?? "",
          declared: declared ?? "",
          type: listedType(targetOf(base ?? declared ?? "")),
          nullable: nullable === "t",
          ...commentOf(comment),
        },
        keyPosition: key === null || key === undefined ? undefined : Number(key),
      })),
    );
  } finally {
    await session.close();
  }
}
