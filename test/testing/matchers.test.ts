import { installMatchers } from "../../src/testing/index.js";
import { array, choice, DOUBLE, INT, LONG, STRING, structOf, type StructType } from "../../src/types/data-type.js";
import type { Ledger, LedgerNode, TagStats } from "../../src/shapes/ledger.js";

installMatchers(expect);

const orders = structOf({
  id: INT,
  price: choice([DOUBLE, STRING]),
  items: array(structOf({ qty: choice([INT, STRING]), "a.b": LONG })),
});
const message = async (run: Promise<unknown>): Promise<string> =>
  run.then(
    () => "passed",
    (error: Error) => error.message,
  );

const stats = (count: number, record: number): TagStats => ({
  count,
  first: { file: "data/orders-003.ndjson", record, offset: 4021 },
});
const leaf = (tags: LedgerNode["tags"]): LedgerNode => ({ tags, fields: [] });
const ledger: Pick<Ledger, "root"> = {
  root: {
    tags: { struct: stats(1000, 0) },
    fields: [
      { name: "id", node: leaf({ int: stats(1000, 0) }) },
      { name: "price", node: leaf({ double: stats(975, 0), string: stats(25, 118) }) },
    ],
  },
};

describe("toMatchSchema", () => {
  it("takes a schema or a printed one, fields in any order", async () => {
    await expect(orders).toMatchSchema({ kind: "struct", fields: [...orders.fields].reverse() });
    await expect(orders).toMatchSchema(`root
      |-- items: array
      |    |-- element: struct
      |    |    |-- qty: choice
      |    |    |    |-- int
      |    |    |    |-- string
      |    |    |-- a.b: long
      |-- price: choice
      |    |-- string
      |    |-- double
      |-- id: int`);
    await expect(Promise.resolve(orders)).toMatchSchema(orders);
    await expect(orders).not.toMatchSchema(structOf({ id: INT }));
  });

  it.each<[string, StructType | string, string]>([
    ["a changed type", structOf({ id: LONG }), "id"],
    ["a missing field", structOf({ id: INT, x: INT }), "x"],
    ["an extra field", structOf({}), "id"],
    ["text: a changed type", "root\n|-- id: long", "id"],
    ["text: a missing field", "root\n|-- id: int\n|-- x: int", "x"],
    ["text: an extra field", "root", "id"],
    ["text: other arms", "root\n|-- id: choice\n|    |-- int\n|    |-- long", "id"],
  ])("names the path of %s", async (_what, expected, path) => {
    const text = await message(expect(structOf({ id: INT })).toMatchSchema(expected));
    expect(text).toContain("1 difference");
    expect(text).toMatch(new RegExp(`^  ${path} +expected`, "m"));
  });

  it("fails a negated match", async () => {
    expect(await message(expect(orders).not.toMatchSchema(orders))).toContain("not to be");
  });

  it("refuses what has no schema", async () => {
    await expect(message(expect(42).toMatchSchema(orders))).resolves.toContain("no schema");
  });
});

describe("toHaveChoice", () => {
  it("finds choices in structs and lists, types in any order", async () => {
    await expect(orders).toHaveChoice("price", ["string", "double"]);
    await expect(orders).toHaveChoice("items[].qty", ["int", "string"]);
    await expect(orders).not.toHaveChoice("id", ["int"]);
    await expect(orders).not.toHaveChoice("price", ["double"]);
    await expect(orders).not.toHaveChoice("nowhere", []);
  });

  it("says what is there instead", async () => {
    expect(await message(expect(orders).toHaveChoice("id", ["int", "string"]))).toMatch(
      /expected {2}choice\{int,string\}\n.*found {5}int/,
    );
    expect(await message(expect(orders).toHaveChoice("nope", ["int", "string"]))).toContain(
      "the paths are id, price, items",
    );
  });
});

describe("toHaveNoDriftFrom", () => {
  it("accepts what a reader of the baseline understands", async () => {
    await expect(structOf({ id: INT, price: DOUBLE })).toHaveNoDriftFrom(
      structOf({ id: INT, price: choice([DOUBLE, STRING]) }),
    );
    await expect(ledger).toHaveNoDriftFrom(ledger);
    await expect(ledger).not.toHaveNoDriftFrom(structOf({ id: INT, price: DOUBLE }));
    await expect(structOf({ id: INT, x: INT })).not.toHaveNoDriftFrom(structOf({ id: INT }));
    await expect(structOf({ id: INT, x: INT })).toHaveNoDriftFrom(structOf({ id: INT }), { allow: ["FIELD_ADDED"] });
    await expect(structOf({})).not.toHaveNoDriftFrom(structOf({ id: INT }));
  });

  it("tells how much drifted and where it began", async () => {
    const text = await message(expect(ledger).toHaveNoDriftFrom(structOf({ id: INT, price: DOUBLE })));
    expect(text).toContain("found 1 change");
    expect(text).toContain("expected  double");
    expect(text).toContain("found     choice{double,string}");
    expect(text).toContain("string  25 of 1,000 values (2.5 %), first at data/orders-003.ndjson:118 (byte 4,021)");
  });
});
