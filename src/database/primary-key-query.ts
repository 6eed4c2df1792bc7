/** Columns of a table's primary key, by the schema of information that SQL's standard gives servers. */

/** `table` and `schema` as SQL: a text, or a function of the server. */
export const primaryKeyQuery = (
  table: string,
  schema: string,
): string => `SELECT k.column_name FROM information_schema.table_constraints c
  JOIN information_schema.key_column_usage k ON k.constraint_name = c.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name
  WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_name = ${table} AND c.table_schema = ${schema} ORDER BY k.ordinal_position`;
