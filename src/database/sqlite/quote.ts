import { DynaframeError } from "../../types/error.js";
import type { TableName } from "../table-name.js";

export function quoteIdentifier(name: string): string {
  if (name.includes("\0"))
    throw new DynaframeError("INVALID_NAME", `SQLite cannot name anything ${JSON.stringify(name)}.`, {
      path: name,
      hint: "Rename the field first.",
    });
  return `"${name.replaceAll('"', '""')}"`;
}

export const quoteTable = ({ schema, name }: TableName): string =>
  schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
