/** Properties of objects. */
import { canonicalJson } from "../canonical-json.js";
import {
  type Compare,
  firstMisfit,
  isKeywords,
  type Keywords,
  type Misfit,
  schemasUnder,
} from "./json-schema-keywords.js";

export function objectMisfit(reader: Keywords, writer: readonly Keywords[], compare: Compare, at: string): Misfit {
  return (
    requiredMisfit(reader, writer, at)
    ?? firstMisfit(Object.entries(schemasUnder(reader, "properties")), ([name, schema]) =>
      propertyMisfit(name, schema, writer, compare, `${at}/properties/${name}`),
    )
    ?? undeclaredMisfit(reader, writer, compare, at)
  );
}

function requiredMisfit(reader: Keywords, writer: readonly Keywords[], at: string): Misfit {
  const written = new Set(writer.flatMap((each) => textsOf(each["required"])));
  const missing = textsOf(reader["required"]).find((name) => !written.has(name));
  return missing === undefined ? undefined : `${at}: the property ${missing} is required, and may be absent`;
}

/**
 * A property that the reader declares, as the writer may write it: one of the schemas that all instances fulfil is
 * enough.
 */
function propertyMisfit(
  name: string,
  schema: unknown,
  writer: readonly Keywords[],
  compare: Compare,
  at: string,
): Misfit {
  const found = writer
    .map((each) => alternatives(each, name))
    .filter((schemas) => schemas.length > 0)
    .map((schemas) => firstMisfit(schemas, (own) => compare(schema, own, at)));
  return found.some((each) => each === undefined) ? undefined : found[0];
}

/**
 * What a property's value may be under one schema, in any of these ways; none where it is not declared, and then it is
 * not written.
 */
function alternatives(writer: Keywords, name: string): readonly unknown[] {
  const own = schemasUnder(writer, "properties");
  if (Object.hasOwn(own, name)) return [own[name]];
  // whether a pattern takes the name is not tried: a hostile one could take for ever
  return [
    ...Object.values(schemasUnder(writer, "patternProperties")),
    ...(isKeywords(writer["additionalProperties"]) ? [writer["additionalProperties"]] : []),
  ];
}

/** What the reader does not declare must be what it takes of such properties. */
function undeclaredMisfit(reader: Keywords, writer: readonly Keywords[], compare: Compare, at: string): Misfit {
  const { additionalProperties: others = true } = reader;
  if (others === true || (isKeywords(others) && Object.keys(others).length === 0)) return undefined;
  const mine = schemasUnder(reader, "properties");
  const patterns = canonicalJson(schemasUnder(reader, "patternProperties"));
  const undeclared = [
    ...writer
      .flatMap((each) => Object.entries(schemasUnder(each, "properties")))
      .filter(([name]) => !Object.hasOwn(mine, name)),
    // names under the reader's own patterns are not left over
    ...writer
      .map((each) => schemasUnder(each, "patternProperties"))
      .filter((own) => canonicalJson(own) !== patterns)
      .flatMap((own) => Object.entries(own)),
  ];
  const found = firstMisfit(undeclared, ([name, schema]) => {
    const misfit = compare(others, schema, `${at}/properties/${name}`);
    return misfit !== undefined && others === false ? `${at}: the property ${name} is not allowed` : misfit;
  });
  if (found !== undefined) return found;
  const isClosed = writer.some(
    (each) =>
      Object.hasOwn(each, "additionalProperties") && compare(others, each["additionalProperties"], at) === undefined,
  );
  return isClosed ? undefined : `${at}: additionalProperties is new or narrower`;
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
