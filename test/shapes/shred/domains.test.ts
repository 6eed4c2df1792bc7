import { flatDomains } from "../../../src/shapes/domains.js";
import {
  INT,
  STRING,
  array,
  choice,
  field,
  map,
  struct,
  structOf,
  type DataType,
} from "../../../src/types/data-type.js";

const shape = (type: ReturnType<typeof struct>): unknown =>
  flatDomains(type).map(({ domain, parent, listPath, columns }) => ({
    domain,
    parent,
    at: listPath.map((step) => (step.kind === "arm" ? `{${step.arm}}` : step.name)),
    columns: columns.map(
      ({ name, path, kind, type: of }) =>
        `${name} ${path.map((step) => (step.kind === "arm" ? `{${step.arm}}` : step.name)).join("/")} ${kind} ${of.kind}`,
    ),
  }));

test("lists are domains, structs are flattened, choices are split into arms", () => {
  const type = structOf({
    id: choice([INT, STRING]),
    a: structOf({ tags: choice([STRING, array(choice([INT, STRING]))]), none: structOf({}) }),
    grid: array(array(INT)),
    items: array(structOf({ q: INT, d: array(structOf({ k: STRING })) })),
    last: INT,
  });
  expect(shape(type)).toEqual([
    {
      domain: "",
      parent: undefined,
      at: [],
      columns: [
        "c0 id/{int} value int",
        "c1 id/{string} value string",
        "c2 a/tags/{array} list-key array",
        "c3 a/tags/{string} value string",
        "c4 grid list-key array",
        "c5 items list-key array",
        "c6 last value int",
      ],
    },
    {
      domain: "a.tags{array}[]",
      parent: "",
      at: ["a", "tags", "{array}"],
      columns: ["c0 {int} value int", "c1 {string} value string"],
    },
    { domain: "grid[]", parent: "", at: ["grid"], columns: ["c0  list-key array"] },
    { domain: "grid[][]", parent: "grid[]", at: [], columns: ["c0  value int"] },
    { domain: "items[]", parent: "", at: ["items"], columns: ["c0 q value int", "c1 d list-key array"] },
    { domain: "items[].d[]", parent: "items[]", at: ["d"], columns: ["c0 k value string"] },
  ]);
});

test("names that look like paths do not make two domains one", () => {
  const lists: readonly (readonly [string, DataType])[] = [
    ["a.b", array(INT)],
    ["a", structOf({ b: array(INT), "b[]": array(INT) })],
    ["", array(INT)],
    ["`", array(INT)],
    ["x{array}", array(INT)],
    ["x", choice([STRING, array(INT)])],
    ["g[]", array(INT)],
    ["g", array(array(INT))],
  ];
  const names = flatDomains(struct(lists.map(([name, type]) => field(name, type)))).map(({ domain }) => domain);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual([
    "",
    "`a.b`[]",
    "a.b[]",
    "a.`b[]`[]",
    "``[]",
    "````[]",
    "`x{array}`[]",
    "x{array}[]",
    "`g[]`[]",
    "g[]",
    "g[][]",
  ]);
});

test("a map has no flat form", () => {
  expect(() => flatDomains(structOf({ l: array(structOf({ m: map(INT) })) }))).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_TYPE", path: "l[].m" }),
  );
});
