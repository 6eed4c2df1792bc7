import { jsonDocument } from "../../../src/cli/print/json.js";

test("maps are objects, integers past a double keep their digits", () => {
  expect(JSON.parse(jsonDocument({ nulled: new Map([["price", 2]]), big: 2n ** 63n, rows: [1, null] }))).toEqual({
    nulled: { price: 2 },
    big: "9223372036854775808",
    rows: [1, null],
  });
});
