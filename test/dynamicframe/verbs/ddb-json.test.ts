import { simplifyDdbJson } from "../../../src/dynamicframe/verbs/simplify-ddb-json.js";
import { unnestDdbJson } from "../../../src/dynamicframe/verbs/unnest-ddb-json.js";
import { outcome, relationOf } from "./lowered.js";

const simplified = async (records: object[]) => outcome(simplifyDdbJson.lower([relationOf(records)], {}));
const unnested = async (records: object[]) => outcome(unnestDdbJson.lower([relationOf(records)], {}));

describe("unnestDdbJson", () => {
  test("the schema of Glue's guide", async () => {
    expect(
      (await unnested([{ Item: { ColA: { S: "a" }, ColB: { S: "b" }, ColC: { N: "12" }, ColD: { L: [null] } } }])).tree,
    ).toBe("root\n|-- ColA: string\n|-- ColB: string\n|-- ColC: string\n|-- ColD: array\n|    |-- element: null");
  });
  test("lists of tagged values stay, maps are unnested", async () => {
    expect(
      await unnested([
        {
          Item: {
            l: { L: [{ S: "x" }] },
            m: { M: { a: { N: "1" }, b: { M: { c: { BOOL: true } } } } },
            ss: { SS: ["p"] },
          },
        },
      ]),
    ).toEqual({
      tree: "root\n|-- l: array\n|    |-- element: struct\n|    |    |-- S: string\n|-- m.a: string\n|-- m.b.c: boolean\n|-- ss: array\n|    |-- element: string",
      records: [{ l: [{ S: "x" }], "m.a": "1", "m.b.c": true, ss: ["p"] }],
    });
  });
});

describe("simplifyDdbJson", () => {
  test("the schema of Glue's guide", async () => {
    const result = await simplified([
      {
        Item: {
          parentMap: {
            M: { childMap: { M: { appName: { S: "n" }, packageName: { S: "p" }, updatedAt: { N: "3" } } } },
          },
          strings: { SS: ["a"] },
          numbers: { NS: ["1"] },
          binaries: { BS: ["eA=="] },
          isDDBJson: { BOOL: true },
          nullValue: { NULL: true },
        },
      },
    ]);
    expect(result.tree).toBe(
      "root\n|-- parentMap: struct\n|    |-- childMap: struct\n|    |    |-- appName: string\n|    |    |-- packageName: string\n|    |    |-- updatedAt: string"
        + "\n|-- strings: array\n|    |-- element: string\n|-- numbers: array\n|    |-- element: string\n|-- binaries: array\n|    |-- element: string\n|-- isDDBJson: boolean\n|-- nullValue: null",
    );
  });
  test("lists of one scalar type are simplified, those with maps or several types are not", async () => {
    expect(
      (
        await simplified([
          {
            Item: {
              one: { L: [{ N: "1" }, { N: "2" }] },
              lists: { L: [{ L: [{ S: "x" }] }] },
              maps: { L: [{ M: { a: { S: "x" } } }] },
              mixed: { L: [{ S: "x" }, { N: "1" }] },
            },
          },
        ])
      ).records,
    ).toEqual([{ one: ["1", "2"], lists: [["x"]], maps: [{ M: { a: { S: "x" } } }], mixed: [{ S: "x" }, { N: "1" }] }]);
  });
  test("an attribute of several types becomes a choice, of several texts a string; null and absent maps are null", async () => {
    const result = await simplified([
      { Item: { v: { S: "x" }, t: { S: "a" }, m: { M: { a: { S: "1" } } } } },
      { Item: { v: { BOOL: true }, t: { N: "7" }, m: { NULL: true } } },
      { Item: { v: { M: { k: { N: "1" } } }, t: { NULL: true } } },
      { Item: { v: { L: [{ S: "y" }] } } },
    ]);
    expect(result.tree).toBe(
      "root\n|-- v: choice\n|    |-- array\n|    |-- boolean\n|    |-- string\n|    |-- struct\n|-- t: string\n|-- m: struct\n|    |-- a: string",
    );
    expect(result.records).toEqual([
      { v: "x", t: "a", m: { a: "1" } },
      { v: true, t: "7" },
      { v: { k: "1" } },
      { v: ["y"] },
    ]);
  });
  test("an attribute that is called like a tag is an attribute", async () => {
    expect(
      (await simplified([{ Item: { S: { S: "x" }, m: { M: { N: { S: "y" }, M: { M: { L: { N: "1" } } } } } } }]))
        .records,
    ).toEqual([{ S: "x", m: { N: "y", M: { L: "1" } } }]);
  });
  test("other fields stay beside, and clash by name", async () => {
    expect((await simplified([{ Item: { a: { S: "x" } }, b: 1, c: { S: 5 } }])).records).toEqual([
      { a: "x", b: 1, c: { S: 5 } },
    ]);
    await expect(simplified([{ Item: { b: { S: "x" } }, b: 1 }])).rejects.toMatchObject({ code: "NAME_CLASH" });
  });
});
