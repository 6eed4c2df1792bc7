import { DynaframeError } from "../../types/error.js";
import type { TableName } from "../table-name.js";

export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0") || [...name].length > 64 || /\s$/.test(name)) {
    throw new DynaframeError("INVALID_NAME", `MySQL cannot name anything ${JSON.stringify(name)}.`, {
      path: name,
      expected: "1 to 64 characters without NUL, no blank at the end",
      hint: "Rename the field first.",
    });
  }
  return `\`${name.replaceAll("`", "``")}\``;
}

export const quoteTable = ({ schema, name }: TableName): string =>
  schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;

/** Needs a session without NO_BACKSLASH_ESCAPES and in utf8mb4, which ours are. */
export const quoteText = (text: string): string =>
  `'${text.replaceAll(/['\\\0]/g, (c) => (c === "\0" ? "\\0" : `\\${c}`))}'`;
