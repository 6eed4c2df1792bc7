/** `typeTag`: the exact types of a record's values, which plain JavaScript values do not show. */
import type { BatchRecords, PlainRecord } from "./batch-records.js";
import { fieldOf, type DataType, type TypeName } from "../types/data-type.js";
import { DynaframeError } from "../types/error.js";
import { parsePath } from "../types/path.js";
import { ArmValue, type Row, type Value } from "../types/value.js";

type Origin = { readonly records: BatchRecords; readonly at: number };

/** Gives back what it is given, so that a subclass adds its private fields to it. */
class Given {
  constructor(target: object) {
    return target;
  }
}

/**
 * A mark in a private field, one, for each costs the object a change of form: no enumeration, no copy and no print
 * shows it, and the record stays a plain object.
 */
class Marked extends Given {
  readonly #origin: Origin;

  constructor(record: object, origin: Origin) {
    super(record);
    this.#origin = origin;
  }

  static originOf(record: object): Origin | undefined {
    return #origin in record ? record.#origin : undefined;
  }
}

/** A record of the batch that remembers where it is from. */
export function markedRecord(records: BatchRecords, at: number, lazy = false): PlainRecord {
  const record = lazy ? records.lazyRecord(at) : records.record(at);
  new Marked(record, { records, at });
  return record;
}

export const originOf = (record: object): Origin | undefined => Marked.originOf(record);

/**
 * Glue's name of the type that a value of a record has: `int`, `long`, `double`, `decimal`, `date`, `struct`, … —
 * "null" for null, undefined where nothing is. Of the record as the function was given it: what the function assigns
 * meanwhile has no tag yet. Only records themselves have tags, not copies of them and not what is inside. The path is a
 * text (`customer.id`), or a list of names and indexes.
 *
 * `frame.map((r) => ({ ...r, exact: typeTag(r, "price") !== "double", first: typeTag(r, ["items", 0, "qty"]) }))`
 * @throws NOT_A_RECORD for an object that no function was given, BAD_PATH for a path that cannot be parsed.
 */
export function typeTag(record: object, path: string | readonly (string | number)[]): TypeName | undefined {
  const origin = originOf(record);
  if (origin === undefined) {
    throw new DynaframeError("NOT_A_RECORD", "typeTag: this object is no record that a function was given.", {
      expected: "the function's argument itself",
      hint: "Ask before the record is copied.",
    });
  }
  let value: Value = origin.records.row(origin.at);
  let type: DataType | undefined = origin.records.type;
  for (const step of typeof path === "string" ? namesOf(path) : path) {
    [value, type] = bare(value, type);
    if (typeof step === "number") {
      if (!Array.isArray(value) || (type?.kind !== "array" && type?.kind !== "set")) return undefined;
      [value, type] = [(value as readonly Value[])[step], type.element];
    } else if (value instanceof Map)
      [value, type] = [(value as ReadonlyMap<string, Value>).get(step), type?.kind === "map" ? type.value : undefined];
    else {
      if (type?.kind !== "struct" || typeof value !== "object" || value === null || !Object.hasOwn(value, step))
        return undefined;
      [value, type] = [(value as Row)[step], fieldOf(type, step)?.type];
    }
  }
  [value, type] = bare(value, type);
  return value === undefined ? undefined : value === null ? "null" : type?.kind;
}

/** Without the arm of a choice. */
function bare(value: Value, type: DataType | undefined): [Value, DataType | undefined] {
  if (!(value instanceof ArmValue)) return [value, type];
  return [value.value, type?.kind === "choice" ? type.choices.find((c) => c.kind === value.arm) : undefined];
}

const namesOf = (path: string): readonly string[] =>
  parsePath(path).map((step) => {
    if (step.kind === "field") return step.name;
    throw new DynaframeError("BAD_PATH", `typeTag: ${path} leads to many values.`, {
      path,
      hint: 'Give a list with an index, such as ["items", 0, "qty"].',
    });
  });
