/** From vectors back to values of one row: in arms form, as rows carry them, or plain, as users see them. */
import type { DataType, StructType } from "./data-type.js";
import { makerOf, type Read } from "./struct-maker.js";
import { ArmValue, type Value } from "./value.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type States, type Vector } from "./vector.js";

/**
 * `arms`: the value at a choice is an `ArmValue`; `plain`: it is the value itself. Structs, lists and maps are fresh
 * either way.
 */
export type Form = "arms" | "plain";
/** A reader per vector: the type is walked once, not once per value. */
export type OpenVector = (vector: Vector) => Read;

/** Reads vectors of `type`. */
export function vectorReader(type: DataType, form: Form): OpenVector {
  switch (type.kind) {
    case "struct":
      return structReader(type, form);
    case "array":
    case "set":
      return listReader(vectorReader(type.element, form));
    case "map":
      return mapReader(vectorReader(type.value, form));
    case "choice":
      return choiceReader(
        type.choices.map((c) => ({ arm: c.kind, open: vectorReader(c, form) })),
        form,
      );
    default:
      return (vector) => {
        const values = valuesOf(vector);
        return (i) => values[i];
      };
  }
}

const structReader = (type: StructType, form: Form): OpenVector =>
  structOf(
    type,
    type.fields.map((f) => vectorReader(f.type, form)),
  );

/** Structs of these fields, each read in its own way. */
export function structOf(type: StructType, fields: readonly OpenVector[]): OpenVector {
  const make = makerOf(type.fields.map((f) => f.name));
  return (vector) => {
    if (vector.kind !== "struct") throw unlike(vector, "struct");
    const { fields: below, states } = vector;
    const row = make(
      below.map((field, i) => ({
        absent: mayBeAbsent(field),
        source: field.kind === "plain" ? field.values : opened(fields[i], field),
      })),
    );
    return orState(states, row);
  };
}

function listReader(open: OpenVector): OpenVector {
  return (vector) => {
    if (vector.kind !== "list") throw unlike(vector, "list");
    const { states, starts, lengths, element } = vector;
    const { values } = element.kind === "plain" ? element : { values: undefined };
    const read = open(element);
    return orState(states, (i) => {
      const start = starts[i] ?? 0;
      const length = lengths[i] ?? 0;
      const items = new Array<Value>(length);
      if (values !== undefined) for (let k = 0; k < length; k++) items[k] = values[start + k] ?? null;
      else for (let k = 0; k < length; k++) items[k] = read(start + k) ?? null;
      return items;
    });
  };
}

function mapReader(open: OpenVector): OpenVector {
  return (vector) => {
    if (vector.kind !== "map") throw unlike(vector, "map");
    const { states, starts, lengths, keys, value } = vector;
    const read = open(value);
    return orState(states, (i) => {
      const entries = new Map<string, Value>();
      const start = starts[i] ?? 0;
      const end = start + (lengths[i] ?? 0);
      for (let k = start; k < end; k++) entries.set(String(keys[k]), read(k) ?? null);
      return entries;
    });
  };
}

function choiceReader(arms: readonly { readonly arm: string; readonly open: OpenVector }[], form: Form): OpenVector {
  return (vector) => {
    if (vector.kind !== "choice") throw unlike(vector, "choice");
    const { which, arms: below } = vector;
    const reads = arms.map(({ arm, open }, k) => ({ arm, read: opened(open, below[k]) }));
    return (i) => {
      const held = reads[(which[i] ?? ABSENT) - PRESENT];
      if (held === undefined) return which[i] === NULL_HERE ? null : undefined;
      return form === "plain" ? held.read(i) : new ArmValue(held.arm, held.read(i));
    };
  };
}

function orState(states: States, read: Read): Read {
  if (states === undefined) return read;
  return (i) => {
    const state = stateAt(states, i);
    return state === PRESENT ? read(i) : state === NULL_HERE ? null : undefined;
  };
}

/** Whether some row may lack the value: then its field is set only where it is. */
function mayBeAbsent(vector: Vector): boolean {
  switch (vector.kind) {
    case "plain":
      return Array.isArray(vector.values) && (vector.values as readonly Value[]).includes(undefined);
    case "choice":
      return vector.which.includes(ABSENT);
    default:
      return vector.states?.includes(ABSENT) ?? false;
  }
}

const valuesOf = (vector: Vector): ArrayLike<Value> => {
  if (vector.kind !== "plain") throw unlike(vector, "plain");
  return vector.values;
};

function opened(open: OpenVector | undefined, vector: Vector | undefined): Read {
  if (open === undefined || vector === undefined) throw new Error("a vector has other parts than its type");
  return open(vector);
}

const unlike = (vector: Vector, expected: Vector["kind"]): Error =>
  new Error(`a ${vector.kind} vector where the type has a ${expected}`);
