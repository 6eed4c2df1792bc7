/** A conformance case as FORMAT.md describes it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export type CompareOptions = {
  readonly recordOrder: "ignore" | "exact";
  readonly fieldOrder: "ignore" | "exact";
  /** Groups of [frame, column] whose values are compared up to one renaming per group. */
  readonly keyBijection?: readonly (readonly (readonly [string, string])[])[];
};

export type ConformanceCase = {
  readonly id: string;
  readonly op: string;
  readonly skip?: string;
  readonly load?: { readonly integerWidth: "long" };
  readonly input: Json;
  readonly args: JsonObject;
  readonly expected: JsonObject;
  readonly compare: CompareOptions;
};

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);
/** Own property, so that a field called `constructor` or `__proto__` is data. */
export const member = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
export const asObject = (value: Json | undefined): JsonObject => {
  if (!isObject(value)) throw new TypeError("an object was expected");
  return value;
};
export const asList = (value: Json | undefined): readonly Json[] => {
  if (!isList(value)) throw new TypeError("a list was expected");
  return value;
};
export const asText = (value: Json | undefined): string => {
  if (typeof value !== "string") throw new TypeError("a text was expected");
  return value;
};
export const asTexts = (value: Json | undefined): readonly string[] => asList(value).map(asText);
export const asRecords = (value: Json | undefined): readonly JsonObject[] => asList(value).map(asObject);
