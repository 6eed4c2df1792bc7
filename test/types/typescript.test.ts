import fc from "fast-check";
import ts from "typescript";
import {
  BINARY,
  BOOLEAN,
  DATE,
  DOUBLE,
  INT,
  LONG,
  NULL,
  STRING,
  TIMESTAMP,
  UNKNOWN,
  array,
  choice,
  decimal,
  enumOf,
  map,
  struct,
  structOf,
  type DataType,
} from "../../src/types/data-type.js";
import { typescriptType } from "../../src/types/typescript.js";
import { anyType } from "./arbitraries.js";

describe("typescriptType", () => {
  test("a record", () => {
    const type = structOf({
      id: choice([INT, STRING]),
      "a-b": array(structOf({ n: LONG })),
      when: TIMESTAMP,
      price: decimal(10, 2),
      tags: map(array(UNKNOWN)),
      none: NULL,
      b: BINARY,
      d: DATE,
    });
    expect(typescriptType(type, "orders")).toBe(`export type orders = {
  id?: number | string | null;
  "a-b"?: ({
    n?: number | bigint | null;
  } | null)[] | null;
  when?: TimestampValue | null;
  price?: Decimal | null;
  tags?: Map<string, unknown[] | null> | null;
  none?: null;
  b?: Uint8Array | null;
  d?: DateValue | null;
};`);
  });
  test.each<readonly [DataType, string]>([
    [choice([INT, DOUBLE]), "number"],
    [choice([BOOLEAN, array(INT)]), "(number | null)[] | boolean"],
    [choice([LONG, STRING]), "number | bigint | string"],
    [enumOf(["a", 'b"']), '"a" | "b\\""'],
    [struct(), "Record<string, never>"],
    [array(NULL), "null[]"],
    [UNKNOWN, "unknown"],
  ])("%j → %s", (type, text) => {
    expect(typescriptType(type)).toBe(text);
  });
  test.each([
    ["shop.order-items", "ShopOrderItems"],
    ["1st", "_1st"],
    ["class", "_class"],
    ["", "_"],
    ["Orders", "Orders"],
  ])("names: %j → %s", (name, expected) => {
    expect(typescriptType(INT, name)).toBe(`export type ${expected} = number;`);
  });

  test("always parses as TypeScript, whatever the names", () => {
    fc.assert(
      fc.property(anyType(), fc.string(), (type, name) => {
        const source = ts.createSourceFile("t.ts", typescriptType(type, name), ts.ScriptTarget.ES2022);
        const problems = (source as unknown as { parseDiagnostics: readonly { messageText: unknown }[] })
          .parseDiagnostics;
        expect(problems.map((p) => p.messageText)).toEqual([]);
        expect(source.statements).toHaveLength(1);
      }),
    );
  });
});
