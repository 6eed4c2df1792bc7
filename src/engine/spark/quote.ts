/**
 * The only place where names and texts become Spark SQL: everything that comes from data or from a caller passes
 * through here.
 */

/** A name in backticks. */
export const identifier = (name: string): string => `\`${clean(name).replaceAll("`", "``")}\``;

/** A STRING constant. Spark reads backslashes in it, so that they, quotes and control characters are escaped. */
export function text(value: string): string {
  const escaped = clean(value).replace(/[\\'\u0000-\u001f\u007f]/g, (c) =>
    c === "\\" || c === "'" ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `'${escaped}'`;
}

/** A struct constructor from SQL expressions by field name. */
export const structOf = (entries: readonly (readonly [name: string, sql: string])[]): string =>
  `named_struct(${entries.map(([name, sql]) => `${text(name)}, ${sql}`).join(", ")})`;

/** A field of a struct-valued expression. */
export const fieldOf = (value: string, name: string): string => `${value}.${identifier(name)}`;

/**
 * `body` of a value that is written down once: what is repeated at every level of nesting grows exponentially with its
 * depth.
 */
export function bound(value: string, variable: string, body: (variable: string) => string): string {
  const name = identifier(variable);
  return `transform(array(${value}), ${name} -> ${body(name)})[0]`;
}

// a lone surrogate has no UTF-8 form
const clean = (value: string): string => value.toWellFormed();
