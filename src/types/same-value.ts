/** Whether a plain value is what a vector holds: what a function got and gave back as it was needs no look at its types. */
import type { DataType, StructType } from "./data-type.js";
import { compile, WIDEST } from "./struct-maker.js";
import type { Value } from "./value.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type States, type Vector } from "./vector.js";

/** True only where the value is the one at the index, to the last part of it; undefined is where none is. Of maps it says false. */
export type Same = (value: unknown, index: number) => boolean;

/** Compares with vectors of `type`, as `vectorReader` reads them in the form "plain". */
export function sameValue(type: DataType): (vector: Vector) => Same {
  switch (type.kind) {
    case "struct": return sameStruct(type);
    case "array": case "set": return sameList(sameValue(type.element));
    case "choice": return sameChoice(type.choices.map(sameValue));
    case "map": return () => NEVER;
    default: return (vector) => {
      if (vector.kind !== "plain") return NEVER;
      const { values } = vector;
      return (value, i) => value === values[i] && (value !== 0 || Object.is(value, values[i]));
    };
  }
}

const NEVER: Same = () => false;

function orState(states: States, same: Same): Same {
  if (states === undefined) return same;
  return (value, i) => {
    const state = stateAt(states, i);
    return state === PRESENT ? same(value, i) : value === (state === NULL_HERE ? null : undefined);
  };
}

type Sources = readonly (ArrayLike<Value> | Same)[];
type SameFields = (sources: Sources, plainProto: (value: unknown) => boolean) => Same;

function sameStruct(type: StructType): (vector: Vector) => Same {
  const fields = type.fields.map((f) => sameValue(f.type)), names = type.fields.map((f) => f.name);
  const made = new Map<string, SameFields>();
  return (vector) => {
    if (vector.kind !== "struct") return NEVER;
    const sources = vector.fields.map((field, i) => (field.kind === "plain" ? field.values : fields[i]?.(field) ?? NEVER));
    const key = sources.map((source) => (typeof source === "function" ? "f" : "a")).join("");
    const known = made.get(key) ?? sameFields(names, sources);
    made.set(key, known);
    return orState(vector.states, known(sources, isPlain));
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** As objects are made (`makerOf`): compiled where the host allows it. Names are in the text as JSON strings only. */
function sameFields(names: readonly string[], sources: Sources): SameFields {
  const text = `"use strict"; const [${names.map((_, i) => `v${i}`).join(", ")}] = sources;
return (o, i) => {
  if (!isPlain(o)) return false;
  let n = 0, x, y;
  for (const _ in o) n++;
  ${names.map((name, i) => (typeof sources[i] === "function"
    ? `y = o[${JSON.stringify(name)}]; if (!v${i}(y, i)) return false; if (y !== undefined) n--;`
    : `x = v${i}[i]; y = o[${JSON.stringify(name)}]; if (y !== x || (x === 0 && 1 / x !== 1 / y)) return false; if (x !== undefined) n--;`)).join("\n  ")}
  return n === 0;
};`;
  const compilable = names.length <= WIDEST && !names.includes("__proto__");
  return (compilable ? compile<SameFields>(text, "sources", "isPlain") : undefined) ?? oneByOne(names);
}

function oneByOne(names: readonly string[]): SameFields {
  return (sources) => (value, i) => {
    if (!isPlain(value)) return false;
    const entries = new Map(Object.entries(value as object));
    for (const [k, name] of names.entries()) {
      const source = sources[k], own: unknown = entries.get(name), here: unknown = typeof source === "function" ? undefined : source?.[i];
      if (typeof source === "function" ? !source(own, i) : !Object.is(own, here)) return false;
      if (own !== undefined) entries.delete(name);
    }
    return entries.size === 0;
  };
}

function sameList(open: (vector: Vector) => Same): (vector: Vector) => Same {
  return (vector) => {
    if (vector.kind !== "list") return NEVER;
    const { states, starts, lengths, element } = vector, same = open(element);
    return orState(states, (value, i) => {
      const start = starts[i] ?? 0, length = lengths[i] ?? 0;
      if (!Array.isArray(value) || value.length !== length) return false;
      // what is absent in a list counts as null
      for (let k = 0; k < length; k++) if (!same(value[k], start + k) && !(value[k] === null && same(undefined, start + k))) return false;
      return true;
    });
  };
}

function sameChoice(arms: readonly ((vector: Vector) => Same)[]): (vector: Vector) => Same {
  return (vector) => {
    if (vector.kind !== "choice") return NEVER;
    const { which } = vector, sames = arms.map((open, k) => { const below = vector.arms[k]; return below === undefined ? NEVER : open(below); });
    return (value, i) => {
      const held = which[i] ?? ABSENT;
      return held === NULL_HERE ? value === null : held === ABSENT ? value === undefined : sames[held - PRESENT]?.(value, i) ?? false;
    };
  };
}
