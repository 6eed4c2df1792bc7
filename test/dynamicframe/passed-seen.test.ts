/**
 * What a row group's footer tells of a field that passed as a whole is not looked for in its values; of a part of it,
 * it is.
 */
import { passedSeen } from "../../src/dynamicframe/output/passed-seen.js";
import { placeOf, type Place } from "../../src/dynamicframe/output/place.js";
import { typeOf } from "../../src/dynamicframe/output/place-vectors.js";
import { INT, STRING, array, choice, structOf, type DataType } from "../../src/types/data-type.js";
import type { StoredChunk, StoredField } from "../../src/types/stored-rows.js";
import { LazyChoice, PRESENT, type Vector } from "../../src/types/vector.js";

const MIXED = choice([INT, STRING]);
const chunk = (nulls: number | undefined): StoredChunk => ({
  file: "f",
  path: ["m"],
  physical: 1,
  codec: 0,
  encodings: [0],
  values: 100,
  start: 4,
  page: 4,
  bytes: 10,
  unpacked: 10,
  nulls,
});
const stored = (...nulls: (number | undefined)[]): StoredField => ({
  kind: "file",
  name: "m",
  elements: [],
  chunks: nulls.map(chunk),
});

/** Fifty rows, all integers but the last; how often somebody looked is counted. */
function fifty(looks: { count: number }, last: number): Vector {
  return new LazyChoice(
    () => {
      looks.count++;
      return new Uint8Array(50).fill(PRESENT, 0, 49).fill(last, 49);
    },
    () => [
      { kind: "plain", values: new Array<number>(50).fill(1) },
      { kind: "plain", values: new Array<string>(50).fill("t") },
    ],
  );
}
const rows = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i);
const fieldType = (root: Place): DataType | undefined => {
  const type = typeOf(root);
  return type.kind === "struct" ? type.fields[0]?.type : undefined;
};

function pass(
  fields: readonly {
    readonly count: number;
    readonly group: { readonly rows: number };
    readonly stored: StoredField | undefined;
    readonly last?: number;
  }[],
): { readonly type: DataType | undefined; readonly looks: number } {
  const root = placeOf(structOf({ m: MIXED }), undefined);
  const seen = passedSeen("m", MIXED);
  const looks = { count: 0 };
  for (const { count, group, stored: field, last = PRESENT + 1 } of fields)
    seen.add(root, fifty(looks, last), rows(count), group, field);
  seen.settle(root);
  return { type: fieldType(root), looks: looks.count };
}

test("a whole row group whose columns all have values is not looked at", () => {
  const group = { rows: 100 };
  expect(
    pass([
      { count: 50, group, stored: stored(99, 1) },
      { count: 50, group, stored: stored(99, 1) },
    ]),
  ).toEqual({ type: MIXED, looks: 0 });
});

test.each<[string, Parameters<typeof pass>[0], DataType]>([
  ["a record was left out", [{ count: 49, group: { rows: 50 }, stored: stored(10, 10) }], INT],
  ["a group that was not finished", [{ count: 49, group: { rows: 200 }, stored: stored(10, 10) }], INT],
  ["a column of nulls", [{ count: 50, group: { rows: 50 }, stored: stored(0, 100), last: PRESENT }], INT],
  [
    "a column of which the footer does not say",
    [{ count: 50, group: { rows: 50 }, stored: stored(undefined, 1), last: PRESENT }],
    INT,
  ],
  ["a field that is not in a file", [{ count: 50, group: { rows: 50 }, stored: undefined }], MIXED],
  [
    "two groups, each in part",
    [
      { count: 49, group: { rows: 50 }, stored: stored(10, 10) },
      { count: 50, group: { rows: 51 }, stored: stored(10, 10) },
    ],
    MIXED,
  ],
])("%s: its values are looked at", (_, fields, expected) => {
  const { type, looks } = pass(fields);
  expect(type).toEqual(expected);
  expect(looks).toBeGreaterThan(0);
});

test("all of a type is seen at every depth", () => {
  const deep = structOf({ l: array(structOf({ a: choice([INT, array(STRING)]), s: structOf({ x: INT }) })) });
  const root = placeOf(structOf({ m: deep }), undefined);
  passedSeen("m", deep).add(root, { kind: "plain", values: [] }, rows(100), { rows: 100 }, stored(0));
  expect(fieldType(root)).toEqual(deep);
});
