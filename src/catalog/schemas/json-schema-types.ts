/** The JSON types that a schema's own keywords leave. `number` stands for those that are not integers. */
export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

const ALL: readonly JsonType[] = ["null", "boolean", "integer", "number", "string", "array", "object"];

export function typesOf(schema: { readonly [keyword: string]: unknown }): ReadonlySet<JsonType> {
  const { type } = schema;
  const named = type === undefined ? ALL : ((Array.isArray(type) ? type : [type]) as readonly unknown[]);
  const allowed = new Set(
    ALL.filter((each) => named.includes(each) || (each === "integer" && named.includes("number"))),
  );
  const values: readonly unknown[] | undefined = Object.hasOwn(schema, "const")
    ? [schema["const"]]
    : Array.isArray(schema["enum"])
      ? schema["enum"]
      : undefined;
  return values === undefined
    ? allowed
    : new Set([...allowed].filter((each) => values.some((value) => typeOfValue(value) === each)));
}

function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "number":
      return Number.isInteger(value) ? "integer" : "number";
    case "string":
      return "string";
    default:
      return "object";
  }
}
