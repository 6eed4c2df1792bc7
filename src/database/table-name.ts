/** `schema.table` as a caller writes it. */
import { DynaframeError } from "../types/error.js";

/** Without a schema: the connection's own (`public` in PostgreSQL, the database in MySQL). */
export type TableName = { readonly schema?: string; readonly name: string };

/**
 * `orders`, `shop.orders`, `"My Schema"."My Table"`, also with backticks.
 * @throws BAD_OPTION for more than two parts.
 */
export function parseTableName(text: string): TableName {
  const parts = [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|`((?:[^`]|``)*)`|([^."`\s]+))\s*(\.|$)/gy)];
  const names = parts.map(
    ([, double, backtick, bare]) => double?.replaceAll('""', '"') ?? backtick?.replaceAll("``", "`") ?? bare ?? "",
  );
  const whole = parts.map(([part]) => part).join("") === text && parts.at(-1)?.[4] === "";
  const [first, second] = names;
  if (!whole || first === undefined || names.length > 2 || names.includes("")) {
    throw new DynaframeError("BAD_OPTION", `dbtable: ${JSON.stringify(text)} is no table name.`, {
      path: "dbtable",
      expected: "table or schema.table",
      found: text,
      hint: 'Quote names that hold dots or blanks: "my schema"."my table".',
    });
  }
  return second === undefined ? { name: first } : { schema: first, name: second };
}

export const tableText = ({ schema, name }: TableName): string => (schema === undefined ? name : `${schema}.${name}`);
