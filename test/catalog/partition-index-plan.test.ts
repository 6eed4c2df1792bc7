import { usesPartitionIndex } from "../../src/catalog/partition-index-plan.js";

const keys = [
  { name: "year", type: "int" },
  { name: "region", type: "string" },
  { name: "day", type: "date" },
];
const plan = (index: readonly string[], expression: string): boolean => usesPartitionIndex(keys, index, expression);

it.each([
  ["year = 2024", true],
  ["year > 2020 and region like 'e%'", true],
  ["year between 1 and 2", true],
  ["YEAR <= 3", true],
  ["region = 'eu'", false],
  ["year = 1 or region = 'eu'", false],
  ["year in (1, 2)", false],
  ["year in (1) and year = 1", false],
  ["year <> 3", false],
  ["not year = 3", false],
  ["", false],
  ["year is not null", false],
  ["(region = 'eu' or region = 'us') and year = 1", true],
])("an index on (year, region): %s → %s", (expression, used) => {
  expect(plan(["year", "region"], expression)).toBe(used);
});

it("strings by equality only, dates never", () => {
  expect(plan(["region"], "region = 'eu'")).toBe(true);
  expect(plan(["region"], "region > 'eu'")).toBe(false);
  expect(plan(["region"], "region between 'a' and 'b'")).toBe(false);
  expect(plan(["day"], "day = '2024-01-01'")).toBe(false);
});
