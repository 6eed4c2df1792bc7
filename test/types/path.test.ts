import fc from "fast-check";
import { DynaframeError } from "../../src/types/error.js";
import { type PathStep, elementsStep, fieldStep, parsePath, printPath } from "../../src/types/path.js";
import { anyName } from "./arbitraries.js";

const f = fieldStep;
const e = elementsStep();

describe("parsePath", () => {
  const cases: readonly (readonly [string, readonly PathStep[]])[] = [
    ["a", [f("a")]],
    ["a.b", [f("a"), f("b")]],
    ["`a.b`.c", [f("a.b"), f("c")]],
    ["`.zip`", [f(".zip")]],
    ["items[].price", [f("items"), e, f("price")]],
    ["grid[][]", [f("grid"), e, e]],
    ["`a[]`[].b", [f("a[]"), e, f("b")]],
    ["`x``y`", [f("x`y")]],
    ["``", [f("")]],
    ["````", [f("`")]],
    [" a . b ", [f(" a "), f(" b ")]],
    ["a[0]", [f("a[0]")]],
  ];
  test.each(cases)("%s", (text, steps) => {
    expect(parsePath(text)).toEqual(steps);
  });

  test.each([
    ["", 0],
    [".zip", 0],
    ["a..b", 2],
    ["a.", 2],
    ["`a", 0],
    ["`a`b", 3],
    ["a`b", 1],
    ["[]", 0],
    ["a[]b.c[]`", 8],
  ])("refuses %j at %d", (text, offset) => {
    let caught: unknown;
    try {
      parsePath(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(DynaframeError);
    expect(caught).toMatchObject({ code: "BAD_PATH", offset, hint: expect.any(String) as unknown });
  });

  test("printPath is read back as the same steps", () => {
    const name = anyName.map(f);
    const rest = fc.array(fc.oneof(name, fc.constant(e)), { maxLength: 5 });
    fc.assert(
      fc.property(name, rest, (first, others) => {
        expect(parsePath(printPath([first, ...others]))).toEqual([first, ...others]);
      }),
      { numRuns: 500 },
    );
  });
});
