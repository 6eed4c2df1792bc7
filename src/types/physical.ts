/** Names of fields as engines and staged files spell them (decision 0003). */
import type { StructType } from "./data-type.js";

/** The one field of a struct that has none: engines have no empty struct. Always null. */
export const EMPTY_STRUCT_FIELD = "~";

/**
 * The physical name of each field, in field order. A name stands for itself, save that NUL becomes `~0`, the empty name
 * `~`, and a name that an earlier field already has when ASCII case is ignored gets the suffix `~2`, `~3`, … : engines
 * refuse the first two and fold the case of the third.
 */
export function physicalNames(type: StructType): readonly string[] {
  const known = NAMES.get(type);
  if (known !== undefined) return known;
  const names = Object.freeze(spell(type));
  NAMES.set(type, names);
  return names;
}

// Types never change, so neither do their names. Compilers ask once per field: without this, a struct of thousands of
// fields is quadratic.
const NAMES = new WeakMap<StructType, readonly string[]>();

function spell(type: StructType): string[] {
  const taken = new Set<string>();
  const nextSuffix = new Map<string, number>();
  return type.fields.map((f) => {
    const base = f.name === "" ? EMPTY_STRUCT_FIELD : f.name.replaceAll("\0", "~0");
    const folded = foldAscii(base);
    let name = base;
    // the counter per name keeps a struct of thousands of clashing names linear
    let suffix = nextSuffix.get(folded) ?? 2;
    while (taken.has(foldAscii(name))) name = `${base}~${suffix++}`;
    nextSuffix.set(folded, suffix);
    taken.add(foldAscii(name));
    return name;
  });
}

/** Lower-cases A–Z only, as DuckDB compares identifiers. */
function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}
