/**
 * PostgreSQL's array literals: `{1,NULL,"a \"b\""}`, nested by braces (documentation, "Array Input and Output Syntax").
 */
import type { Value } from "../../types/value.js";

/** The elements, nested as written; undefined when the text is no array that counts from 1. */
export function parseArrayText(text: string, parse: (item: string) => Value): readonly Value[] | undefined {
  const token = /\{|\}|,|"((?:[^"\\]|\\[\s\S])*)"|([^{},"]+)/y;
  const stack: Value[][] = [];
  let done: Value[] | undefined;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null || done !== undefined) return undefined;
    const [all, quoted, bare] = match;
    if (all === "{") stack.push([]);
    else if (all === "}") {
      const closed = stack.pop();
      const outer = stack.at(-1);
      if (closed === undefined) return undefined;
      if (outer === undefined) done = closed;
      else outer.push(closed);
    } else if (all !== ",")
      stack
        .at(-1)
        ?.push(quoted === undefined ? bareItem(bare ?? "", parse) : parse(quoted.replaceAll(/\\([\s\S])/g, "$1")));
  }
  return done;
}

const bareItem = (text: string, parse: (item: string) => Value): Value => (text === "NULL" ? null : parse(text));

/** The literal of elements that are already texts. */
export function arrayText(items: readonly unknown[], text: (item: unknown) => string): string {
  const one = (item: unknown): string => {
    if (item === null || item === undefined) return "NULL";
    return Array.isArray(item) ? arrayText(item as unknown[], text) : `"${text(item).replaceAll(/["\\]/g, "\\$&")}"`;
  };
  return `{${items.map(one).join(",")}}`;
}
