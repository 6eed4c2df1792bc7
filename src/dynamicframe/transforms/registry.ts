/** Every transform class, found by name. */
import * as collections from "./collection-transforms.js";
import * as fields from "./field-transforms.js";
import * as records from "./record-transforms.js";
import type { GlueTransform } from "./transform.js";

/** A transform of which only the description matters. */
export type AnyTransform = Omit<GlueTransform<never, never, unknown>, "apply">;

const TRANSFORMS: readonly AnyTransform[] = Object.freeze(
  [...Object.values(fields), ...Object.values(records), ...Object.values(collections)].sort((a, b) =>
    a.name() < b.name() ? -1 : 1,
  ),
);

/** All transforms, by name. */
export const getTransforms = (): readonly AnyTransform[] => TRANSFORMS;

/** The transform of that name in any case, or undefined. */
export const getTransform = (name: string): AnyTransform | undefined =>
  TRANSFORMS.find((transform) => transform.name().toLowerCase() === name.toLowerCase());

/** Its description as JSON text with sorted keys; `{}` for an unknown name, as in Glue. */
export const describeTransform = (name: string): string =>
  JSON.stringify(sorted(getTransform(name)?.describe() ?? {}), null, 4);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
