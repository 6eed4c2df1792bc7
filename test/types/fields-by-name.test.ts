import {
  array,
  choice,
  decimal,
  enumOf,
  field,
  INT,
  map,
  set,
  STRING,
  struct,
  UNKNOWN,
} from "../../src/types/data-type.js";
import { fieldsByName } from "../../src/types/fields-by-name.js";

test("fields of structs lie by name, in all that may hold one; all else stays as it is", () => {
  const inner = struct([field("z", INT), field("Z", STRING), field("a", decimal(5, 2))]);
  const sorted = struct([field("Z", STRING), field("a", decimal(5, 2)), field("z", INT)]);
  const around = (type: typeof inner) => [array(array(type)), set(type), map(type), choice([INT, type]), type];
  const fields = (all: readonly ReturnType<typeof around>[number][]) => all.map((type, i) => field(`f${i}`, type));
  const type = {
    ...struct([...fields(around(inner)).reverse(), field("e", enumOf(["b", "a"])), field("0", UNKNOWN)]),
    properties: { p: 1 },
  };
  expect(fieldsByName(type)).toEqual({
    ...struct([field("0", UNKNOWN), field("e", enumOf(["b", "a"])), ...fields(around(sorted))]),
    properties: { p: 1 },
  });
  expect(fieldsByName(struct([{ ...field("a", INT), properties: { comment: "x" } }])).fields[0]?.properties).toEqual({
    comment: "x",
  });
});
