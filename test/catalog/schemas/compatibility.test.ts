/** Modes, and Avro's resolution of schemas by the rules of its specification ("Schema Resolution"). */
import fc from "fast-check";
import { type Compatibility, incompatibility } from "../../../src/catalog/schemas/compatibility.js";
import { jsonPatch, type PatchOperation } from "../../../src/catalog/schemas/schema-diff.js";
import { schemaFormat } from "../../../src/catalog/schemas/schema-format.js";

const record = (...fields: object[]) => ({ type: "record", name: "R", fields });
const a = { name: "a", type: "int" };
const optional = { name: "b", type: ["null", "string"], default: null };
const required = { name: "b", type: "string" };

describe("modes", () => {
  const check = async (mode: Compatibility, versions: readonly unknown[], next: unknown) =>
    (await incompatibility(
      await schemaFormat("AVRO"),
      mode,
      versions.map((value, i) => ({ number: i + 1, value })),
      next,
    )) === undefined;
  // one field that comes with a default, and one that goes that had none
  const table: readonly (readonly [Compatibility, boolean, boolean, boolean, boolean])[] = [
    //              optional added, required added, optional removed, required removed
    ["NONE", true, true, true, true],
    ["BACKWARD", true, false, true, true],
    ["FORWARD", true, true, true, false],
    ["FULL", true, false, true, false],
  ];
  it.each(table)("%s", async (mode, ...expected) => {
    const both = [
      [record(a), record(a, optional)],
      [record(a), record(a, required)],
      [record(a, optional), record(a)],
      [record(a, required), record(a)],
    ] as const;
    for (const name of mode === "NONE" ? [mode] : ([mode, `${mode}_ALL`] as Compatibility[])) {
      expect(await Promise.all(both.map(([before, after]) => check(name, [before], after)))).toEqual(expected);
    }
  });

  it("only _ALL looks past the last version", async () => {
    const history = [record({ name: "x", type: "string" }), record(a)];
    const next = record({ name: "x", type: "int", default: 1 }, a); // x was a string in the first version
    for (const mode of ["BACKWARD", "FORWARD", "FULL"] as const)
      expect([mode, await check(mode, history, next)]).toEqual([mode, true]);
    for (const mode of ["BACKWARD_ALL", "FORWARD_ALL", "FULL_ALL"] as const)
      expect([mode, await check(mode, history, next)]).toEqual([mode, false]);
  });
});

describe("Avro", () => {
  const misfit = async (reader: unknown, writer: unknown) => (await schemaFormat("AVRO")).misfit(reader, writer);
  it.each([
    ["promotion", "double", "int"],
    ["bytes and strings", "string", "bytes"],
    ["a wider union", ["null", "string", "int"], ["null", "string"]],
    ["a type in a union", ["null", "long"], "int"],
    ["items", { type: "array", items: "long" }, { type: "array", items: "int" }],
    ["an alias", { ...record(a), name: "N", aliases: ["R"] }, record(a)],
    ["another namespace", { ...record(a), namespace: "x" }, { ...record(a), namespace: "y" }],
    [
      "an enum with a default",
      { type: "enum", name: "E", symbols: ["A"], default: "A" },
      { type: "enum", name: "E", symbols: ["A", "B"] },
    ],
    [
      "a record that contains itself",
      record({ name: "next", type: ["null", "R"] }, optional),
      record({ name: "next", type: ["null", "R"] }),
    ],
  ])("reads %s", async (_, reader, writer) => {
    expect(await misfit(reader, writer)).toBeUndefined();
  });
  it.each([
    ["demotion", "int", "long"],
    ["a narrower union", ["null", "string"], ["null", "string", "int"]],
    ["null in a plain type", "string", ["null", "string"]],
    ["another name", { ...record(a), name: "N" }, record(a)],
    [
      "an enum without its symbols",
      { type: "enum", name: "E", symbols: ["A"] },
      { type: "enum", name: "E", symbols: ["A", "B"] },
    ],
    ["another size", { type: "fixed", name: "F", size: 4 }, { type: "fixed", name: "F", size: 5 }],
    [
      "deep inside",
      record({ name: "l", type: { type: "map", values: { type: "array", items: "int" } } }),
      record({ name: "l", type: { type: "map", values: { type: "array", items: "string" } } }),
    ],
  ])("refuses %s", async (_, reader, writer) => {
    expect(await misfit(reader, writer)).toEqual(expect.any(String));
  });
});

describe("definitions", () => {
  const problem = async (format: string, text: string) => {
    const { parse, problem } = await schemaFormat(format);
    const parsed = parse(text);
    return typeof parsed === "string" ? parsed : problem(parsed.value);
  };
  it.each([
    ["AVRO", JSON.stringify(record(a, optional))],
    ["AVRO", '"string"'],
    ["AVRO", '["null","int","long"]'],
    ["JSON", "true"],
    ["JSON", '{"$schema":"http://json-schema.org/draft-04/schema#","id":"x","minimum":1,"exclusiveMinimum":true}'],
    [
      "JSON",
      '{"$schema":"http://json-schema.org/draft-06/schema#","$ref":"#/definitions/a","definitions":{"a":{"const":1}}}',
    ],
    ["JSON", '{"$ref":"other.json#/a"}'],
  ])("%s takes %s", async (format, text) => {
    expect(await problem(format, text)).toBeUndefined();
  });
  it.each([
    ["AVRO", "{"],
    ["AVRO", '{"type":"record","name":"R"}'],
    ["AVRO", '{"type":"record","fields":[]}'],
    ["AVRO", JSON.stringify(record({ ...a, default: "x" }))],
    ["AVRO", '"nothing"'],
    ["AVRO", '["int","int"]'],
    ["AVRO", "null"],
    ["AVRO", `${"[".repeat(5000)}${"]".repeat(5000)}`],
    ["JSON", "[]"],
    ["JSON", "1"],
    ["JSON", '{"type":"text"}'],
    ["JSON", '{"required":"a"}'],
    ["JSON", '{"minimum":1,"exclusiveMinimum":true}'],
    ["JSON", '{"$ref":"#/definitions/none"}'],
    ["JSON", '{"pattern":"("}'],
    ["JSON", '{"$schema":"https://json-schema.org/draft/2020-12/schema"}'],
    ["JSON", `{"a":${'{"items":'.repeat(5000)}1${"}".repeat(5000)}}`],
  ])("%s refuses %s", async (format, text) => {
    expect(await problem(format, text)).toEqual(expect.any(String));
  });
  it("of another format cannot be checked", async () => {
    await expect(schemaFormat("THRIFT")).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      name: "OperationNotSupportedException",
    });
  });
});

/** RFC 6902, as far as jsonPatch uses it. */
function apply(document: unknown, patch: readonly PatchOperation[]): unknown {
  return patch.reduce((before: unknown, operation) => {
    const root = { "": structuredClone(before) } as Record<string, unknown>;
    const parts = operation.path.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    let holder = root as Record<string, unknown> | unknown[];
    for (const part of parts.slice(0, -1))
      holder = (holder as Record<string, unknown>)[part] as Record<string, unknown>;
    const last = parts.at(-1) ?? "";
    if (operation.op === "remove") {
      if (Array.isArray(holder)) holder.splice(Number(last), 1);
      else Reflect.deleteProperty(holder, last);
    } else if (operation.op === "add" && Array.isArray(holder)) holder.splice(Number(last), 0, operation.value);
    else (holder as Record<string, unknown>)[last] = operation.value;
    return root[""];
  }, document);
}

it("a patch makes the second document of the first", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: true } as never), fc.jsonValue(), (first, second) => {
      const [from, to] = [first, second].map(
        (value) =>
          JSON.parse(
            JSON.stringify(value, (key, part: unknown) => (key === "__proto__" ? undefined : part)),
          ) as unknown,
      );
      expect(apply(from, jsonPatch(from, to))).toEqual(to);
      expect(jsonPatch(from, from)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it("a patch names what changed, and no more", () => {
  expect(jsonPatch({ a: [1, 2, 3], "b/c": 1, d: 1 }, { a: [1, 5], "b/c": 2, e: { x: 1 } })).toEqual([
    { op: "remove", path: "/d" },
    { op: "replace", path: "/a/1", value: 5 },
    { op: "remove", path: "/a/2" },
    { op: "replace", path: "/b~1c", value: 2 },
    { op: "add", path: "/e", value: { x: 1 } },
  ]);
});
