/**
 * How a partition's values are stored: `sort_key`, unique in its table and ordered by the keys' values one after the
 * other, and columns k0 … k7 with each value as text whose order is the order of the values. SQL then compares what the
 * key types compare.
 */
import { HIVE_DEFAULT_PARTITION } from "../../../storage/hive-path.js";
import { type KeyFamily, keyFamily, orderedText, parseKeyValue } from "../../expression/key-type.js";
import type { Column } from "../../model.js";
import { KEY_COLUMNS } from "./migrations.js";
import type { SqlValue } from "./session.js";

export type PartitionKeyRow = {
  readonly sortKey: Uint8Array;
  /** Spreads partitions over segments; what of it two partitions share does not matter. */
  readonly slot: number;
  /** Bit i is set when the value of key i is not of the key's type. */
  readonly misfits: number;
  /** k0 … k7 and `extra`, in the order of the columns. */
  readonly columns: readonly SqlValue[];
};

// what a component of sort_key begins with; nulls sort first, then misfits
const NULL_TAG = 1;
const MISFIT_TAG = 2;
export const VALUE_TAG = 3;
const END = "\u0000";

/** Values of a key type that expressions cannot name are kept as text. */
const familyOf = (key: Column): KeyFamily => keyFamily(key.Type ?? "string") ?? "string";

export const partitionKeyRow = (keys: readonly Column[], values: readonly string[]): PartitionKeyRow =>
  partitionKeyRows(keys)(values);

/** The rows of many partitions of one table. */
export function partitionKeyRows(keys: readonly Column[]): (values: readonly string[]) => PartitionKeyRow {
  const families = keys.map(familyOf);
  return (values) => {
    const texts: (string | null)[] = [];
    let [sort, tail, misfits] = ["", "", 0];
    for (let i = 0; i < families.length; i += 1) {
      const family = families[i] ?? "string";
      const component = componentOf(family, values[i] ?? "");
      sort += component.sort;
      tail += component.tail;
      if (component.misfit) misfits += 2 ** i;
      texts.push(component.text);
    }
    const extra = texts.length > KEY_COLUMNS ? JSON.stringify(texts.splice(KEY_COLUMNS)) : null;
    while (texts.length < KEY_COLUMNS) texts.push(null);
    texts.push(extra);
    // marks are characters of one byte: the whole key is encoded at once
    const key = sort + tail;
    return { sortKey: Buffer.from(key, "utf8"), slot: slotOf(key), misfits, columns: texts };
  };
}

function slotOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return Math.abs(hash % 9973);
}

/** The component of a value in `sort_key`, without its end mark. */
export function sortComponent(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([VALUE_TAG]), Buffer.from(text, "utf8")]);
}

type Component = {
  readonly sort: string;
  /** Tells apart values that compare equal, such as 1 and 01: they name different partitions. */
  readonly tail: string;
  readonly text: string | null;
  readonly misfit: boolean;
};

function componentOf(family: KeyFamily, value: string): Component {
  if (family === "string") return { sort: ended(VALUE_TAG, value), tail: "", text: value, misfit: false };
  if (value === HIVE_DEFAULT_PARTITION) return { sort: ended(NULL_TAG, ""), tail: "", text: null, misfit: false };
  const parsed = parseKeyValue(family, value);
  if (parsed === undefined) return { sort: ended(MISFIT_TAG, value), tail: "", text: null, misfit: true };
  const text = orderedText(parsed);
  return { sort: ended(VALUE_TAG, text), tail: ended(VALUE_TAG, value), text, misfit: false };
}

const ended = (tag: number, text: string): string => `${String.fromCharCode(tag)}${text}${END}`;
