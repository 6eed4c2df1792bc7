/** LIKE: `%` any run, `_` any one character, by code points, in time pattern × text. */

export type WildcardPart =
  { readonly kind: "any" } | { readonly kind: "one" } | { readonly kind: "character"; readonly character: string };

/**
 * The parts of a LIKE pattern; `escape` makes the next character literal (Spark), undefined: no escape (GetPartitions).
 */
export function wildcardParts(pattern: string, escape?: string): readonly WildcardPart[] {
  const parts: WildcardPart[] = [];
  let literal = false;
  for (const character of pattern) {
    if (literal) {
      parts.push({ kind: "character", character });
      literal = false;
    } else if (character === escape) literal = true;
    else if (character === "%") parts.push({ kind: "any" });
    else if (character === "_") parts.push({ kind: "one" });
    else parts.push({ kind: "character", character });
  }
  return parts;
}

export function matchesWildcard(parts: readonly WildcardPart[], text: string): boolean {
  const characters = [...text];
  let part = 0;
  let at = 0;
  let restartPart = -1;
  let restartAt = 0;
  while (at < characters.length) {
    const current = parts[part];
    if (current?.kind === "any") {
      restartPart = part;
      restartAt = at;
      part += 1;
    } else if (current !== undefined && (current.kind === "one" || current.character === characters[at])) {
      part += 1;
      at += 1;
    } else if (restartPart >= 0) {
      restartAt += 1;
      at = restartAt;
      part = restartPart + 1;
    } else return false;
  }
  return parts.slice(part).every((rest) => rest.kind === "any");
}
