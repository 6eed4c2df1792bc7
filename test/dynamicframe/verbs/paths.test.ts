import { dropFields } from "../../../src/dynamicframe/verbs/drop-fields.js";
import { renameField } from "../../../src/dynamicframe/verbs/rename-field.js";
import { selectFields } from "../../../src/dynamicframe/verbs/select-fields.js";
import { union } from "../../../src/dynamicframe/verbs/union.js";
import { unnest } from "../../../src/dynamicframe/verbs/unnest.js";
import { outcome, relationOf } from "./lowered.js";

describe("dropFields", () => {
  const friends = [
    { n: "a", f: [{ x: 1, y: 2 }, null], s: { p: { q: 1 } } },
    { n: "b", f: [], s: null },
  ];
  const drop = (paths: string[]) => outcome(dropFields.lower([relationOf(friends)], { paths }));

  test("walks into arrays with plain dots", async () => {
    expect((await drop(["f.x"])).records).toEqual([
      { n: "a", f: [{ y: 2 }, null], s: { p: { q: 1 } } },
      { n: "b", f: [] },
    ]);
  });
  test("removes structs that lose their last member", async () => {
    expect((await drop(["s.p.q", "nope.x"])).tree).toBe(
      "root\n|-- n: string\n|-- f: array\n|    |-- element: struct\n|    |    |-- x: int\n|    |    |-- y: int",
    );
  });
  test("a struct in another's arm of a choice", async () => {
    expect(
      (await outcome(dropFields.lower([relationOf([{ a: { b: 1, c: 2 } }, { a: 5 }])], { paths: ["a.b"] }))).records,
    ).toEqual([{ a: { c: 2 } }, { a: 5 }]);
  });
});

describe("selectFields", () => {
  test("keeps schema order, nested parts, and ignores what is not there", async () => {
    const relation = selectFields.lower([relationOf([{ p: 1, q: { r: 2, s: 3 }, t: 4 }])], {
      paths: ["t", "q.s", "x"],
    });
    expect(await outcome(relation)).toEqual({
      tree: "root\n|-- q: struct\n|    |-- s: int\n|-- t: int",
      records: [{ q: { s: 3 }, t: 4 }],
    });
  });
  test("names with dots need backticks", async () => {
    expect(
      (await outcome(selectFields.lower([relationOf([{ "a.b": 1, a: { b: 2 } }])], { paths: ["`a.b`"] }))).records,
    ).toEqual([{ "a.b": 1 }]);
  });
});

describe("renameField", () => {
  const rename = (records: object[], oldName: string, newName: string) =>
    renameField.lower([relationOf(records)], { oldName, newName });

  test("in place, nested, and across parents", async () => {
    expect((await outcome(rename([{ a: 1, b: 2 }], "a", "z"))).tree).toBe("root\n|-- z: int\n|-- b: int");
    expect((await outcome(rename([{ s: { a: 1 } }], "s.a", "s.z"))).records).toEqual([{ s: { z: 1 } }]);
    expect((await outcome(rename([{ s: { a: 1, b: 2 }, t: { u: 1 } }], "s.a", "t.v.w"))).records).toEqual([
      { s: { b: 2 }, t: { u: 1, v: { w: 1 } } },
    ]);
    expect((await outcome(rename([{ "this.old": 1 }], "`this.old`", "fresh"))).records).toEqual([{ fresh: 1 }]);
  });
  test("a missing field is no error, a taken name is", async () => {
    expect((await outcome(rename([{ a: 1 }], "x", "y"))).records).toEqual([{ a: 1 }]);
    expect(() => rename([{ a: 1, b: 2 }], "a", "b")).toThrow(expect.objectContaining({ code: "NAME_CLASH" }));
    expect(() => rename([{ a: 1, s: { b: 2 } }], "a", "s.b")).toThrow(expect.objectContaining({ code: "NAME_CLASH" }));
  });
});

describe("union", () => {
  test("by name, clashes become choices, at any depth", async () => {
    const relation = union.lower(
      [relationOf([{ a: 1, s: [{ x: 1 }] }]), relationOf([{ a: "b", s: [{ x: true, y: 2 }], c: null }])],
      {},
    );
    expect(await outcome(relation)).toEqual({
      tree: "root\n|-- a: choice\n|    |-- int\n|    |-- string\n|-- s: array\n|    |-- element: struct\n|    |    |-- x: choice\n|    |    |    |-- boolean\n|    |    |    |-- int\n|    |    |-- y: int\n|-- c: null",
      records: [
        { a: 1, s: [{ x: 1 }] },
        { a: "b", s: [{ x: true, y: 2 }] },
      ],
    });
  });
});

describe("unnest", () => {
  test("flattens structs in place and those inside lists under .val", async () => {
    const relation = unnest.lower(
      [relationOf([{ n: 1, s: { a: 1, t: { "b.c": 2 } }, l: [{ p: { q: 1 } }, null], m: [[1]] }])],
      {},
    );
    expect(await outcome(relation)).toEqual({
      tree: "root\n|-- n: int\n|-- s.a: int\n|-- s.t.b.c: int\n|-- l: array\n|    |-- element: struct\n|    |    |-- l.val.p.q: int\n|-- m: array\n|    |-- element: array\n|    |    |-- element: int",
      records: [{ n: 1, "s.a": 1, "s.t.b.c": 2, l: [{ "l.val.p.q": 1 }, null], m: [[1]] }],
    });
  });
  test("two fields that flatten to one name are refused", () => {
    expect(() => unnest.lower([relationOf([{ "a.b": 1, a: { b: 2 } }])], {})).toThrow(
      expect.objectContaining({ code: "NAME_CLASH" }),
    );
  });
});
