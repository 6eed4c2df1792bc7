/**
 * Whether a plain value is what a vector holds: what a function got and gave back as it was needs no look at its types.
 */
import type { DataType, StructType } from "./data-type.js";
import { compile, WIDEST } from "./struct-maker.js";
import type { Value } from "./value.js";
import { ABSENT, NULL_HERE, PRESENT, stateAt, type States, type Vector } from "./vector.js";

/**
 * True only where the value is the one at the index, to the last part of it; undefined is where none is. Of maps it
 * says false.
 */
export type Same = (value: unknown, index: number) => boolean;

/** Compares with vectors of `type`, as `vectorReader` reads them in the form "plain". */
export function sameValue(type: DataType): (vector: Vector) => Same {
  switch (type.kind) {
    case "struct":
      return sameStruct(type);
    case "array":
    case "set":
      return sameList(sameValue(type.element));
    case "choice":
      return sameChoice(type.choices.map(sameValue));
    case "map":
      return () => NEVER;
    default:
      return (vector) => {
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

/** What a field is compared with; undefined for one that is not. */
export type SameSource = ArrayLike<Value> | Same | undefined;
/**
 * How many fields a plain object has beside those that are compared; -1 where one of these is not what is at the index,
 * or the value is no such object.
 */
export type Beside = (value: unknown, index: number) => number;
type OpenBeside = (sources: readonly SameSource[], plainProto: (value: unknown) => boolean) => Beside;

function sameStruct(type: StructType): (vector: Vector) => Same {
  const fields = type.fields.map((f) => sameValue(f.type));
  const names = type.fields.map((f) => f.name);
  const open = sameFields(names);
  return (vector) => {
    if (vector.kind !== "struct") return NEVER;
    const sources = vector.fields.map((field, i) =>
      field.kind === "plain" ? field.values : (fields[i]?.(field) ?? NEVER),
    );
    const beside = open(sources) ?? oneByOne(names, sources);
    return orState(vector.states, (value, i) => beside(value, i) === 0);
  };
}

/** Compiled at most for one list of names. */
const MOST_FORMS = 32;

/**
 * Compares objects with fields of these names, by the position of the name. Compiled as objects are made (`makerOf`);
 * undefined where that cannot be: the host forbids it, or there are too many names, or forms.
 */
export function sameFields(names: readonly string[]): (sources: readonly SameSource[]) => Beside | undefined {
  const compilable = names.length <= WIDEST && !names.includes("__proto__");
  const made = new Map<string, OpenBeside | undefined>();
  return (sources) => {
    const key = sources
      .map((source) => (source === undefined ? "-" : typeof source === "function" ? "f" : "a"))
      .join("");
    if (compilable && !made.has(key) && made.size < MOST_FORMS)
      made.set(key, compile<OpenBeside>(besideText(names, sources), "sources", "isPlain"));
    return made.get(key)?.(sources, isPlain);
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Names are in the text as JSON strings only. */
const besideText = (
  names: readonly string[],
  sources: readonly SameSource[],
): string => `"use strict"; const [${names.map((_, i) => `v${i}`).join(", ")}] = sources;
return (o, i) => {
  if (!isPlain(o)) return -1;
  let n = 0, x, y;
  for (const _ in o) n++;
  ${names
    .map((name, i) =>
      sources[i] === undefined
        ? ""
        : typeof sources[i] === "function"
          ? `y = o[${JSON.stringify(name)}]; if (!v${i}(y, i)) return -1; if (y !== undefined) n--;`
          : `x = v${i}[i]; y = o[${JSON.stringify(name)}]; if (y !== x || (x === 0 && 1 / x !== 1 / y)) return -1; if (x !== undefined) n--;`,
    )
    .join("\n  ")}
  return n;
};`;

function oneByOne(names: readonly string[], sources: readonly (ArrayLike<Value> | Same)[]): Beside {
  return (value, i) => {
    if (!isPlain(value)) return -1;
    const entries = new Map(Object.entries(value as object));
    for (const [k, name] of names.entries()) {
      const source = sources[k];
      const own: unknown = entries.get(name);
      if (typeof source === "function" ? !source(own, i) : !Object.is(own, source?.[i])) return -1;
      if (own !== undefined) entries.delete(name);
    }
    return entries.size;
  };
}

function sameList(open: (vector: Vector) => Same): (vector: Vector) => Same {
  return (vector) => {
    if (vector.kind !== "list") return NEVER;
    const { states, starts, lengths, element } = vector;
    const same = open(element);
    return orState(states, (value, i) => {
      const start = starts[i] ?? 0;
      const length = lengths[i] ?? 0;
      if (!Array.isArray(value) || value.length !== length) return false;
      // what is absent in a list counts as null
      for (let k = 0; k < length; k++)
        if (!same(value[k], start + k) && !(value[k] === null && same(undefined, start + k))) return false;
      return true;
    });
  };
}

function sameChoice(arms: readonly ((vector: Vector) => Same)[]): (vector: Vector) => Same {
  return (vector) => {
    if (vector.kind !== "choice") return NEVER;
    const { which } = vector;
    const sames = arms.map((open, k) => {
      const below = vector.arms[k];
      return below === undefined ? NEVER : open(below);
    });
    return (value, i) => {
      const held = which[i] ?? ABSENT;
      return held === NULL_HERE
        ? value === null
        : held === ABSENT
          ? value === undefined
          : (sames[held - PRESENT]?.(value, i) ?? false);
    };
  };
}
