/** Hive's partition folders: `year=2024/month=1`, values %-escaped as Hive and Spark escape them. Pure. */

/** The folder name that stands for a null or empty partition value. */
export const HIVE_DEFAULT_PARTITION = "__HIVE_DEFAULT_PARTITION__";

export type PartitionFolder = { readonly key: string; readonly value: string | null };

// the characters Hive's FileUtils.escapePathName escapes: control characters and those with a meaning in paths and
// shells
const ESCAPED = /[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g;

/** `%xx` for every character that Hive escapes, so that the folder reads back to the same value. */
const escapeHive = (text: string): string =>
  text.replace(ESCAPED, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/**
 * The inverse; a `%` that starts no escape stays as it is. Bytes past ASCII, which Hive never escapes and Arrow, Polars
 * and DuckDB do, are UTF-8 where they can be.
 */
export const unescapeHive = (text: string): string =>
  text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split("%"), (hex) => Number.parseInt(hex, 16));
    return utf8(bytes) ?? String.fromCharCode(...bytes);
  });

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** `key=value` for one level; null and the empty string both become the default partition, as in Hive. */
export const partitionFolder = (key: string, value: string | null): string =>
  `${escapeHive(key)}=${value === null || value === "" ? HIVE_DEFAULT_PARTITION : escapeHive(value)}`;

/**
 * The `key=value` folders on the way from `base` to the file, outermost first; undefined if some level is not of that
 * form.
 */
export function partitionFolders(base: string, file: string): readonly PartitionFolder[] | undefined {
  if (!file.startsWith(`${base}/`)) return [];
  const levels = file
    .slice(base.length + 1)
    .split("/")
    .slice(0, -1);
  const folders: PartitionFolder[] = [];
  for (const level of levels) {
    const cut = level.indexOf("=");
    if (cut <= 0) return undefined;
    const value = level.slice(cut + 1);
    folders.push({
      key: unescapeHive(level.slice(0, cut)),
      value: value === HIVE_DEFAULT_PARTITION ? null : unescapeHive(value),
    });
  }
  return folders;
}
