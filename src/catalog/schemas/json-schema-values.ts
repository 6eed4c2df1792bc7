/** The values that `enum` and `const` leave. */
import { canonicalJson } from "../canonical-json.js";
import { isKeywords, type Keywords, type Misfit, schemasUnder } from "./json-schema-keywords.js";

/** As canonical texts; undefined without either keyword. */
function valuesOf(schema: unknown): readonly string[] | undefined {
  if (!isKeywords(schema)) return undefined;
  if (Object.hasOwn(schema, "const")) return [canonicalJson(schema["const"])];
  return Array.isArray(schema["enum"]) ? schema["enum"].map(canonicalJson) : undefined;
}

export function valueMisfit(reader: Keywords, writer: readonly Keywords[], at: string): Misfit {
  const taken = valuesOf(reader);
  if (taken === undefined || writer.some((each) => valuesOf(each)?.every((value) => taken.includes(value)) === true))
    return undefined;
  return `${at}: values outside of ${Object.hasOwn(reader, "const") ? "const" : "enum"} are not taken`;
}

/** True when no object fulfils both: a property that the writer demands has other values in each. */
export function areApart(branch: Keywords, writer: readonly Keywords[]): boolean {
  const demanded = new Set(
    writer.flatMap((each) => (Array.isArray(each["required"]) ? (each["required"] as readonly unknown[]) : [])),
  );
  return Object.entries(schemasUnder(branch, "properties")).some(([name, schema]) => {
    const here = valuesOf(schema);
    return (
      demanded.has(name)
      && here !== undefined
      && writer.some((each) => {
        const there = valuesOf(schemasUnder(each, "properties")[name]);
        return there !== undefined && !there.some((value) => here.includes(value));
      })
    );
  });
}
