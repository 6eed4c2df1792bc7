import { unescapeHive } from "../../storage/hive-path.js";

/** Partition keys and, per leaf folder, their values; both in the order of the levels. */
export type PartitionColumns = { readonly keys: readonly string[]; readonly values: readonly (readonly string[])[] };

/**
 * Keys and values from the folder names on the way from the table to each leaf folder. A level whose folders are all
 * `key=value` with one key has that key, in lower case, and the values without their `%xx` escapes; any other level is
 * `partition_N`, N its depth from 0, with the names as they are. So is a level whose key is taken by a level above, or
 * whose values would make two folders one.
 */
export function partitionColumns(leaves: readonly (readonly string[])[]): PartitionColumns {
  const depth = leaves[0]?.length ?? 0;
  const keys: string[] = [];
  for (let level = 0; level < depth; level++) {
    const key = commonKey(leaves.map((names) => names[level] ?? ""));
    keys.push(key === undefined || keys.includes(key) ? `partition_${level}` : key);
  }
  const values = leaves.map((names) =>
    names.map((name, level) => (keys[level] === `partition_${level}` ? name : valueOf(name))),
  );
  if (new Set(values.map((list) => JSON.stringify(list))).size === leaves.length) return { keys, values };
  return { keys: keys.map((_, level) => `partition_${level}`), values: leaves };
}

function commonKey(names: readonly string[]): string | undefined {
  const keys = new Set(
    names.map((name) =>
      name.indexOf("=") > 0 ? unescapeHive(name.slice(0, name.indexOf("="))).toLowerCase() : undefined,
    ),
  );
  const [key] = keys;
  return keys.size === 1 ? key : undefined;
}

const valueOf = (name: string): string => unescapeHive(name.slice(name.indexOf("=") + 1));
