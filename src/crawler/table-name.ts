import { createHash } from "node:crypto";

const MAX_LENGTH = 128;
const HASH_LENGTH = 8;

/**
 * Glue's name of a table made from a folder, a bucket or a file (with its extension): prefix and name in lower case,
 * everything but letters, digits and `_` replaced by `_`, cut to 128 characters with the prefix. `persons.json` →
 * `persons_json`.
 */
export function tableName(prefix: string, name: string): string {
  return (
    `${prefix}${name}`
      .toLowerCase()
      .replace(/[^a-z0-9_]/gu, "_")
      .slice(0, MAX_LENGTH) || "_"
  );
}

/** A table about to be named: the folder or file name, and the location that makes it unique. */
export type Nameless = { readonly name: string; readonly location: string };

/**
 * Names for tables, by location. The first location in code unit order keeps the plain name; the others, and those
 * whose plain name is in `taken`, get `_` and eight hex digits of the location's SHA-256 (Glue's algorithm is not
 * published).
 */
export function nameTables(
  tables: readonly Nameless[],
  prefix: string,
  taken: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const used = new Set(taken);
  const names = new Map<string, string>();
  for (const { name, location } of [...tables].sort((a, b) => (a.location < b.location ? -1 : 1))) {
    const plain = tableName(prefix, name);
    const free = used.has(plain) ? withHash(plain, location, used) : plain;
    used.add(free);
    names.set(location, free);
  }
  return names;
}

function withHash(plain: string, location: string, used: ReadonlySet<string>): string {
  const digest = createHash("sha256").update(location).digest("hex");
  for (let length = HASH_LENGTH; length < digest.length; length++) {
    const name = `${plain.slice(0, MAX_LENGTH - length - 1)}_${digest.slice(0, length)}`;
    if (!used.has(name)) return name;
  }
  return `${plain.slice(0, MAX_LENGTH - digest.length - 1)}_${digest}`;
}
