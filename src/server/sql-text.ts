/** Names and texts in the SQL of `DataFrame.sql`. */
export const quotedName = (name: string): string => `"${name.replaceAll("\0", "\uFFFD").replaceAll('"', '""')}"`;

export const quotedText = (text: string): string => `'${text.replaceAll("\0", "\uFFFD").replaceAll("'", "''")}'`;
