/**
 * Objects made field by field, quickly: for each list of names a function is compiled that makes them as one object
 * literal, ten times as fast as setting one computed name after the other (docs/decisions/0120). Where the host forbids
 * compiling, names are set one by one.
 */
import { setField, type Value } from "./value.js";

/** The value at an index; undefined where there is none. */
export type Read = (index: number) => Value;
/** Where the values of a field are. `absent`: the field is left out where its value is undefined. */
export type FieldSource = { readonly absent: boolean; readonly source: ArrayLike<Value> | Read };
type Make = (sources: readonly FieldSource["source"][]) => (index: number) => { readonly [field: string]: Value };

/** Wider objects are no better off as literals. */
export const WIDEST = 500;

/**
 * Makes objects with these fields, in their order. Compiled for what of the sources are arrays, and which fields may be
 * absent.
 */
export function makerOf(
  names: readonly string[],
): (fields: readonly FieldSource[]) => (index: number) => { readonly [field: string]: Value } {
  const compiled = new Map<string, Make>();
  const absent = names.map(() => false);
  return (fields) => {
    // once absent, always taken for absent: few forms are compiled, however batches differ
    fields.forEach((field, i) => {
      absent[i] ||= field.absent;
    });
    const arrays = fields.map(({ source }) => typeof source !== "function");
    const key = arrays.map((array, i) => `${array ? "a" : "f"}${absent[i] === true ? "?" : ""}`).join("");
    const known = compiled.get(key) ?? maker(names, arrays, absent);
    compiled.set(key, known);
    return known(fields.map(({ source }) => source));
  };
}

function maker(names: readonly string[], arrays: readonly boolean[], absent: readonly boolean[]): Make {
  const text = names.length <= WIDEST && !names.includes("__proto__") ? literalText(names, arrays, absent) : undefined;
  return (text === undefined ? undefined : compile<Make>(text, "sources")) ?? oneByOne(names);
}

/** Names come from data: they are in the text as JSON strings only. */
function literalText(names: readonly string[], arrays: readonly boolean[], absent: readonly boolean[]): string {
  const all = names.map((_, i) => i);
  const optional = all.filter((i) => absent[i] === true);
  const value = (i: number): string => (arrays[i] === true ? `v${i}[i]` : `v${i}(i)`);
  const literal = (of: readonly number[], text: (i: number) => string): string =>
    `{${of.map((i) => `${JSON.stringify(names[i])}: ${text(i)}`).join(", ")}}`;
  const body =
    optional.length === 0
      ? `return ${literal(all, value)};`
      : 2 ** optional.length * names.length <= MOST_IN_FORMS
        ? ofForms(all, optional, value, (of) => literal(of, (i) => `x${i}`))
        : afterAnother(names, absent, value, (of) => literal(of, value));
  return `"use strict"; const ${names.length === 0 ? "none = sources" : names.map((_, i) => `v${i} = sources[${i}]`).join(", ")};
return (i) => { ${body} };`;
}

/** Names in the literals of one function. */
const MOST_IN_FORMS = 512;

/**
 * A literal for each choice of fields that are there: half the time of setting all that come after the first absent
 * one, and no memory for what an object grows by.
 */
const ofForms = (
  all: readonly number[],
  optional: readonly number[],
  value: (i: number) => string,
  literal: (of: readonly number[]) => string,
): string =>
  `const ${all.map((i) => `x${i} = ${value(i)}`).join(", ")};
  switch (${optional.map((i, bit) => `(x${i} === undefined ? 0 : ${2 ** bit})`).join(" + ")}) {
    ${Array.from({ length: 2 ** optional.length }, (_, form) => `case ${form}: return ${literal(all.filter((i) => !optional.includes(i) || ((form >> optional.indexOf(i)) & 1) === 1))};`).join("\n    ")}
  }`;

function afterAnother(
  names: readonly string[],
  absent: readonly boolean[],
  value: (i: number) => string,
  literal: (of: readonly number[]) => string,
): string {
  const always = absent.indexOf(true);
  const rest = names.slice(always).map((name, k) => {
    const i = always + k;
    const target = `o[${JSON.stringify(name)}]`;
    return absent[i] === true ? `x = ${value(i)}; if (x !== undefined) ${target} = x;` : `${target} = ${value(i)};`;
  });
  return `let x; const o = ${literal(names.slice(0, always).map((_, i) => i))}; ${rest.join(" ")} return o;`;
}

/** The function of these parameters; undefined where the host forbids compiling. */
export function compile<F>(text: string, ...parameters: readonly string[]): F | undefined {
  try {
    return new Function(...parameters, text) as F;
  } catch (error) {
    // what a host says that forbids it (--disallow-code-generation-from-strings)
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

function oneByOne(names: readonly string[]): Make {
  return (sources) => (i) => {
    const row = {};
    for (const [k, name] of names.entries()) {
      const source = sources[k];
      const value = typeof source === "function" ? source(i) : source?.[i];
      if (value !== undefined) setField(row, name, value);
    }
    return row;
  };
}
