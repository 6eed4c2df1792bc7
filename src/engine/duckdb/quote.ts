/**
 * The only place where names and texts become SQL: everything that comes from data or from a caller passes through
 * here.
 */

/**
 * A name in double quotes. NUL cannot stand in SQL text; physical names have none (`physicalNames`), and one that a
 * caller slips in becomes the replacement character rather than the end of the statement.
 */
export function identifier(name: string): string {
  return `"${clean(name).replaceAll("\0", "\uFFFD").replaceAll('"', '""')}"`;
}

/** A name of several parts: `"a"."b"`. */
export const qualified = (...parts: readonly string[]): string => parts.map(identifier).join(".");

/** A VARCHAR constant. NUL is spelled `chr(0)`, since the text of a statement ends at the first one. */
export function text(value: string): string {
  const parts = clean(value)
    .split("\0")
    .map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts.join("") : `(${parts.join(" || chr(0) || ")})`;
}

/** A list of VARCHAR constants. */
export const texts = (values: readonly string[]): string => `[${values.map(text).join(", ")}]`;

/** A struct constructor from SQL expressions by field name. */
export function structOf(entries: readonly (readonly [name: string, sql: string])[]): string {
  // a key of struct_pack's brace form is text, but NUL could not be spelled in it: names come from physicalNames
  return `{${entries.map(([name, sql]) => `${text(name.replaceAll("\0", "\uFFFD"))}: ${sql}`).join(", ")}}`;
}

/** A field of a struct-valued expression. */
export const fieldOf = (value: string, name: string): string => `struct_extract(${value}, ${text(name)})`;

// a lone surrogate has no UTF-8 form and would fail the whole statement
const clean = (value: string): string => value.toWellFormed();
