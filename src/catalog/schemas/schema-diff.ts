/** The difference of two JSON documents as a JSON Patch (RFC 6902), which GetSchemaVersionsDiff answers. */
import { canonicalJson } from "../canonical-json.js";

export type PatchOperation =
  | { readonly op: "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

/** Operations that make `second` of `first`, in order. Items of arrays are compared by position. */
export function jsonPatch(first: unknown, second: unknown, path = ""): readonly PatchOperation[] {
  if (canonicalJson(first) === canonicalJson(second)) return [];
  if (Array.isArray(first) && Array.isArray(second)) return arrayPatch(first, second, path);
  if (isPlain(first) && isPlain(second)) return objectPatch(first, second, path);
  return [{ op: "replace", path, value: second }];
}

function objectPatch(
  first: { readonly [name: string]: unknown },
  second: { readonly [name: string]: unknown },
  path: string,
): readonly PatchOperation[] {
  const at = (name: string): string => `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return [
    ...Object.keys(first)
      .filter((name) => !Object.hasOwn(second, name))
      .map((name): PatchOperation => ({ op: "remove", path: at(name) })),
    ...Object.entries(second).flatMap(([name, value]): readonly PatchOperation[] =>
      Object.hasOwn(first, name) ? jsonPatch(first[name], value, at(name)) : [{ op: "add", path: at(name), value }],
    ),
  ];
}

function arrayPatch(first: readonly unknown[], second: readonly unknown[], path: string): readonly PatchOperation[] {
  const common = Math.min(first.length, second.length);
  return [
    ...first.slice(0, common).flatMap((item, i) => jsonPatch(item, second[i], `${path}/${i}`)),
    // from the end, so that positions hold
    ...first.slice(common).map((_, i): PatchOperation => ({ op: "remove", path: `${path}/${first.length - 1 - i}` })),
    ...second.slice(common).map((value, i): PatchOperation => ({ op: "add", path: `${path}/${common + i}`, value })),
  ];
}

const isPlain = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
