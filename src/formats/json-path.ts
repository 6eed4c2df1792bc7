/** JSON paths as Glue has them: `$`, names after a dot or in brackets, `[n]`, and `*` for every member. */
import { DynaframeError } from "../types/error.js";
import type { JsonText } from "./json-text.js";

export type JsonPathStep =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "all" };

const STEP =
  /\.\*|\[\s*\*\s*\]|\[\s*(\d+)\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\.([^.[\]*'"\s]+)/y;

/** @throws BAD_OPTION with the place where the path cannot be read. */
export function parseJsonPath(text: string): readonly JsonPathStep[] {
  const path = text.trim();
  const steps: JsonPathStep[] = [];
  const step = new RegExp(STEP);
  step.lastIndex = path.startsWith("$") ? 1 : 0;
  while (step.lastIndex < path.length) {
    const at = step.lastIndex;
    const match = path.startsWith("$") ? step.exec(path) : null;
    if (match === null) throw badPath(path, at);
    const [, index, single, double, plain] = match;
    const name = single ?? double ?? plain;
    if (index !== undefined) steps.push({ kind: "index", index: Number(index) });
    else
      steps.push(name === undefined ? { kind: "all" } : { kind: "name", name: plain ?? name.replace(/\\(.)/g, "$1") });
  }
  return steps;
}

/** What the path selects, in order; a name or an index that is not there selects nothing. */
export function selectJson(value: JsonText, steps: readonly JsonPathStep[]): readonly JsonText[] {
  return steps.reduce<readonly JsonText[]>(
    (selected, step) => selected.flatMap((node) => membersOf(node, step)),
    [value],
  );
}

function membersOf(node: JsonText, step: JsonPathStep): readonly JsonText[] {
  switch (step.kind) {
    case "all":
      return node.kind === "array" ? node.elements : node.kind === "object" ? [...node.fields.values()] : [];
    case "index": {
      const element = node.kind === "array" ? node.elements[step.index] : undefined;
      return element === undefined ? [] : [element];
    }
    case "name": {
      const field = node.kind === "object" ? node.fields.get(step.name) : undefined;
      return field === undefined ? [] : [field];
    }
  }
}

const badPath = (path: string, offset: number): DynaframeError =>
  new DynaframeError("BAD_OPTION", `jsonPath ${path} cannot be read at character ${offset}`, {
    path: "jsonPath",
    expected: "$, .name, ['name'], [n], [*] or .*",
    found: path,
    offset,
    hint: "For example $.records[*] or $['a b'][0].",
  });
