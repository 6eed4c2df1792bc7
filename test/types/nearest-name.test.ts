import { nearestName, nearestNames } from "../../src/types/nearest-name.js";

test("the nearest name, whatever its case; none when too far away", () => {
  expect(nearestName("zzzzzzzz", ["separator", "quoteChar"])).toBeUndefined();
  expect(nearestName("quotechar", ["separator", "quoteChar"])).toBe("quoteChar");
  expect(nearestName("ordres", ["customers", "orders"])).toBe("orders");
  expect(nearestName("x", [])).toBeUndefined();
});

test("several, the nearest first", () => {
  expect(nearestNames("price", ["prices", "prize", "name", "price_eur"], 2)).toEqual(["prices", "prize"]);
});
