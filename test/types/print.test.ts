import {
  BOOLEAN,
  INT,
  LONG,
  NULL,
  STRING,
  array,
  choice,
  decimal,
  map,
  set,
  struct,
  structOf,
} from "../../src/types/data-type.js";
import { schemaTree } from "../../src/types/print.js";

describe("schemaTree", () => {
  test("the tree of the reference", () => {
    const type = structOf({
      a: LONG,
      s: structOf({ x: STRING }),
      arr: array(structOf({ y: INT })),
      c: choice([STRING, LONG]),
      n: NULL,
    });
    expect(schemaTree(type)).toBe(`root
|-- a: long
|-- s: struct
|    |-- x: string
|-- arr: array
|    |-- element: struct
|    |    |-- y: int
|-- c: choice
|    |-- long
|    |-- string
|-- n: null
`);
  });
  test("members of a choice show their name only; maps, sets, decimals, odd names", () => {
    const type = structOf({
      "a.b c": choice([structOf({ q: INT }), BOOLEAN]),
      m: map(array(INT)),
      s: set(STRING),
      d: decimal(5, 1),
    });
    expect(schemaTree(type)).toBe(
      "root\n|-- a.b c: choice\n|    |-- boolean\n|    |-- struct\n|-- m: map\n|    |-- keyType: string\n"
        + "|    |-- valueType: array\n|    |    |-- element: int\n|-- s: set\n|    |-- element: string\n|-- d: decimal\n",
    );
  });
  test("no fields", () => {
    expect(schemaTree(struct())).toBe("root\n");
  });
});
