/** All tables and views of the address's database, from information_schema. */
import type { DatabaseAddress } from "../address.js";
import { commentOf, listedType, type ListedTable, tablesOf } from "../listed-table.js";
import { MysqlSession } from "./connect.js";
import { jsonColumns, targetOf, texts } from "./describe.js";

const QUERY = `SELECT t.table_name, t.table_type, t.table_comment, c.column_name, c.data_type, c.column_type, c.is_nullable, c.column_comment, k.ordinal_position,
  c.character_maximum_length, c.character_octet_length, c.numeric_precision, c.numeric_scale, c.datetime_precision
FROM information_schema.tables t JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
  LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
WHERE t.table_schema = DATABASE() AND t.table_type IN ('BASE TABLE', 'VIEW') ORDER BY t.table_name, c.ordinal_position`;

export async function listMysqlTables(address: DatabaseAddress): Promise<readonly ListedTable[]> {
  const session = await MysqlSession.open(address);
  try {
    const rows = texts(await session.run(QUERY));
    const json = new Map<string, ReadonlySet<string>>();
    for (const [name = ""] of rows)
      if (name !== null && !json.has(name)) json.set(name, await jsonColumns(session, { name }));
    return tablesOf(
      rows.map(([table, kind, tableComment, column, dataType, declared, nullable, comment, key, ...sizes]) => {
        const isJson = json.get(table ?? "")?.has(column ?? "") === true;
        const target = isJson
          ? ({ kind: "json", nul: true, form: "text" } as const)
          : targetOf(
              dataType ?? "",
              declared ?? "",
              sizes.map((size) => (size === null ? undefined : Number(size))),
            );
        return {
          name: table ?? "",
          kind: kind === "VIEW" ? ("view" as const) : ("table" as const),
          ...commentOf(kind === "VIEW" ? undefined : tableComment), // MySQL comments every view as VIEW
          column: {
            name: column ?? "",
            declared: isJson ? "json" : (declared ?? ""),
            type: listedType(target),
            nullable: nullable === "YES",
            ...commentOf(comment),
          },
          keyPosition: key === null || key === undefined ? undefined : Number(key),
        };
      }),
    );
  } finally {
    await session.close();
  }
}
