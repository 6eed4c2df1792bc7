import { DynaframeError } from "../../types/error.js";
import type { TableName } from "../table-name.js";

export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0") || Buffer.byteLength(name) > 63) {
    throw new DynaframeError("INVALID_NAME", `PostgreSQL cannot name anything ${JSON.stringify(name)}.`, {
      path: name,
      expected: "1 to 63 bytes without NUL",
      hint: "Rename the field first.",
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

export const quoteTable = ({ schema, name }: TableName): string =>
  schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
