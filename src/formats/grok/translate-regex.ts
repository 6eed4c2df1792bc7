/**
 * Java's regular expressions as RE2 takes them. A matcher that does not backtrack has no use for atomic groups `(?>x)`
 * and possessive quantifiers `x++`: they become plain ones, which match all that these match. `capture` gives the
 * opening of a group for `(?<name>`. References `%{…}` are left as they are.
 */
export function translateRegex(source: string, capture: (name: string) => string): string {
  let out = "";
  let quantified = false;
  for (let i = 0; i < source.length;) {
    const c = source[i] ?? "";
    const rest = source.slice(i, i + 200);
    const reference = c === "%" ? /^%\{[^{}]*\}/.exec(rest)?.[0] : undefined;
    const token =
      reference
      ?? (c === "\\"
        ? escaped(rest)
        : c === "["
          ? characterClass(source, i)
          : (/^(?:\(\?>|\(\?P?<[A-Za-z]\w*>|\{\d+(?:,\d*)?\})/.exec(rest)?.[0] ?? c));
    i += token.length;
    if (quantified && token === "+") {
      quantified = false;
      continue;
    } // possessive
    quantified = token === "*" || token === "+" || token === "?" || /^\{\d/.test(token);
    const [, name] = /^\(\?P?<(\w+)>$/.exec(token) ?? [];
    if (token === "(?>") out += "(?:";
    else if (name !== undefined) out += capture(name);
    else if (token === "\\Z") out += "\\z";
    else if (token === "\\h") out += "[ \\t]";
    else out += token;
  }
  return out;
}

const escaped = (rest: string): string =>
  rest.startsWith("\\Q") ? (/^\\Q[^]*?(?:\\E|$)/.exec(rest)?.[0] ?? rest) : rest.slice(0, 2);

/** From `[` to its `]`: the first may stand right behind `[` or `[^`. */
function characterClass(source: string, start: number): string {
  let i = start + 1;
  if (source[i] === "^") i++;
  if (source[i] === "]") i++;
  for (; i < source.length; i++) {
    if (source[i] === "\\") i++;
    else if (source.startsWith("[:", i)) i = Math.max(i, source.indexOf(":]", i) + 1);
    else if (source[i] === "]") return source.slice(start, i + 1);
  }
  return source.slice(start);
}
