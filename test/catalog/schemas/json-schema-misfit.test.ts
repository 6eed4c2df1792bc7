/**
 * Compatibility of JSON schemas: the examples of Glue's guide, rules one by one, and random schemas against ajv as the
 * oracle.
 */
import { Ajv } from "ajv";
import fc from "fast-check";
import { jsonSchemaMisfit } from "../../../src/catalog/schemas/json-schema-misfit.js";

const fits = (reader: unknown, writer: unknown): boolean => jsonSchemaMisfit(reader, writer) === undefined;
const text = { type: "string" };
const person = (properties: object, required: readonly string[]) => ({ type: "object", properties, required });

describe('the examples of "Schema versioning and compatibility"', () => {
  const names = { first: text, last: text };
  const before = person({ ...names, email: text, phone: text }, ["first", "last", "email"]);

  it("BACKWARD: a required field may go, an optional one may come, a required one may not", () => {
    expect(fits(person({ ...names, phone: text }, ["first", "last"]), before)).toBe(true);
    expect(fits(person({ ...names, email: text, phone: text, zip: text }, ["first", "last", "email"]), before)).toBe(
      true,
    );
    expect(
      jsonSchemaMisfit(person({ ...names, email: text, zip: text }, ["first", "last", "email", "zip"]), before),
    ).toBe("#: the property zip is required, and may be absent");
  });

  it("FORWARD: a required field may come, an optional one may go, a required one may not", () => {
    expect(
      fits(before, person({ ...names, email: text, phone: text, mobile: text }, ["first", "last", "email", "mobile"])),
    ).toBe(true);
    expect(fits(before, person({ ...names, email: text }, ["first", "last", "email"]))).toBe(true);
    expect(fits(before, person({ last: text, email: text }, ["last", "email"]))).toBe(false);
  });
});

const POSITIVE: readonly (readonly [string, unknown, unknown])[] = [
  ["anything takes all", true, { type: "object" }],
  ["what is never written fits", { type: "integer" }, false],
  ["a number takes integers", { type: "number" }, { type: "integer" }],
  ["more types", { type: ["string", "null"] }, text],
  ["more values", { enum: ["a", "b", "c"] }, { enum: ["a", "b"] }],
  ["a value of several", { enum: ["a", "b"] }, { const: "a" }],
  ["a type of its values", text, { enum: ["a"] }],
  ["wider bounds", { type: "integer", minimum: 0, maximum: 9 }, { type: "integer", minimum: 1, exclusiveMaximum: 9 }],
  [
    "bounds of draft 04",
    { minimum: 0, exclusiveMinimum: true },
    { type: "number", minimum: 0, exclusiveMinimum: true },
  ],
  ["a divisor", { multipleOf: 2 }, { type: "integer", multipleOf: 6 }],
  ["whole numbers divide by one", { multipleOf: 1 }, { type: "integer" }],
  ["shorter demands", { minLength: 1, maxLength: 9 }, { type: "string", minLength: 2, maxLength: 5 }],
  ["bounds of texts say nothing of numbers", { minLength: 3 }, { type: "integer" }],
  ["a branch for each", { anyOf: [text, { type: "null" }] }, { type: ["null", "string"] }],
  ["a new branch", { oneOf: [text, { type: "integer" }, { type: "null" }] }, { oneOf: [text, { type: "integer" }] }],
  [
    "branches told apart by a value",
    { oneOf: ["x", "y", "z"].map((kind) => ({ properties: { kind: { const: kind } }, required: ["kind"] })) },
    {
      oneOf: ["x", "y"].map((kind) => ({ type: "object", properties: { kind: { const: kind } }, required: ["kind"] })),
    },
  ],
  [
    "all of several",
    { allOf: [{ minimum: 1 }, { maximum: 9 }] },
    { allOf: [{ type: "integer" }, { minimum: 2 }, { maximum: 3 }] },
  ],
  [
    "definitions under other names",
    { $ref: "#/definitions/a", definitions: { a: text } },
    { $ref: "#/$defs/b", $defs: { b: text } },
  ],
  [
    "a schema that contains itself",
    { type: "object", properties: { next: { $ref: "#" }, new: text } },
    { type: "object", properties: { next: { $ref: "#" } } },
  ],
  [
    "a list that contains itself, by branches",
    { anyOf: [{ type: "null" }, { type: "array", items: { $ref: "#" } }] },
    { oneOf: [{ type: "array", items: { $ref: "#" } }, { type: "null" }] },
  ],
  ["items", { items: { type: "number" } }, { type: "array", items: { type: "integer" } }],
  [
    "items by position",
    { items: [text], additionalItems: { type: "number" } },
    { type: "array", items: [text, { type: "integer" }], additionalItems: false },
  ],
  [
    "closed against closed",
    { properties: { a: text, b: text }, additionalProperties: false },
    { type: "object", properties: { a: text }, additionalProperties: false },
  ],
  ["the same pattern", { pattern: "^a", minLength: 1 }, { type: "string", pattern: "^a", minLength: 1, maxLength: 3 }],
  ["titles and defaults do not matter", { ...text, title: "a", default: "x" }, { ...text, title: "b" }],
  ["a property that turns optional", person({ a: text }, []), person({ a: text }, ["a"])],
];

const NEGATIVE: readonly (readonly [string, unknown, unknown])[] = [
  ["a type that goes", text, { type: ["string", "null"] }],
  ["numbers for integers", { type: "integer" }, { type: "number" }],
  ["nothing", false, text],
  ["values that go", { enum: ["a"] }, { enum: ["a", "b"] }],
  ["values for a type", { enum: ["a"] }, text],
  ["a narrower minimum", { minimum: 2 }, { type: "integer", minimum: 1 }],
  ["an exclusive end", { exclusiveMaximum: 9 }, { type: "integer", maximum: 9 }],
  ["a new maximum", { maxLength: 5 }, text],
  ["another divisor", { multipleOf: 4 }, { type: "integer", multipleOf: 6 }],
  ["a pattern", { pattern: "^a" }, text],
  ["a format", { format: "date" }, text],
  ["not", { not: { const: "x" } }, text],
  ["unique items", { uniqueItems: true }, { type: "array" }],
  ["a branch that goes", { oneOf: [text] }, { oneOf: [text, { type: "integer" }] }],
  ["branches that overlap", { oneOf: [{ type: "number" }, { minimum: 3 }] }, { type: "number" }],
  ["a property of another type", person({ a: { type: "integer" } }, []), person({ a: text }, [])],
  ["a property that turns required", person({ a: text }, ["a"]), person({ a: text }, [])],
  ["a closed object", { properties: { a: text }, additionalProperties: false }, person({ a: text }, [])],
  [
    "a property that is not allowed any more",
    { properties: {}, additionalProperties: false },
    { type: "object", properties: { a: text }, additionalProperties: false },
  ],
  [
    "properties by a pattern against closed",
    { properties: {}, additionalProperties: false },
    { type: "object", patternProperties: { "^x": text }, additionalProperties: false },
  ],
  [
    "deep inside",
    person({ a: { items: person({ b: text }, ["b"]) } }, []),
    person({ a: { type: "array", items: person({ b: text }, []) } }, []),
  ],
  [
    "definitions that differ under one name",
    { $ref: "#/definitions/a", definitions: { a: text } },
    { $ref: "#/definitions/a", definitions: { a: { type: "integer" } } },
  ],
  [
    "the same reference under not, to another schema",
    { not: { $ref: "#/definitions/a" }, definitions: { a: text } },
    { not: { $ref: "#/definitions/a" }, definitions: { a: { type: "integer" } } },
  ],
  ["references to other documents that differ", { $ref: "a.json" }, { $ref: "b.json" }],
  ["longer tuples", { items: [text, { type: "integer" }] }, { type: "array", items: [text, text] }],
];

it.each(POSITIVE)("fits: %s", (_, reader, writer) => {
  expect(jsonSchemaMisfit(reader, writer)).toBeUndefined();
});
it.each(NEGATIVE)("does not fit: %s", (_, reader, writer) => {
  expect(jsonSchemaMisfit(reader, writer)).toEqual(expect.stringMatching(/^#/));
});

it("a definition that branches without end is too involved, not slow", () => {
  const branches = (n: number): unknown => ({
    oneOf: Array.from({ length: 12 }, (_, i) => (n === 0 ? { const: i } : branches(n - 1))),
  });
  expect(jsonSchemaMisfit({ ...(branches(2) as object), minimum: 1 }, branches(2))).toEqual(
    expect.stringMatching(/^#/),
  );
  const circle = {
    allOf: [{ $ref: "#/definitions/a" }],
    definitions: { a: { allOf: [{ $ref: "#/definitions/a" }, { $ref: "#" }] } },
  };
  expect(jsonSchemaMisfit({ type: "string" }, circle)).toEqual(expect.stringMatching(/^#/));
});

const NAMES = ["a", "b", "c"] as const;
const schemas = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      { type: "string" },
      { type: "integer" },
      { type: "number" },
      { type: "null" },
      { type: ["string", "null"] },
      { enum: ["x", 1, null] },
      { const: "x" },
      {},
      true,
      { type: "integer", minimum: 1 },
      { type: "number", exclusiveMaximum: 2 },
      { type: "string", minLength: 2 },
      { multipleOf: 2 },
      { type: "array", maxItems: 1 },
      { type: "string", maxLength: 1 },
    ),
    fc.record(
      {
        type: fc.constant("object"),
        properties: fc.dictionary(fc.constantFrom(...NAMES), tie("schema"), { maxKeys: 3, noNullPrototype: true }),
        required: fc.uniqueArray(fc.constantFrom(...NAMES)),
        additionalProperties: fc.oneof(fc.boolean(), tie("schema")),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record(
      {
        type: fc.constant("array"),
        items: fc.oneof(tie("schema"), fc.array(tie("schema"), { minLength: 1, maxLength: 2 })),
        additionalItems: tie("schema"),
        uniqueItems: fc.boolean(),
      },
      { requiredKeys: ["type"] },
    ),
    fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
  ),
})).schema;
const instances = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("x", "", "xy", 0, 1, 2, 3, 1.5, null, true),
    fc.dictionary(fc.constantFrom(...NAMES), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
})).value;

/** The schema with every open object closed: what it does not declare is not written. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [
      keyword,
      keyword === "enum" || keyword === "const" || keyword === "required"
        ? value
        : keyword === "properties"
          ? Object.fromEntries(Object.entries(value as object).map(([name, own]) => [name, closed(own)]))
          : closed(value),
    ]),
  );
  const isLeaf = !["anyOf", "oneOf", "allOf"].some((keyword) => keyword in inner);
  return isLeaf && (inner["additionalProperties"] === undefined || inner["additionalProperties"] === true)
    ? { ...inner, additionalProperties: false }
    : inner;
}

it("what is said to fit takes every instance, by ajv", () => {
  let fitting = 0;
  let taken = 0;
  const ajv = new Ajv({ strict: false, logger: false });
  fc.assert(
    fc.property(schemas, schemas, fc.array(instances, { minLength: 20, maxLength: 40 }), (reader, writer, values) => {
      // pairs that differ little fit more often than any two
      for (const [left, right] of [
        [reader, writer],
        [{ anyOf: [reader, writer] }, writer],
        [reader, { allOf: [reader, writer] }],
      ] as const) {
        if (!fits(left, right)) continue;
        fitting += 1;
        const [reads, writes] = [ajv.compile(left as object), ajv.compile(closed(right) as object)];
        for (const value of values) {
          if (!writes(value)) continue;
          taken += 1;
          expect([reads(value), value]).toEqual([true, value]);
        }
      }
    }),
    { numRuns: 250 },
  );
  // the test tests something
  expect(fitting).toBeGreaterThan(200);
  expect(taken).toBeGreaterThan(200);
});

it("every schema fits itself, and an anyOf that holds it", () => {
  fc.assert(
    fc.property(schemas, (schema) => {
      expect([jsonSchemaMisfit(schema, structuredClone(schema)), fits(true, schema)]).toEqual([undefined, true]);
    }),
    { numRuns: 300 },
  );
});
