/** Paths into records, as the verbs take them (docs/sources.md#methods). */
import { DynaframeError } from "./error.js";

/** One step down: into a struct's field, or into the elements of an array. */
export type PathStep = { readonly kind: "field"; readonly name: string } | { readonly kind: "elements" };

const ELEMENTS: PathStep = Object.freeze({ kind: "elements" });

export const fieldStep = (name: string): PathStep => Object.freeze({ kind: "field", name });
export const elementsStep = (): PathStep => ELEMENTS;

/**
 * Reads a path: dots separate fields, backticks quote a name (`` `a.b`.c ``; a doubled backtick inside is one), `[]`
 * after a name means the elements of that array (`` items[].price ``, `` grid[][] ``). Blanks belong to the name.
 * @throws BAD_PATH with the offset of the character at fault; callers without types may give anything
 */
export function parsePath(text: unknown): PathStep[] {
  if (typeof text !== "string") {
    throw new DynaframeError("BAD_PATH", `a path is a text, not ${text === null ? "null" : typeof text}`, {
      expected: "a text",
      found: text === null ? "null" : typeof text,
      hint: 'Write for instance "order.price".',
    });
  }
  if (text === "") throw bad(text, 0, "the path is empty", "name a field; a field whose name is empty is ``");
  const steps: PathStep[] = [];
  let at = 0;
  for (;;) {
    const segment = text[at] === "`" ? readQuoted(text, at) : readPlain(text, at);
    steps.push(fieldStep(segment.name));
    at = segment.end;
    while (text.startsWith("[]", at)) {
      steps.push(ELEMENTS);
      at += 2;
    }
    if (at === text.length) return steps;
    if (text[at] !== ".")
      throw bad(
        text,
        at,
        `unexpected ${JSON.stringify(text[at])} after a quoted name or []`,
        "separate fields by a dot, or put the whole name in backticks",
      );
    at++;
  }
}

/**
 * The text that `parsePath` reads back as these steps, the first of which is a field; names are quoted only where they
 * must be.
 */
export function printPath(steps: readonly PathStep[]): string {
  return steps
    .map((step, i) => (step.kind === "elements" ? "[]" : (i === 0 ? "" : ".") + printName(step.name)))
    .join("");
}

/** The path of a field of the struct at `parent` ("" is the record), as reports spell it and `parsePath` reads it. */
export const fieldPath = (parent: string, name: string): string =>
  (parent === "" ? "" : `${parent}.`) + printName(name);
/** The path of the elements of the array at `parent`. */
export const elementPath = (parent: string): string => `${parent}[]`;

function printName(name: string): string {
  return name === "" || /[.`]|\[\]$/.test(name) ? `\`${name.replaceAll("`", "``")}\`` : name;
}

type Segment = { readonly name: string; readonly end: number };

function readQuoted(text: string, start: number): Segment {
  let name = "";
  let at = start + 1;
  for (;;) {
    const close = text.indexOf("`", at);
    if (close < 0)
      throw bad(
        text,
        start,
        "the backtick is never closed",
        "close the quoted name with a backtick; write a backtick of the name itself twice",
      );
    name += text.slice(at, close);
    if (text[close + 1] !== "`") return { name, end: close + 1 };
    name += "`";
    at = close + 2;
  }
}

function readPlain(text: string, start: number): Segment {
  const dot = text.indexOf(".", start);
  const end = dot < 0 ? text.length : dot;
  const whole = text.slice(start, end);
  const name = whole.replace(/(\[\])+$/, "");
  if (name === "")
    throw bad(
      text,
      start,
      "a field name is missing",
      "a name that itself holds a dot goes in backticks, such as `.zip`",
    );
  const tick = name.indexOf("`");
  if (tick >= 0)
    throw bad(
      text,
      start + tick,
      "a backtick stands inside a name",
      "put the whole name in backticks and write its own backtick twice",
    );
  return { name, end: start + name.length };
}

function bad(text: string, offset: number, problem: string, hint: string): DynaframeError {
  return new DynaframeError("BAD_PATH", `path ${JSON.stringify(text)}, character ${offset}: ${problem}`, {
    path: text,
    offset,
    hint,
  });
}
