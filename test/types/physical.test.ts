import fc from "fast-check";
import { INT, field, struct } from "../../src/types/data-type.js";
import { physicalNames } from "../../src/types/physical.js";
import { anyName } from "./arbitraries.js";

const names = (...list: string[]): readonly string[] => physicalNames(struct(list.map((name) => field(name, INT))));

describe("physicalNames", () => {
  test.each([
    [
      ["a", "b.c", "é"],
      ["a", "b.c", "é"],
    ],
    [
      ["", "a\0b"],
      ["~", "a~0b"],
    ],
    [
      ["Id", "id", "ID"],
      ["Id", "id~2", "ID~3"],
    ],
    [
      ["a", "A~2", "A"],
      ["a", "A~2", "A~3"],
    ],
    [
      ["a", "A", "A~2"],
      ["a", "A~2", "A~2~2"],
    ],
    [
      ["", "~"],
      ["~", "~~2"],
    ],
    [
      ["K", "\u212a"],
      ["K", "\u212a"],
    ],
  ])("%j → %j", (given, expected) => {
    expect(names(...given)).toEqual(expected);
  });

  test("always distinct when case is ignored, never empty, without NUL, one per field", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(anyName, fc.constantFrom("a~2", "A~2", "A", "a~3", "a~2~2")), { maxLength: 12 }),
        (given) => {
          const got = names(...given);
          expect(got).toHaveLength(given.length);
          expect(new Set(got.map((n) => n.replace(/[A-Z]/g, (c) => c.toLowerCase()))).size).toBe(given.length);
          expect(got.some((n) => n === "" || n.includes("\0"))).toBe(false);
        },
      ),
    );
  });
});
