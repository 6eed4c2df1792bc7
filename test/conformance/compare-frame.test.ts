import type { CompareOptions, JsonObject } from "../../conformance/case.js";
import { compareError } from "../../conformance/compare/error.js";
import {
  compareCollection,
  compareExpectation,
  compareFrame,
  type Observed,
  type ObservedFrame,
} from "../../conformance/compare/frame.js";

const ANY: CompareOptions = { recordOrder: "ignore", fieldOrder: "ignore" };
const judge = (expected: JsonObject, observed: Observed<ObservedFrame>) =>
  compareExpectation(expected, observed, (wanted, frame) => compareFrame(wanted, frame, ANY));
const frame = (value: ObservedFrame): Observed<ObservedFrame> => ({ value });
const thrown = (code: string, message: string): Observed<ObservedFrame> => ({
  thrown: { name: "DynaframeError", code, message },
});

describe("errors", () => {
  it("matches code against code or name, message whole, contains in parts", () => {
    const error = { name: "InvalidInputException", code: "INVALID_INPUT", message: "x is not an integer" };
    for (const wanted of [
      {},
      { code: "INVALID_INPUT" },
      { code: "InvalidInputException" },
      { message: "x is not an integer" },
      { contains: ["x", "not an"] },
    ]) {
      expect(compareError(error, wanted)).toBeUndefined();
    }
    for (const wanted of [{ code: "OTHER" }, { message: "x is not" }, { contains: ["x", "y"] }])
      expect(compareError(error, wanted)).toBeDefined();
  });

  it("nothing may throw unless an error is expected, and an expected error has to come", () => {
    expect(judge({ records: [] }, thrown("A", "b"))).toMatch(/threw A: b/);
    expect(judge({ error: {} }, frame({ records: [] }))).toMatch(/nothing was thrown/);
    expect(judge({ error: { code: "A" } }, thrown("A", "b"))).toBeUndefined();
    expect(judge({ error: { code: "B" } }, thrown("A", "b"))).toBeDefined();
  });
});

describe("anyOf", () => {
  const expected = { errorsCount: 1, anyOf: [{ records: [{ a: 1 }] }, { records: [{ a: 2 }], recordCount: 1 }] };

  it("needs one alternative in full and all keys beside it", () => {
    expect(judge(expected, frame({ records: [{ a: 1 }], recordCount: 1, errorsCount: 1 }))).toBeUndefined();
    expect(judge(expected, frame({ records: [{ a: 2 }], recordCount: 1, errorsCount: 1 }))).toBeUndefined();
    expect(judge(expected, frame({ records: [{ a: 1 }], recordCount: 1, errorsCount: 0 }))).toMatch(/errorsCount/);
    expect(judge(expected, frame({ records: [{ a: 3 }], recordCount: 1, errorsCount: 1 }))).toMatch(
      /no alternative holds/,
    );
    expect(judge(expected, frame({ records: [{ a: 2 }], recordCount: 2, errorsCount: 1 }))).toMatch(
      /no alternative holds/,
    );
  });

  it("may allow an error as one of them", () => {
    const either = { anyOf: [{ error: {} }, { records: [] }] };
    expect(judge(either, thrown("A", "b"))).toBeUndefined();
    expect(judge(either, frame({ records: [] }))).toBeUndefined();
    expect(judge(either, frame({ records: [{}] }))).toBeDefined();
    expect(judge({ anyOf: [{ recordCount: 1 }, { records: [] }] }, thrown("A", "b"))).toBeDefined();
  });
});

describe("frame", () => {
  it("checks each key present and no other", () => {
    const found: ObservedFrame = {
      records: [{ a: 1 }],
      recordCount: 1,
      fields: ["a", "b"],
      schemaText: "root\n|-- a: int",
      errorsCount: 2,
      stageErrorsCount: 1,
      errors: [
        { message: "one thing", record: { a: 1 } },
        { message: "two things", record: {} },
      ],
      errorFields: ["msg"],
    };
    const right: JsonObject[] = [
      { fields: ["b", "a"] },
      { schemaText: "root\n|-- a: int" },
      { errorsCount: 2 },
      { stageErrorsCount: 1 },
      { errorFields: ["msg"] },
      { errors: [{ contains: ["thing"] }, { contains: ["one"], record: { a: 1, b: null } }] },
      { errors: [{}, {}] },
      {},
    ];
    const wrong: JsonObject[] = [
      { fields: ["a"] },
      { fields: ["a", "b", "c"] },
      { schemaText: "root\n|-- a: long" },
      { errorsCount: 1 },
      { stageErrorsCount: 2 },
      { errorFields: ["msg", "x"] },
      { errors: [{}] },
      { errors: [{ contains: ["one"] }, { contains: ["one"] }] },
      { errors: [{ record: { a: 2 } }, {}] },
      { recordCount: 2 },
      { newKey: 1 },
    ];
    for (const expected of right) expect(compareFrame(expected, found, ANY)).toBeUndefined();
    for (const expected of wrong) expect(compareFrame(expected, found, ANY)).toBeDefined();
  });

  it("fails on what was not observed", () => {
    expect(compareFrame({ records: [] }, {}, ANY)).toMatch(/not observed/);
  });
});

describe("collection", () => {
  const found = {
    keys: ["r", "r_w", "r_x"],
    frames: { r: { records: [{ w: 7 }], recordCount: 1 }, r_w: { records: [{ id: 7, v: 1 }], fields: ["id", "v"] } },
  };
  const options: CompareOptions = {
    ...ANY,
    keyBijection: [
      [
        ["r", "w"],
        ["r_w", "id"],
      ],
    ],
  };

  it("takes keys as complete and frames as a choice", () => {
    expect(compareCollection({ keys: ["r_x", "r", "r_w"] }, found, options)).toBeUndefined();
    expect(compareCollection({ keys: ["r", "r_w"] }, found, options)).toMatch(/r_x/);
    expect(compareCollection({ frames: { r: { recordCount: 1 } } }, found, options)).toBeUndefined();
    expect(compareCollection({ frames: { nope: { recordCount: 1 } } }, found, options)).toMatch(/no frame/);
  });

  it("renames keys only in columns of a group", () => {
    const expected = { frames: { r: { records: [{ w: 1 }] }, r_w: { records: [{ id: 1, v: 1 }] } } };
    expect(compareCollection(expected, found, options)).toBeUndefined();
    expect(compareCollection(expected, found, ANY)).toBeDefined();
    expect(compareCollection({ frames: { r_w: { records: [{ id: 1, v: 2 }] } } }, found, options)).toBeDefined();
    expect(
      compareCollection({ frames: { r_w: { records: [{ id: 1, v: 1 }], fields: ["id"] } } }, found, options),
    ).toBeDefined();
  });

  it("one renaming serves the frames beside anyOf and those in the alternative", () => {
    const value = {
      keys: ["r", "r_w"],
      frames: {
        r: {
          records: [
            { n: "a", w: 1 },
            { n: "b", w: 2 },
          ],
        },
        r_w: {
          records: [
            { id: 2, v: "x" },
            { id: 1, v: "y" },
          ],
        },
      },
    };
    const expected = (first: string, second: string): JsonObject => ({
      frames: {
        r: {
          records: [
            { n: "a", w: 1 },
            { n: "b", w: 2 },
          ],
        },
      },
      anyOf: [
        {
          frames: {
            r_w: {
              records: [
                { id: 1, v: first },
                { id: 2, v: second },
              ],
            },
          },
        },
        { error: {} },
      ],
    });
    const run = (e: JsonObject) =>
      compareExpectation(e, { value }, (wanted, actual) => compareCollection(wanted, actual, options));
    expect(run(expected("y", "x"))).toBeUndefined();
    expect(run(expected("x", "y"))).toBeDefined();
  });
});
