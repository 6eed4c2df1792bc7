/**
 * The parts of a field's type that its values had in the batches in which it passed, found with as little reading as
 * may be.
 */
import type { DataType } from "../../types/data-type.js";
import type { StoredField, StoredRows } from "../../types/stored-rows.js";
import type { Vector } from "../../types/vector.js";
import { fieldOfStructs } from "./grow.js";
import type { Place } from "./place.js";
import { seeAll, seenIn } from "./seen.js";

export type PassedSeen = {
  /** The field has passed in these rows of a batch. `group`, `stored`: where it lies, if that is known. */
  readonly add: (
    root: Place,
    vector: Vector,
    rows: Int32Array,
    group: StoredRows["group"] | undefined,
    stored: StoredField | undefined,
  ) => void;
  /** Looks at what is still waiting. */
  readonly settle: (root: Place) => void;
};

/** For the field of that name of the records. */
export function passedSeen(name: string, type: DataType): PassedSeen {
  const seen = seenIn(type);
  let waiting: { readonly vector: Vector; readonly rows: Int32Array }[] = [];
  let of: StoredRows["group"] | undefined;
  let count = 0;
  let done = false;
  const settle = (root: Place): void => {
    const place = fieldOfStructs(root, name);
    const all = waiting;
    [waiting, count] = [[], 0];
    for (const { vector, rows } of all) done ||= seen(place, vector, rows);
  };
  return {
    settle: (root) => {
      if (waiting.length > 0) settle(root);
    },
    add: (root, vector, rows, group, stored) => {
      if (done) return;
      if (of !== group) settle(root);
      of = group;
      waiting.push({ vector, rows });
      count += rows.length;
      // a row group that has passed as a whole, with values in each of its columns: its footer tells as much
      if (stored?.kind !== "file" || !hasValues(stored)) settle(root);
      else if (count === group?.rows) {
        seeAll(fieldOfStructs(root, name), type);
        [waiting, done] = [[], true];
      }
    },
  };
}

/** Whether each column is known to have a value somewhere. */
const hasValues = ({ chunks }: Extract<StoredField, { readonly kind: "file" }>): boolean =>
  chunks.every(({ nulls, values }) => nulls !== undefined && nulls < values);
