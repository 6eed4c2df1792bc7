/**
 * The shape of what a JavaScript function returns, grown record by record: every value goes with its exact type to the
 * vector of its place at once, and the types of all are merged by the rules of `mergeDataTypes` without a type object
 * per record. A value keeps the type its path had in the record it came from wherever that type holds it (4 where 4.5
 * was possible stays double); only new paths and changed kinds are inferred. So `map(r => r)` changes no tag.
 */
import { struct, type StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { inferType } from "../../types/infer.js";
import { batchOfFields, type RecordBatch } from "../../types/record-batch.js";
import { isLoneSurrogate, locatedSurrogate } from "../../types/well-formed.js";
import type { BatchRecords } from "../batch-records.js";
import { grow, type Undo } from "./grow.js";
import { createPassThrough } from "./pass-through.js";
import { bindOrigin, placeOf, type Place } from "./place.js";
import { armVector, empty, truncate, typeOf } from "./place-vectors.js";

export type OutputShape = {
  /**
   * Adds a record, made from the record at index `from` of the batch of `origin` if there is one. What it throws leaves
   * the shape as it was.
   */
  readonly add: (output: unknown, origin: BatchRecords | undefined, from: number) => void;
  /** Records since the last `take`. */
  readonly size: () => number;
  /**
   * These records, and the type that the batch has: all of theirs so far, or wider where fields are the input's own.
   */
  readonly take: () => { readonly batch: RecordBatch; readonly type: StructType };
  /** The merged type of all records so far; a struct without fields before the first. */
  readonly type: () => StructType;
};

/**
 * `input` is the type of the records that the function is given. With `batchwise`, records come in the order of their
 * batch, and are taken before those of the next come: then fields that are as they were need not be taken apart.
 */
export function outputShape(
  input: StructType,
  { batchwise = false }: { readonly batchwise?: boolean } = {},
): OutputShape {
  const root = placeOf(input, undefined);
  const undo: Undo = [];
  const through = batchwise ? createPassThrough(root, input) : undefined;
  let size = 0;
  return {
    add: (output, origin, from) => {
      if (origin !== undefined && origin.batch.records !== root.origin) bindOrigin(root, origin.batch.records);
      if (size === 0) through?.begin(origin);
      const passing = through?.isOpen() === true;
      const at = passing ? from : size;
      try {
        if (passing) through.add(output, from, undo);
        else grow(root, output, at, origin === undefined || !root.asks ? -1 : from, undo);
        size++;
      } catch (error) {
        // a record that cannot be typed leaves no trace in the type of the others
        for (let step = undo.pop(); step !== undefined; step = undo.pop()) step();
        truncate(root, at);
        throw named(error, output);
      } finally {
        undo.length = 0;
      }
    },
    size: () => size,
    take: () => {
      const passed = through?.isOpen() === true && root.primary !== undefined ? through.take() : undefined;
      const records =
        root.primary === undefined || passed !== undefined ? undefined : armVector(root.primary, size, []);
      const taken = passed ?? {
        batch: batchOfFields(records?.kind === "struct" ? records.fields : [], size),
        type: structOf(root),
      };
      empty(root);
      size = 0;
      return taken;
    },
    type: () => {
      through?.settle();
      return structOf(root);
    },
  };
}

/**
 * Who grows knows no path: where half a surrogate pair or what is too deep is; or that it contains itself, which looks
 * the same from inside.
 */
function named(error: unknown, output: unknown): unknown {
  if (isLoneSurrogate(error)) return locatedSurrogate(output);
  if (!(error instanceof DynaframeError) || error.code !== "TOO_DEEP") return error;
  try {
    inferType(output);
  } catch (found) {
    return found;
  }
  return error;
}

function structOf(root: Place): StructType {
  const type = typeOf(root);
  return type.kind === "struct" ? type : struct();
}
