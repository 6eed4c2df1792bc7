/** `$ref` within one document: `#`, `#/definitions/name`, by JSON pointer. */
export function resolveReference(root: unknown, reference: string): unknown {
  if (reference === "#") return root;
  if (!reference.startsWith("#/")) return undefined;
  let at: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const name = decode(part);
    if (name === undefined || typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as { readonly [member: string]: unknown })[name];
  }
  return typeof at === "object" || typeof at === "boolean" ? (at ?? undefined) : undefined;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
  } catch {
    return undefined;
  }
}
