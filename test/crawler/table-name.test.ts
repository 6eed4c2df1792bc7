import fc from "fast-check";
import { nameTables, tableName } from "../../src/crawler/table-name.js";

test("documented names", () => {
  expect(tableName("p_", "my-data.v2")).toBe("p_my_data_v2");
  expect(tableName("", "year=2017")).toBe("year_2017");
  expect(tableName("", "persons.json")).toBe("persons_json");
  expect(tableName("", "Top Level")).toBe("top_level");
  expect(tableName("p_", "x".repeat(200))).toBe(`p_${"x".repeat(126)}`);
});

test("names are unique, legal, and independent of the order given", () => {
  const name = fc.constantFrom("a-b", "a.b", "A_b", "x".repeat(130), "x".repeat(140), "é", "");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { maxLength: 12 }),
      fc.array(name, { minLength: 12, maxLength: 12 }),
      (ids, names) => {
        const tables = ids.map((id, i) => ({ location: `/l/${id}`, name: names[i] ?? "" }));
        const result = nameTables(tables, "t_", new Set(["t_a_b"]));
        expect(new Set(result.values()).size).toBe(tables.length);
        for (const given of result.values()) expect(given).toMatch(/^(?!t_a_b$)[a-z0-9_]{1,128}$/);
        expect(nameTables([...tables].reverse(), "t_", new Set(["t_a_b"]))).toEqual(result);
      },
    ),
  );
});
