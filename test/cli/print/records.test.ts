import { printRecords } from "../../../src/cli/print/records.js";
import { plainStyle } from "../../../src/cli/print/style.js";

const records = [
  { id: 1, name: "a\nb", nested: { x: [1, 2] } },
  { id: 20, name: null },
];

test("null, missing and nested values can be told apart", () => {
  expect(printRecords(["id", "name", "nested"], records, plainStyle)).toBe(
    'id  name  nested\n 1  a\\nb  {"x": [1, 2]}\n20  null\n',
  );
});

test("columns that do not fit are named", () => {
  expect(printRecords(["id", "name", "nested"], records, plainStyle, 12)).toBe(
    "id  name\n 1  a\\nb\n20  null\n1 more columns: nested\n",
  );
});

test("no rows, no columns", () => {
  expect(printRecords(["id"], [], plainStyle)).toBe("id\n");
  expect(printRecords([], [], plainStyle, 80)).toBe("\n");
});
