/**
 * What the partitions of a table say together: types on which they disagree, and values regular enough to be projected.
 */
import type { StructType } from "../types/data-type.js";
import { fullTypeText, typeText } from "../types/type-text.js";
import type { TableGroup } from "./group/group-tables.js";
import type { Reason } from "./group/reason.js";

const NAMED = 5;

/**
 * For each column of more than one type among the partitions, which partitions have which. A column only ever null has
 * no type to disagree with.
 */
export function typeDisagreements(
  partitions: readonly { readonly values: readonly string[]; readonly type: StructType }[],
): readonly Reason[] {
  const columns = new Map<string, Map<string, { readonly type: string; readonly partitions: string[] }>>();
  for (const { values, type } of partitions) {
    for (const { name, type: own } of type.fields) {
      if (own.kind === "null" || own.kind === "unknown") continue;
      const key = name.toLowerCase();
      const types = columns.get(key) ?? new Map<string, { type: string; partitions: string[] }>();
      columns.set(key, types);
      const found = types.get(fullTypeText(own));
      if (found === undefined) types.set(fullTypeText(own), { type: typeText(own), partitions: [values.join("/")] });
      else found.partitions.push(values.join("/"));
    }
  }
  return [...columns]
    .filter(([, types]) => types.size > 1)
    .map(([column, types]) => ({
      code: "PARTITION_TYPES_DIFFER",
      message: `partitions disagree on column ${column}: ${[...types.values()].map(({ type, partitions: named }) => `${type} in ${listed(named)}`).join("; ")}`,
      evidence: { column, types: [...types.values()] },
    }));
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ""}`;

const FEWEST = 3;
const MOST_ENUM = 100;

/**
 * Properties with which Athena would compute the partitions instead of listing them (Athena user guide, "Partition
 * projection").
 */
export function projectionHint({ partitionKeys, partitions, location }: TableGroup): readonly Reason[] {
  if (partitions.length < FEWEST || partitionKeys.length === 0) return [];
  const properties: { [name: string]: string } = { "projection.enabled": "true" };
  for (const [i, key] of partitionKeys.entries()) {
    const found = projectionOf([...new Set(partitions.map(({ values }) => values[i] ?? ""))]);
    if (found === undefined) return [];
    for (const [name, value] of Object.entries(found)) properties[`projection.${key}.${name}`] = value;
  }
  const folders = partitionKeys
    .map((key) => (key.startsWith("partition_") ? `\${${key}}` : `${key}=\${${key}}`))
    .join("/");
  properties["storage.location.template"] = `${location}/${folders}`;
  return [
    {
      code: "PROJECTION_POSSIBLE",
      message: `the values of ${partitionKeys.join(", ")} are regular: their partitions could be projected`,
      evidence: properties,
    },
  ];
}

function projectionOf(values: readonly string[]): { readonly [name: string]: string } | undefined {
  const sorted = [...values].sort();
  const [first = "", last = ""] = [sorted[0], sorted.at(-1)];
  const same = values.every((value) => value.length === first.length);
  if (values.every((value) => /^\d{4}-\d{2}-\d{2}$/.test(value)))
    return { type: "date", format: "yyyy-MM-dd", range: `${first},${last}` };
  if (values.every((value) => /^\d{1,18}$/.test(value)) && (same || values.every((value) => !/^0\d/.test(value)))) {
    const numbers = values.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
    const padded = same && values.some((value) => /^0\d/.test(value));
    return {
      type: "integer",
      range: `${numbers[0]},${numbers.at(-1)}`,
      ...(padded ? { digits: String(first.length) } : {}),
    };
  }
  return values.length <= MOST_ENUM && values.every((value) => value !== "" && !value.includes(","))
    ? { type: "enum", values: sorted.join(",") }
    : undefined;
}
