/**
 * Whether every instance of one JSON schema is an instance of another, by rules that prove it (docs/decisions/0112):
 * what they cannot prove is a misfit. A property that a schema does not declare, and leaves open, is taken as not
 * written, as in the examples of Glue's guide.
 */
import { canonicalJson } from "../canonical-json.js";
import { arrayMisfit } from "./json-schema-arrays.js";
import { boundsMisfit } from "./json-schema-bounds.js";
import { type Compare, firstMisfit, isKeywords, type Keywords, type Misfit } from "./json-schema-keywords.js";
import { objectMisfit } from "./json-schema-objects.js";
import { resolveReference } from "./json-schema-reference.js";
import { type JsonType, typesOf } from "./json-schema-types.js";
import { areApart, valueMisfit } from "./json-schema-values.js";

/** Keywords that are compared only as equal or not. */
const OPAQUE = [
  "not",
  "if",
  "then",
  "else",
  "dependencies",
  "propertyNames",
  "contains",
  "pattern",
  "format",
  "contentEncoding",
  "contentMediaType",
  "patternProperties",
];

/** Work after which a comparison counts as not provable: hostile definitions branch without end. */
const MAX_STEPS = 20_000;
const MAX_COMPARED_CHARACTERS = 20_000_000;
/** allOf within allOf; what is deeper is left out, which proves less and never too much. */
const MAX_CONJUNCTS = 200;

/** Why `reader` may refuse an instance of `writer`; undefined when it never does. */
export function jsonSchemaMisfit(reader: unknown, writer: unknown): Misfit {
  if (canonicalJson(reader) === canonicalJson(writer)) return undefined;
  try {
    return new Comparison(reader, writer).misfit();
  } catch (error) {
    if (error instanceof RangeError) return TOO_INVOLVED; // the stack's end
    throw error;
  }
}

const TOO_INVOLVED = "#: the schemas are too involved to compare";

class Comparison {
  private readonly underWay = new Set<string>();
  private readonly sameDefinitions: boolean;
  private steps = 0;
  private characters = 0;

  constructor(
    private readonly reader: unknown,
    private readonly writer: unknown,
  ) {
    this.sameDefinitions = definitionsOf(reader) === definitionsOf(writer);
  }

  misfit(): Misfit {
    return this.compare(this.reader, this.writer, "#");
  }

  private readonly compare: Compare = (reader, writer, at) => {
    this.steps += 1;
    if (this.steps > MAX_STEPS || this.characters > MAX_COMPARED_CHARACTERS) return TOO_INVOLVED;
    const inReader = referenceOf(reader);
    const inWriter = referenceOf(writer);
    if (inReader === undefined && inWriter === undefined) return this.compareSchemas(reader, writer, at);
    // of a schema that contains itself, what is being proven may be relied on
    const pair = canonicalJson([reader, writer]);
    this.characters += pair.length;
    if (this.underWay.has(pair)) return undefined;
    this.underWay.add(pair);
    const found = this.compareReferences([reader, inReader], [writer, inWriter], at);
    this.underWay.delete(pair);
    return found;
  };

  private compareReferences(
    [reader, inReader]: readonly [unknown, string | undefined],
    [writer, inWriter]: readonly [unknown, string | undefined],
    at: string,
  ): Misfit {
    const left = inReader === undefined ? reader : resolveReference(this.reader, inReader);
    const right = inWriter === undefined ? writer : resolveReference(this.writer, inWriter);
    if (left !== undefined && right !== undefined) return this.compare(left, right, at);
    // another document cannot be looked at: it is equal to itself only
    return inReader === inWriter
      ? undefined
      : `${at}: $ref ${(left === undefined ? inReader : inWriter) ?? ""} cannot be followed`;
  }

  private compareSchemas(reader: unknown, writer: unknown, at: string): Misfit {
    if (reader === true || writer === false) return undefined;
    if (reader === false) return `${at}: nothing is allowed here any more`;
    return this.compareConjuncts(
      isKeywords(reader) ? reader : {},
      this.conjuncts(isKeywords(writer) ? writer : {}),
      at,
    );
  }

  /** Each demand of the reader must follow from one of the schemas that the writer's data all fulfil. */
  private compareConjuncts(reader: Keywords, writer: readonly Keywords[], at: string): Misfit {
    const choice = writer.flatMap((each) =>
      (["anyOf", "oneOf"] as const)
        .filter((keyword) => Array.isArray(each[keyword]))
        .map((keyword) => ({ each, keyword })),
    )[0];
    if (choice !== undefined) {
      // data of one branch or another: each must fit
      const { [choice.keyword]: branches, ...others } = choice.each;
      const rest = [...writer.filter((each) => each !== choice.each), others];
      return firstMisfit(branches as readonly unknown[], (branch, i) =>
        this.compare(reader, { allOf: [...rest, branch] }, `${at}/${choice.keyword}/${i}`),
      );
    }
    const types = writer.map(typesOf).reduce((all, some) => new Set([...all].filter((type) => some.has(type))));
    const kinds = [...types].filter((type) => type !== "integer" || !types.has("number"));
    if (kinds.length > 1 && (Array.isArray(reader["anyOf"]) || Array.isArray(reader["oneOf"]))) {
      return firstMisfit(kinds, (type) => this.compareConjuncts(reader, [...writer, { type }], at));
    }
    return (
      typeMisfit(reader, types, at)
      ?? this.branchMisfit(reader, writer, types, at)
      ?? valueMisfit(reader, writer, at)
      ?? this.opaqueMisfit(reader, writer, at)
      ?? boundsMisfit(reader, writer, types, at)
      ?? (types.has("object") ? objectMisfit(reader, writer, this.compare, at) : undefined)
      ?? (types.has("array") ? arrayMisfit(reader, writer, this.compare, at) : undefined)
    );
  }

  private branchMisfit(
    reader: Keywords,
    writer: readonly Keywords[],
    types: ReadonlySet<JsonType>,
    at: string,
  ): Misfit {
    const { allOf, anyOf, oneOf } = reader;
    const takes = (branch: unknown): boolean => this.compare(branch, { allOf: writer }, at) === undefined;
    if (Array.isArray(allOf)) {
      const found = firstMisfit(allOf, (branch, i) => this.compare(branch, { allOf: writer }, `${at}/allOf/${i}`));
      if (found !== undefined) return found;
    }
    if (Array.isArray(anyOf) && !anyOf.some(takes))
      return `${at}: no branch of anyOf takes what the other schema allows`;
    if (!Array.isArray(oneOf)) return undefined;
    const taking = oneOf.findIndex(takes);
    if (taking === -1) return `${at}: no branch of oneOf takes what the other schema allows`;
    const isClear = oneOf.every((branch, i) => i === taking || this.excludes(branch, writer, types));
    return isClear ? undefined : `${at}: more than one branch of oneOf may take what the other schema allows`;
  }

  /**
   * True when a branch takes nothing of the writer's data, as far as types and values of demanded properties show it.
   */
  private excludes(branch: unknown, writer: readonly Keywords[], types: ReadonlySet<JsonType>): boolean {
    const reference = referenceOf(branch);
    const schema = reference === undefined ? branch : resolveReference(this.reader, reference);
    if (!isKeywords(schema)) return schema === false;
    return [...typesOf(schema)].every((type) => !types.has(type)) || areApart(schema, writer);
  }

  private opaqueMisfit(reader: Keywords, writer: readonly Keywords[], at: string): Misfit {
    const isSame = (keyword: string, each: Keywords): boolean => {
      const text = canonicalJson(reader[keyword]);
      // the same reference may lead to something else in the other document
      return (
        Object.hasOwn(each, keyword)
        && canonicalJson(each[keyword]) === text
        && (this.sameDefinitions || !text.includes('"$ref"'))
      );
    };
    const demanded = OPAQUE.find(
      (keyword) => Object.hasOwn(reader, keyword) && !writer.some((each) => isSame(keyword, each)),
    );
    return demanded === undefined ? undefined : `${at}: ${demanded} is new or another`;
  }

  /**
   * A schema and the schemas of its allOf, however nested, their references followed: an instance fulfils all of them.
   */
  private conjuncts(schema: Keywords): readonly Keywords[] {
    const found: Keywords[] = [];
    const pending: unknown[] = [schema];
    while (pending.length > 0 && found.length < MAX_CONJUNCTS) {
      const next = pending.shift();
      const reference = referenceOf(next);
      if (reference !== undefined) {
        const target = resolveReference(this.writer, reference);
        found.push({}); // counts, so that a circle of references ends
        if (target !== undefined) pending.push(target);
      } else if (isKeywords(next)) {
        const { allOf, ...own } = next;
        found.push(own);
        if (Array.isArray(allOf)) pending.push(...(allOf as readonly unknown[]));
      } else if (next === false) {
        found.push({ enum: [] });
      }
    }
    return found;
  }
}

const referenceOf = (schema: unknown): string | undefined =>
  isKeywords(schema) && typeof schema["$ref"] === "string" ? schema["$ref"] : undefined;

const definitionsOf = (root: unknown): string =>
  isKeywords(root) ? canonicalJson([root["definitions"], root["$defs"]]) : "";

function typeMisfit(reader: Keywords, types: ReadonlySet<JsonType>, at: string): Misfit {
  const taken = typesOf({ type: reader["type"] });
  const refused = [...types].filter((type) => !taken.has(type));
  return refused.length === 0 ? undefined : `${at}: type ${refused.join(", ")} is not taken`;
}
