import fc from "fast-check";
import { DynaframeError } from "../../src/types/error.js";
import {
  INT,
  STRING,
  UNKNOWN,
  array,
  choice,
  decimal,
  enumOf,
  struct,
  type DataType,
} from "../../src/types/data-type.js";
import { typeFromJson, typeToJson } from "../../src/types/json.js";
import { anyType } from "./arbitraries.js";

const failure = (json: unknown): DynaframeError => {
  try {
    typeFromJson(json);
  } catch (error) {
    if (error instanceof DynaframeError) return error;
    throw error;
  }
  throw new Error("accepted");
};

describe("type JSON", () => {
  test("round trip through text", () => {
    fc.assert(
      fc.property(anyType(), (type) => {
        expect(typeFromJson(JSON.parse(JSON.stringify(typeToJson(type))))).toEqual(type);
      }),
    );
  });

  test("the complete form, keys in Glue's order", () => {
    const type = struct([
      {
        name: "a",
        type: { ...choice([INT, decimal(12, 3)]), properties: { from: "x" } },
        properties: { nullable: true },
      },
    ]);
    expect(JSON.stringify(typeToJson(type))).toBe(
      '{"dataType":"struct","properties":{},"fields":[{"name":"a","container":{"dataType":"choice","properties":{"from":"x"},"choices":['
        + '{"dataType":"decimal","properties":{},"precision":12,"scale":3},{"dataType":"int","properties":{}}]},"properties":{"nullable":true}}]}',
    );
    expect(typeFromJson(typeToJson(type))).toEqual(type);
  });

  const omitted: readonly (readonly [unknown, DataType])[] = [
    [{ dataType: "int" }, INT],
    [{ dataType: "decimal" }, decimal(10, 2)],
    [{ dataType: "decimal", precision: 1 }, decimal(1, 1)],
    [{ dataType: "array" }, array(UNKNOWN)],
    [
      { dataType: "map", valueType: { dataType: "string" } },
      { kind: "map", value: STRING },
    ],
    [{ dataType: "struct" }, struct()],
    [{ dataType: "enum", options: ["a"] }, enumOf(["a"])],
  ];
  test.each(omitted)("parts left out: %j", (json, type) => {
    expect(typeFromJson(json)).toEqual(type);
  });

  const wrong: readonly (readonly [unknown, string])[] = [
    [null, "$"],
    ["int", "$"],
    [{}, "$.dataType"],
    [{ dataType: "entity" }, "$.dataType"],
    [{ dataType: "decimal", precision: 39 }, "$.precision"],
    [{ dataType: "decimal", precision: 4, scale: 5 }, "$.scale"],
    [{ dataType: "array", elementType: { dataType: "x" } }, "$.elementType.dataType"],
    [{ dataType: "struct", fields: {} }, "$.fields"],
    [{ dataType: "struct", fields: [{ name: "a" }] }, "$.fields[0].container"],
    [{ dataType: "struct", fields: [{ name: 1, container: { dataType: "int" } }] }, "$.fields[0].name"],
    [
      { dataType: "struct", fields: [1, 2].map(() => ({ name: "a", container: { dataType: "int" } })) },
      "$.fields[1].name",
    ],
    [{ dataType: "choice", choices: [{ dataType: "int" }, { dataType: "int" }] }, "$.choices[1].dataType"],
    [{ dataType: "choice", choices: [{ dataType: "choice", choices: [] }] }, "$.choices[0].dataType"],
    [{ dataType: "enum", options: [1] }, "$.options[0]"],
    [{ dataType: "int", properties: [] }, "$.properties"],
  ];
  test.each(wrong)("refuses %j at %s", (json, path) => {
    const error = failure(json);
    expect([error.code, error.path]).toEqual(["BAD_TYPE_JSON", path]);
    expect(error.expected).toBeDefined();
    expect(error.found).toBeDefined();
  });

  test("names of other systems get a hint", () => {
    expect(failure({ dataType: "bigint" }).hint).toBe('write "long"');
    expect(failure({ dataType: "INT" }).hint).toBe('write "int"');
  });

  test("depth past 500 is an error, not a stack overflow", () => {
    let json: unknown = { dataType: "int" };
    for (let i = 0; i < 100_000; i++) json = { dataType: "array", elementType: json };
    expect(failure(json).code).toBe("TOO_DEEP");
  });
});
