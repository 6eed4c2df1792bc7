/** What of a scan's records a plan reads: no less than any step above takes, whatever way it gets there. */
import { field, inputOf, isNull, project, structOf, union } from "../../src/plan/ir/build.js";
import type { Relation, ScanRelation } from "../../src/plan/ir/relation.js";
import { holdsType, neededFields, ROWS_ONLY, type Need } from "../../src/plan/needed-fields.js";
import {
  BOOLEAN,
  INT,
  LONG,
  STRING,
  array,
  choice,
  decimal,
  struct,
  structOf as typeOf,
  type StructType,
} from "../../src/types/data-type.js";

const type = typeOf({
  id: INT,
  tags: array(STRING),
  customer: typeOf({ name: STRING, age: INT, home: typeOf({ city: STRING, zip: STRING }) }),
  price: choice([INT, STRING]),
});
const scanOf = (of: StructType): ScanRelation => ({
  kind: "scan",
  id: "s",
  format: "json",
  options: {},
  files: [],
  partitionKeys: [],
  type: of,
});
const scan = scanOf(type);
const record = inputOf(scan);
const customer = field(record, "customer");
const needed = (plan: Relation, need?: Need): StructType | undefined => neededFields(plan, need).get(scan);

test("a projection takes the fields that it names, down to the leaf", () => {
  const plan = project(scan, [
    { name: "a", value: field(record, "id") },
    { name: "b", value: field(field(customer, "home"), "city") },
  ]);
  expect(needed(plan)).toEqual(typeOf({ id: INT, customer: typeOf({ home: typeOf({ city: STRING }) }) }));
});

test("whether a struct is null takes none of its fields; lists and choices are taken whole", () => {
  const rebuilt = structOf([{ name: "n", value: field(customer, "name") }], isNull(customer));
  expect(
    needed(
      project(scan, [
        { name: "c", value: rebuilt },
        { name: "p", value: field(record, "price") },
      ]),
    ),
  ).toEqual(typeOf({ customer: typeOf({ name: STRING }), price: choice([INT, STRING]) }));
  expect(
    needed(
      project(scan, [
        { name: "c", value: isNull(customer) },
        { name: "t", value: isNull(field(record, "tags")) },
      ]),
    ),
  ).toEqual(typeOf({ tags: array(STRING), customer: struct([]) }));
});

test("a filter takes what its condition does, besides what is asked of its rows", () => {
  const plan: Relation = {
    kind: "filter",
    input: scan,
    predicate: isNull(field(customer, "age")),
    reason: "filter",
    type,
  };
  expect(needed(plan, ROWS_ONLY)).toEqual(typeOf({ customer: typeOf({ age: INT }) }));
  expect(needed(plan)).toEqual(type);
  expect(needed({ kind: "limit", input: plan, count: 3, type }, new Map([["id", "all" as const]]))).toEqual(
    typeOf({ id: INT, customer: typeOf({ age: INT }) }),
  );
});

test("uses of one scan add up; what goes by position takes all; what is kept is not looked into", () => {
  const name = project(scan, [{ name: "x", value: field(customer, "name") }]);
  const city = project(scan, [{ name: "x", value: field(field(customer, "home"), "city") }]);
  expect(needed(union([name, city]))).toEqual(
    typeOf({ customer: typeOf({ name: STRING, home: typeOf({ city: STRING }) }) }),
  );
  expect(needed(union([scan, scan]))).toEqual(type);
  expect(needed({ kind: "distinct", input: scan, type }, ROWS_ONLY)).toEqual(type);
  expect(neededFields({ kind: "materialize", id: "m", input: name, type: name.type }).size).toBe(0);
});

test("fields whose names engines spell otherwise stay with those beside them", () => {
  const clash = scanOf(typeOf({ Id: INT, id: LONG, other: STRING }));
  const of = inputOf(clash);
  expect(neededFields(project(clash, [{ name: "x", value: field(of, "id") }])).get(clash)).toEqual(clash.type);
});

test("a type holds another when every value has its place", () => {
  expect(holdsType(type, typeOf({ customer: typeOf({ home: struct([]) }), price: INT }))).toBe(true);
  expect(holdsType(typeOf({ id: INT }), typeOf({ id: LONG }))).toBe(false);
  expect(holdsType(typeOf({ id: INT }), typeOf({ id: choice([INT, STRING]) }))).toBe(false);
  expect(holdsType(choice([INT, array(INT)]), array(STRING))).toBe(false);
  expect(holdsType(decimal(38, 0), decimal(38, 2))).toBe(false);
  expect(holdsType(array(BOOLEAN), array({ kind: "unknown" }))).toBe(true);
  expect(holdsType(typeOf({ id: INT }), typeOf({ other: INT }))).toBe(false);
});
