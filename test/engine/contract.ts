/**
 * What every engine must do, with expectations worked out by hand. Call `engineContract` in a test file of the engine.
 * Null and missing fields compare equal: engines without presence give null for both.
 */
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine, EngineSession, WrittenFile } from "../../src/engine/index.js";
import {
  and,
  arm,
  caseWhen,
  cast,
  choiceOf,
  coalesce,
  field,
  filter,
  inputOf,
  isNull,
  limit,
  listMap,
  literal,
  mapValues,
  materialize,
  not,
  nullOf,
  number,
  or,
  present,
  project,
  structOf as packed,
  typeTag,
  union,
  unnest,
  values,
} from "../../src/plan/ir/build.js";
import type { NamedScalar, Relation, ScanRelation, SinkTarget } from "../../src/plan/ir/relation.js";
import type { Scalar } from "../../src/plan/ir/scalar.js";
import { fileStorage } from "../../src/storage/file.js";
import {
  BIGINT,
  BINARY,
  BOOLEAN,
  BYTE,
  DATE,
  DOUBLE,
  FLOAT,
  INT,
  LONG,
  SHORT,
  STRING,
  TIMESTAMP,
  TIMESTAMPNTZ,
  array,
  choice,
  decimal,
  enumOf,
  field as typeField,
  map,
  set,
  struct,
  structOf,
  type DataType,
  type StructType,
} from "../../src/types/data-type.js";
import { ArmValue, DateValue, Decimal, TimestampValue, type Row, type Value } from "../../src/types/value.js";

export type ContractOptions = {
  /** Whether the engine reads the Parquet it writes and runs SQL; the reference engine does neither. */
  readonly parquet: boolean;
  /** How its SQL spells a list and a struct, and the text of the sum of the ints 1 and 2. */
  readonly sql: false | { readonly list: string; readonly struct: string; readonly sum: string };
};

/** Text of a value in which null fields are left out, keys are sorted and kinds of numbers are kept apart. */
export function valueText(value: Value): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof ArmValue) return value.value === null ? "null" : `${value.arm}(${valueText(value.value)})`;
  if (value instanceof Decimal) return `${value}m`;
  if (value instanceof DateValue || value instanceof TimestampValue) return `@${value}`;
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(valueText).join()}]`;
  const entries =
    value instanceof Map
      ? [...(value as ReadonlyMap<string, Value>)]
      : Object.entries(value as Row).filter(([, v]) => valueText(v) !== "null");
  return `${value instanceof Map ? "map" : ""}{${entries
    .map(([k, v]) => `${JSON.stringify(k)}:${valueText(v)}`)
    .sort()
    .join()}}`;
}

const sorted = (rows: readonly Row[]): string[] => rows.map(valueText).sort();
const of = (relation: Relation, name: string): Scalar => field(inputOf(relation), name);
const pick = (relation: Relation, fields: Readonly<Record<string, Scalar>>): Relation =>
  project(
    relation,
    Object.entries(fields).map(([name, value]): NamedScalar => ({ name, value })),
  );
const text = (value: string): Scalar => literal(value, STRING);
const int = (value: number): Scalar => literal(value, INT);
const compare = (op: "=" | "<>" | "<" | "<=" | ">" | ">=", left: Scalar, right: Scalar): Scalar => ({
  kind: "compare",
  op,
  left,
  right,
  type: BOOLEAN,
});
async function* batches(...rows: (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* rows;
}

export function engineContract(engine: Engine, options: ContractOptions): void {
  describe(`engine contract: ${engine.name}`, () => {
    let directory: string;
    let session: EngineSession;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "dynaframe-contract-"));
      session = await engine.open({ storage: fileStorage(), stagingDirectory: join(directory, "staging"), threads: 2 });
    });
    afterAll(async () => {
      await session.close();
      await rm(directory, { recursive: true, force: true });
    });

    const rowsOf = async (relation: Relation): Promise<Row[]> => {
      const rows: Row[] = [];
      for await (const batch of session.rows(relation)) rows.push(...batch);
      return rows;
    };
    /** Compares as multisets, and the count with it. */
    const expectRows = async (relation: Relation, expected: readonly Row[]): Promise<void> => {
      expect(sorted(await rowsOf(relation))).toEqual(sorted(expected));
      expect(await session.count(relation)).toBe(expected.length);
    };
    /** One row whose field `r` is the scalar over the record. */
    const valueOf = async (row: Row, type: StructType, build: (input: Scalar) => Scalar): Promise<Value> => {
      const source = values([row], type);
      const [result] = await rowsOf(pick(source, { r: build(inputOf(source)) }));
      return result?.["r"];
    };

    describe("values", () => {
      const cases: readonly (readonly [string, DataType, readonly Value[]])[] = [
        ["boolean", BOOLEAN, [true, false]],
        ["byte", BYTE, [-128, 127]],
        ["short", SHORT, [-32768, 32767]],
        ["int", INT, [-2147483648, 2147483647, 0]],
        [
          "long",
          LONG,
          [-9223372036854775808n, 9223372036854775807n, 9007199254740991, -9007199254740991, 9007199254740992n, 0],
        ],
        ["float", FLOAT, [0.5, -0, NaN, Infinity, Math.fround(3.4028234663852886e38)]],
        ["double", DOUBLE, [0.1, -0, 5e-324, 1.7976931348623157e308, NaN, Infinity, -Infinity, 1e16]],
        ["decimal", decimal(10, 2), [new Decimal(12345n, 2), new Decimal(-1n, 2), new Decimal(0n, 2)]],
        [
          "decimal(38,0)",
          BIGINT,
          [new Decimal(10n ** 38n - 1n, 0), new Decimal(-(10n ** 38n) + 1n, 0), new Decimal(9223372036854775808n, 0)],
        ],
        ["decimal(38,38)", decimal(38, 38), [new Decimal(10n ** 38n - 1n, 38), new Decimal(1n, 38)]],
        [
          "string",
          STRING,
          ["", " ", "a\u0000b", "\ufeffbom", "'\"\\`", "line\r\nbreak", "😀", "é", "x".repeat(65_536), "null"],
        ],
        ["enum", enumOf(["a", "b"]), ["a"]],
        ["date", DATE, [new DateValue(-719162), new DateValue(2932896), new DateValue(0), new DateValue(-1)]],
        [
          "timestamp",
          TIMESTAMP,
          [-62135596800000000n, 253402300799999999n, 0n, -1n, 1577934245123456n].map((m) => new TimestampValue(m)),
        ],
        [
          "timestampntz",
          TIMESTAMPNTZ,
          [-62135596800000000n, 253402300799999999n, 1n].map((m) => new TimestampValue(m)),
        ],
        ["binary", BINARY, [new Uint8Array(), Uint8Array.of(0, 255, 128, 10), new Uint8Array(5000).fill(7)]],
        ["array", array(INT), [[], [1, null, 3], [null]]],
        ["set", set(STRING), [["a", "b"]]],
        ["array of arrays", array(array(STRING)), [[["a", null], [], null]]],
        [
          "map",
          map(DOUBLE),
          [
            new Map([
              ["a", 1.5],
              ["", null],
              ["Ä 'q\"", 2],
            ]),
            new Map(),
          ],
        ],
        [
          "struct",
          structOf({ a: INT, b: structOf({ c: STRING }) }),
          [
            { a: 1, b: { c: "x" } },
            { a: null, b: null },
            { a: null, b: { c: null } },
          ],
        ],
        ["empty struct", struct(), [{}]],
        [
          "choice",
          choice([INT, STRING, array(INT), structOf({ x: INT }), BIGINT]),
          [
            new ArmValue("int", 1),
            new ArmValue("string", "1"),
            new ArmValue("array", [1, null]),
            new ArmValue("array", []),
            new ArmValue("struct", { x: 3 }),
            new ArmValue("decimal", new Decimal(5n, 0)),
          ],
        ],
        [
          "array of choices",
          array(choice([DOUBLE, STRING])),
          [[new ArmValue("double", 1.5), null, new ArmValue("string", "x")]],
        ],
        ["null type", { kind: "null" }, []],
      ];

      it.each(cases)("%s comes back as it was given, null too", async (_name, type, given) => {
        const rows = [...given, null].map((v, i) => ({ i, v }));
        const source = values(rows, structOf({ i: INT, v: type }));
        await expectRows(source, rows);
        const loaded = await session.load(batches(rows.slice(0, 1), [], rows.slice(1)), source.type);
        await expectRows(loaded, rows);
        await expectRows(loaded, rows);
      });

      it("odd names stay apart: case, empty, quotes, dots, NUL, long, __proto__", async () => {
        const names = [
          "Id",
          "id",
          "ID",
          "",
          "~",
          "a.b",
          'a"b',
          "a'b",
          "a`b",
          "sp ace",
          "new\nline",
          "😀",
          "nul\u0000",
          "select",
          "~r",
          "id~2",
          "x".repeat(65_536),
          "constructor",
          "__proto__",
        ];
        const inner = struct(names.map((name) => typeField(name, INT)));
        const record = Object.fromEntries(names.map((name, i) => [name, i]));
        const type = struct([...inner.fields, typeField("nested", inner)]);
        const row = Object.fromEntries([...Object.entries(record), ["nested", record]]) as Row;
        const [back] = await rowsOf(values([row], type));
        expect(Object.keys(back ?? {})).toEqual(type.fields.map((f) => f.name));
        expect(valueText(back)).toBe(valueText(row));
        const source = values([row], type);
        const reversed = pick(
          source,
          Object.fromEntries([...names].reverse().map((name) => [name, field(of(source, "nested"), name)])),
        );
        const [again] = await rowsOf(reversed);
        expect(valueText(again)).toBe(valueText(record as Row));
      });

      it("records without fields and sources without rows", async () => {
        await expectRows(values([{}, {}], struct()), [{}, {}]);
        await expectRows(values([], structOf({ a: INT })), []);
        await expectRows(pick(values([{ a: 1 }], structOf({ a: INT })), {}), [{}]);
      });

      it("a missing field reads as null", async () => {
        await expectRows(values([{ a: 1 }, {}], structOf({ a: INT })), [{ a: 1 }, { a: null }]);
      });

      it("more rows than one batch", async () => {
        const many = Array.from({ length: 10_000 }, (_, i) => ({
          a: i,
          b: i % 3 === 0 ? null : `t${i}`,
          c: [i, null],
        }));
        const type = structOf({ a: INT, b: STRING, c: array(INT) });
        await expectRows(values(many, type), many);
      });
    });

    describe("scalars", () => {
      const record = structOf({
        a: INT,
        s: STRING,
        p: structOf({ x: INT, y: STRING }),
        l: array(INT),
        c: choice([INT, STRING]),
        m: map(INT),
      });
      const full: Row = {
        a: 1,
        s: "x",
        p: { x: 2, y: "y" },
        l: [1, null, 3],
        c: new ArmValue("string", "q"),
        m: new Map([["k", 4]]),
      };

      it("the record itself, fields of fields, fields of null", async () => {
        expect(valueText(await valueOf(full, record, (input) => input))).toBe(valueText(full));
        expect(await valueOf(full, record, (input) => field(field(input, "p"), "x"))).toBe(2);
        expect((await valueOf({}, record, (input) => field(field(input, "p"), "x"))) ?? null).toBeNull();
      });

      it("literals of every type", async () => {
        const one = async (value: string | number | boolean, type: DataType): Promise<string> =>
          valueText(await valueOf({}, record, () => literal(value, type)));
        expect(await one('it\'s \u0000 "q"', STRING)).toBe(JSON.stringify('it\'s \u0000 "q"'));
        expect(await one("9223372036854775807", LONG)).toBe("9223372036854775807n");
        expect(await one(1.5, DOUBLE)).toBe("1.5");
        expect(await one("12345678901234567890.5", decimal(38, 2))).toBe("12345678901234567890.50m");
        expect(await one("2024-02-29", DATE)).toBe("@2024-02-29");
        expect(await one("2024-02-29 01:02:03.000004", TIMESTAMP)).toBe("@2024-02-29 01:02:03.000004");
        expect(await one("AAH/", BINARY)).toBe("0x0001ff");
        expect(await one(true, BOOLEAN)).toBe("true");
      });

      it("struct, null by nullIf", async () => {
        const build = (input: Scalar): Scalar =>
          packed([{ name: "k", value: field(field(input, "p"), "y") }], isNull(field(input, "p")));
        expect(valueText(await valueOf(full, record, build))).toBe('{"k":"y"}');
        expect(await valueOf({}, record, build)).toBeNull();
        expect(valueText(await valueOf({ p: {} }, record, build))).toBe("{}");
      });

      it("choice: arms, tags, null when all arms are", async () => {
        const mixed = choice([INT, STRING]);
        const build = (input: Scalar): Scalar => choiceOf([{ arm: "int", value: field(input, "a") }], mixed);
        expect(valueText(await valueOf({ a: 5 }, record, build))).toBe("int(5)");
        expect(await valueOf({}, record, build)).toBeNull();
        expect(await valueOf({}, record, (input) => isNull(build(input)))).toBe(true);
        const c = (input: Scalar): Scalar => field(input, "c");
        expect(await valueOf(full, record, (input) => arm(c(input), "string"))).toBe("q");
        expect(await valueOf(full, record, (input) => arm(c(input), "int"))).toBeNull();
        expect(await valueOf(full, record, (input) => typeTag(c(input)))).toBe("string");
        expect(await valueOf({}, record, (input) => typeTag(c(input)))).toBe("null");
        expect(await valueOf(full, record, (input) => typeTag(field(input, "p")))).toBe("struct");
        expect(await valueOf({}, record, (input) => typeTag(field(input, "a")))).toBe("null");
      });

      it("present", async () => {
        expect(await valueOf(full, record, (input) => present(input, "a"))).toBe(true);
        expect(await valueOf({}, record, (input) => present(input, "a"))).toBe(false);
        expect(await valueOf({}, record, (input) => present(field(input, "p"), "x"))).toBe(false);
        expect(await valueOf(full, record, (input) => present(field(input, "p"), "y"))).toBe(true);
      });

      it("coalesce and case, on structs and choices too", async () => {
        expect(await valueOf({ s: "z" }, record, (input) => coalesce([nullOf(STRING), field(input, "s")]))).toBe("z");
        expect(
          valueText(
            await valueOf({}, record, (input) =>
              coalesce([field(input, "c"), choiceOf([{ arm: "int", value: int(3) }], choice([INT, STRING]))]),
            ),
          ),
        ).toBe("int(3)");
        const when = (value: boolean | null): Scalar => literal(value, BOOLEAN);
        expect(await valueOf({}, record, () => caseWhen(when(null), text("a"), text("b")))).toBe("b");
        expect(await valueOf({}, record, () => caseWhen(when(true), text("a"), text("b")))).toBe("a");
        expect(
          valueText(
            await valueOf(full, record, (input) =>
              caseWhen(when(true), field(input, "p"), nullOf(record.fields[2]?.type)),
            ),
          ),
        ).toBe('{"x":2,"y":"y"}');
      });

      it("comparisons: code points, booleans, decimals, null", async () => {
        const is = (op: Parameters<typeof compare>[0], left: Scalar, right: Scalar): Promise<Value> =>
          valueOf({}, record, () => compare(op, left, right));
        expect(await is("<", text("\uffff"), text("😀"))).toBe(true);
        expect(await is("<", text("Z"), text("a"))).toBe(true);
        expect(await is("=", text("a"), text("A"))).toBe(false);
        expect(await is("<", literal(false, BOOLEAN), literal(true, BOOLEAN))).toBe(true);
        expect(await is(">=", literal("9223372036854775807", LONG), literal("9223372036854775806", LONG))).toBe(true);
        expect(await is("=", literal("1.10", decimal(5, 2)), literal("1.1", decimal(5, 2)))).toBe(true);
        expect(await is("<>", int(1), int(2))).toBe(true);
        expect((await is("=", int(1), nullOf(INT))) ?? null).toBeNull();
      });

      it("three-valued logic", async () => {
        const [yes, no, unknown] = [literal(true, BOOLEAN), literal(false, BOOLEAN), nullOf(BOOLEAN)];
        const is = async (scalar: Scalar): Promise<Value> => (await valueOf({}, record, () => scalar)) ?? null;
        expect([
          await is(and([yes, unknown])),
          await is(and([no, unknown])),
          await is(or([yes, unknown])),
          await is(or([no, unknown])),
          await is(not(unknown)),
          await is(not(no)),
          await is(isNull(unknown)),
        ]).toEqual([null, false, true, null, null, true, true]);
      });

      it("in and like", async () => {
        const member =
          (values: readonly (string | null)[]) =>
          (input: Scalar): Scalar => ({
            kind: "in",
            of: field(input, "s"),
            values: values.map((v) => literal(v, STRING)),
            type: BOOLEAN,
          });
        expect(await valueOf({ s: "b" }, record, member(["a", "b"]))).toBe(true);
        expect(await valueOf({ s: "c" }, record, member(["a", "b"]))).toBe(false);
        expect((await valueOf({ s: "c" }, record, member(["a", null]))) ?? null).toBeNull();
        expect(await valueOf({ s: "c" }, record, member([]))).toBe(false);
        const like =
          (pattern: string) =>
          (input: Scalar): Scalar => ({ kind: "like", of: field(input, "s"), pattern, type: BOOLEAN });
        expect(await valueOf({ s: "a\nb" }, record, like("a%b"))).toBe(true);
        expect(await valueOf({ s: "a😀b" }, record, like("a_b"))).toBe(true);
        expect(await valueOf({ s: "axxb" }, record, like("a_b"))).toBe(false);
        expect(await valueOf({ s: "a\\b.c*" }, record, like("a\\b.c*"))).toBe(true);
      });

      it("maps over lists and maps, nested, with null lists and elements", async () => {
        const bump = (e: Scalar): Scalar => coalesce([cast(e, STRING, "l"), text("none")]);
        expect(valueText(await valueOf(full, record, (input) => listMap(field(input, "l"), "e", bump)))).toBe(
          '["1","none","3"]',
        );
        expect((await valueOf({}, record, (input) => listMap(field(input, "l"), "e", bump))) ?? null).toBeNull();
        const deep = structOf({ k: INT, ll: array(array(INT)) });
        const build = (input: Scalar): Scalar =>
          listMap(field(input, "ll"), "a", (a) =>
            listMap(a, "b", (b) =>
              packed([
                { name: "k", value: field(input, "k") },
                { name: "n", value: listMap(a, "c", (c) => compare("=", b, c)) },
              ]),
            ),
          );
        expect(valueText(await valueOf({ k: 9, ll: [[1, 2], []] }, deep, build))).toBe(
          '[[{"k":9,"n":[true,false]},{"k":9,"n":[false,true]}],[]]',
        );
        expect(
          valueText(
            await valueOf(full, record, (input) => mapValues(field(input, "m"), "v", (v) => cast(v, STRING, "m"))),
          ),
        ).toBe('map{"k":"4"}');
        expect(
          (await valueOf({}, record, (input) => mapValues(field(input, "m"), "v", (v) => cast(v, STRING, "m"))))
            ?? null,
        ).toBeNull();
      });

      it("hash: the first 63 bits of MD5, as any tool computes them", async () => {
        // printf 'x\x1f1' | md5sum and printf '\0' | md5sum, halved
        const hash = (...parts: Scalar[]): Scalar => ({ kind: "hash", values: parts, type: LONG });
        const { createHash } = await import("node:crypto");
        const expected = (bytes: string): string =>
          String(createHash("md5").update(bytes).digest().readBigUInt64BE(0) >> 1n);
        expect(String(await valueOf({}, record, () => hash(text("x"), int(1))))).toBe(expected("x\u001f1"));
        expect(String(await valueOf({}, record, () => hash(nullOf(STRING))))).toBe(expected("\u0000"));
        expect(String(await valueOf({}, record, () => hash()))).toBe(String(0xd41d8cd98f00b204n >> 1n));
      });
    });

    describe("casts", () => {
      const source = values(
        [
          { i: 1, v: "12" },
          { i: 2, v: "1.7" },
          { i: 3, v: "0x10" },
          { i: 4, v: null },
          { i: 5, v: "yes" },
        ],
        structOf({ i: INT, v: STRING }),
      );

      it("follow the matrix: a few rows of it", async () => {
        const ints = pick(source, { i: of(source, "i"), v: cast(of(source, "v"), INT, "v") });
        await expectRows(ints, [{ i: 1, v: 12 }, { i: 2, v: 1 }, { i: 3 }, { i: 4 }, { i: 5 }]);
        const doubles = values([{ v: 1e10 }, { v: 2.5 }, { v: 0.00001 }], structOf({ v: DOUBLE }));
        await expectRows(pick(doubles, { v: cast(of(doubles, "v"), STRING, "v") }), [
          { v: "1.0E10" },
          { v: "2.5" },
          { v: "1.0E-5" },
        ]);
        await expectRows(pick(doubles, { v: cast(of(doubles, "v"), INT, "v") }), [{ v: null }, { v: 2 }, { v: 0 }]);
      });

      it("count what they null, by path", async () => {
        const plan = pick(source, {
          a: cast(of(source, "v"), INT, "v"),
          b: cast(of(source, "v"), BOOLEAN, "w"),
          c: cast(of(source, "i"), LONG, "i"),
        });
        expect([...(await session.nulledCasts(plan))].sort()).toEqual([
          ["v", 2],
          ["w", 3],
        ]);
        expect([...(await session.nulledCasts(source))]).toEqual([]);
      });

      it("count inside lists, below filters and under materialize", async () => {
        const lists = values([{ l: ["1", "x", null] }, { l: null }, { l: ["y", "z"] }], structOf({ l: array(STRING) }));
        const mapped = pick(lists, { l: listMap(of(lists, "l"), "e", (e) => cast(e, INT, "l[]")) });
        expect([...(await session.nulledCasts(mapped))]).toEqual([["l[]", 3]]);
        const kept = filter(materialize(mapped, "contract-nulled"), not(isNull(field(inputOf(mapped), "l"))), "filter");
        expect([...(await session.nulledCasts(kept))]).toEqual([["l[]", 3]]);
      });

      it("count only what is evaluated", async () => {
        const plan = pick(source, {
          a: coalesce([cast(of(source, "v"), INT, "first"), cast(of(source, "v"), DOUBLE, "second")]) as Scalar,
        });
        // "0x10" and "yes" fail as int; then both fail as double
        expect([...(await session.nulledCasts(plan))].sort()).toEqual([
          ["first", 2],
          ["second", 2],
        ]);
      });

      it("count a value once that is used at several places, under conditions or not", async () => {
        const texts = values(
          ["x", "2", "y", "z"].map((v, at) => ({ i: at + 1, v, l: [v, "?"] })),
          structOf({ i: INT, v: STRING, l: array(STRING) }),
        );
        const whole = cast(of(texts, "v"), INT, "v");
        const where = (op: "<" | "<=" | ">=", i: number): Scalar =>
          caseWhen(compare(op, of(texts, "i"), int(i)), whole, nullOf(INT));
        const record = packed(
          [
            { name: "i", value: of(texts, "i") },
            { name: "n", value: whole },
          ],
          isNull(whole),
        );
        const counted = async (fields: Readonly<Record<string, Scalar>>): Promise<unknown> => [
          ...(await session.nulledCasts(pick(texts, fields))),
        ];
        expect(await counted({ a: whole, b: whole })).toEqual([["v", 3]]);
        expect(await counted({ a: where("<=", 3), b: where(">=", 3) })).toEqual([["v", 3]]);
        expect(await counted({ a: where("<", 3), b: where("<=", 1) })).toEqual([["v", 1]]);
        expect(await counted({ a: where("<", 3), b: record, c: field(record, "n") })).toEqual([["v", 3]]);
        const numbers = listMap(of(texts, "l"), "e", (e) => packed([{ name: "n", value: cast(e, INT, "l[]") }]));
        expect(await counted({ a: numbers, b: numbers })).toEqual([["l[]", 7]]);
      });

      it("count a step once that several read", async () => {
        const step = pick(source, { v: cast(of(source, "v"), INT, "v") });
        expect([
          ...(await session.nulledCasts(union([step, step, filter(step, isNull(of(step, "v")), "filter")]))),
        ]).toEqual([["v", 2]]);
      });

      it("match: a value of another type is null and counted", async () => {
        const plan = pick(source, {
          a: cast(of(source, "i"), STRING, "i", "match"),
          b: cast(of(source, "i"), INT, "j", "match"),
        });
        await expectRows(
          plan,
          [1, 2, 3, 4, 5].map((b) => ({ b })),
        );
        expect([...(await session.nulledCasts(plan))]).toEqual([["i", 5]]);
      });

      it("fail the query when told to, with the path and the value", async () => {
        const strict = pick(source, {
          v: { kind: "cast", of: of(source, "v"), type: INT, onError: "fail", path: "v" },
        });
        const good = filter(source, compare("<=", of(source, "i"), int(2)), "filter");
        await expect(rowsOf(strict)).rejects.toMatchObject({ code: "CAST_FAILED", path: "v", expected: "int" });
        await expectRows(
          pick(good, { v: { kind: "cast", of: of(good, "v"), type: INT, onError: "fail", path: "v" } }),
          [{ v: 12 }, { v: 1 }],
        );
      });
    });

    describe("relations", () => {
      const people = values(
        [
          { id: 1, n: "a", g: "x" },
          { id: 2, n: "b", g: "y" },
          { id: 3, n: null, g: "x" },
          { id: null, n: "d", g: null },
        ],
        structOf({ id: INT, n: STRING, g: STRING }),
      );

      it("filter keeps what is true, not what is unknown", async () => {
        await expectRows(filter(people, compare(">", of(people, "id"), int(1)), "filter"), [
          { id: 2, n: "b", g: "y" },
          { id: 3, g: "x" },
        ]);
      });

      it("unnest: index, null elements, nothing for null and empty lists", async () => {
        const lists = values(
          [
            { k: 1, l: ["a", null] },
            { k: 2, l: [] },
            { k: 3, l: null },
            { k: 4, l: ["b"] },
          ],
          structOf({ k: INT, l: array(STRING) }),
        );
        await expectRows(unnest(lists, of(lists, "l"), ["k"], "pos", "v"), [
          { k: 1, pos: 0, v: "a" },
          { k: 1, pos: 1, v: null },
          { k: 4, pos: 0, v: "b" },
        ]);
        const records = values([{ l: [{ x: 1 }, null, {}] }], structOf({ l: array(structOf({ x: INT })) }));
        const opened = unnest(records, of(records, "l"), [], "i", "e");
        expect(sorted(await rowsOf(opened))).toEqual(['{"e":{"x":1},"i":0}', '{"e":{},"i":2}', '{"i":1}']);
        const choices = values(
          [{ l: [new ArmValue("int", 1), new ArmValue("string", "s")] }],
          structOf({ l: array(choice([INT, STRING])) }),
        );
        await expectRows(unnest(choices, of(choices, "l"), ["l"], "i", "e"), [
          { l: [new ArmValue("int", 1), new ArmValue("string", "s")], i: 0, e: new ArmValue("int", 1) },
          { l: [new ArmValue("int", 1), new ArmValue("string", "s")], i: 1, e: new ArmValue("string", "s") },
        ]);
      });

      it("joins: null equals nothing", async () => {
        const right = values(
          [
            { id: 1, v: 10 },
            { id: 1, v: 11 },
            { id: null, v: 12 },
            { id: 4, v: 13 },
          ],
          structOf({ id: INT, v: INT }),
        );
        const join = (how: "inner" | "left" | "semi" | "anti"): Relation => ({
          kind: "join",
          how,
          left: people,
          right,
          leftKeys: [of(people, "id")],
          rightKeys: [of(right, "id")],
          type:
            how === "semi" || how === "anti"
              ? structOf({ left: people.type })
              : structOf({ left: people.type, right: right.type }),
        });
        const [a, b, c, d] = [{ id: 1, n: "a", g: "x" }, { id: 2, n: "b", g: "y" }, { id: 3, g: "x" }, { n: "d" }];
        await expectRows(join("inner"), [
          { left: a, right: { id: 1, v: 10 } },
          { left: a, right: { id: 1, v: 11 } },
        ]);
        await expectRows(join("left"), [
          { left: a, right: { id: 1, v: 10 } },
          { left: a, right: { id: 1, v: 11 } },
          { left: b, right: null },
          { left: c, right: null },
          { left: d, right: null },
        ]);
        await expectRows(join("semi"), [{ left: a }]);
        await expectRows(join("anti"), [{ left: b }, { left: c }, { left: d }]);
      });

      it("aggregates by key, nulls grouped; over all without keys, even of nothing", async () => {
        const aggregate = (input: Relation, keyed: boolean): Relation => ({
          kind: "aggregate",
          input,
          keys: keyed ? [{ name: "g", value: of(input, "g") }] : [],
          aggregates: [
            { name: "rows", fn: "count" },
            { name: "ids", fn: "count", of: of(input, "id") },
            { name: "big", fn: "count-true", of: compare(">", of(input, "id"), int(1)) },
            { name: "low", fn: "min", of: of(input, "n") },
            { name: "high", fn: "max", of: of(input, "id") },
            { name: "total", fn: "sum", of: of(input, "id") },
          ],
          type: structOf({
            ...(keyed ? { g: STRING } : {}),
            rows: LONG,
            ids: LONG,
            big: LONG,
            low: STRING,
            high: INT,
            total: LONG,
          }),
        });
        await expectRows(aggregate(people, true), [
          { g: "x", rows: 2, ids: 2, big: 1, low: "a", high: 3, total: 4 },
          { g: "y", rows: 1, ids: 1, big: 1, low: "b", high: 2, total: 2 },
          { rows: 1, ids: 0, big: 0, low: "d" },
        ]);
        await expectRows(aggregate(people, false), [{ rows: 4, ids: 3, big: 2, low: "a", high: 3, total: 6 }]);
        await expectRows(aggregate(filter(people, literal(false, BOOLEAN), "filter"), false), [
          { rows: 0, ids: 0, big: 0 },
        ]);
      });

      it("sort orders the rows, nulls last both ways, and limit takes the first of them", async () => {
        const sort = (descending: boolean): Relation => ({
          kind: "sort",
          input: people,
          by: [{ value: of(people, "id"), descending }],
          type: people.type,
        });
        const ids = async (relation: Relation): Promise<Value[]> =>
          (await rowsOf(relation)).map((row) => row["id"] ?? null);
        expect(await ids(sort(false))).toEqual([1, 2, 3, null]);
        expect(await ids(sort(true))).toEqual([3, 2, 1, null]);
        expect(await ids(limit(sort(true), 2))).toEqual([3, 2]);
        expect(await session.count(limit(people, 0))).toBe(0);
        const many = values(
          Array.from({ length: 9000 }, (_, i) => ({ id: (i * 7919) % 9000 })),
          structOf({ id: INT }),
        );
        const ordered: Relation = {
          kind: "sort",
          input: many,
          by: [{ value: of(many, "id"), descending: false }],
          type: many.type,
        };
        expect(await ids(ordered)).toEqual(Array.from({ length: 9000 }, (_, i) => i));
      });

      it("union keeps duplicates, distinct removes them", async () => {
        const twice = union([people, people]);
        expect(await session.count(twice)).toBe(8);
        await expectRows({ kind: "distinct", input: twice, type: twice.type }, await rowsOf(people));
        const mixed = choice([INT, STRING]);
        const tagged = values(
          [
            { c: new ArmValue("int", 1) },
            { c: new ArmValue("string", "1") },
            { c: new ArmValue("int", 1) },
            { c: null },
          ],
          structOf({ c: mixed }),
        );
        await expectRows({ kind: "distinct", input: tagged, type: tagged.type }, [
          { c: new ArmValue("int", 1) },
          { c: new ArmValue("string", "1") },
          { c: null },
        ]);
      });

      it("numbers are unique from the start, and the same for all readers of one materialize", async () => {
        const stored = materialize(number(people, "no", 5), "contract-numbered");
        const first = await rowsOf(stored);
        expect(first.map((row) => Number(row["no"])).sort()).toEqual([5, 6, 7, 8]);
        expect(sorted(await rowsOf(stored))).toEqual(sorted(first));
        const self = pick(
          {
            kind: "join",
            how: "inner",
            left: stored,
            right: stored,
            leftKeys: [of(stored, "no")],
            rightKeys: [of(stored, "no")],
            type: structOf({ left: stored.type, right: stored.type }),
          },
          {
            l: field(field({ kind: "input", type: structOf({ left: stored.type, right: stored.type }) }, "left"), "id"),
            r: field(
              field({ kind: "input", type: structOf({ left: stored.type, right: stored.type }) }, "right"),
              "id",
            ),
          },
        );
        expect((await rowsOf(self)).every((row) => (row["l"] ?? null) === (row["r"] ?? null))).toBe(true);
      });

      it("materialize() returns a relation with the same rows; repartition changes none", async () => {
        await expectRows(await session.materialize(people), await rowsOf(people));
        await expectRows(
          { kind: "repartition", input: people, partitions: 4, shuffle: true, type: people.type },
          await rowsOf(people),
        );
      });
    });

    describe("scan", () => {
      const scanOf = async (
        name: string,
        content: string,
        more: Pick<ScanRelation, "format" | "options" | "type">,
        partition?: { keys: readonly string[]; values: readonly (string | null)[] },
      ): Promise<ScanRelation> => {
        const path = join(directory, name);
        await writeFile(path, content);
        const ref = await fileStorage().stat(path);
        if (!ref) throw new Error("no file");
        return {
          kind: "scan",
          id: `scan-${name}`,
          files: [partition ? { ...ref, partition: partition.values } : ref],
          partitionKeys: partition?.keys ?? [],
          ...more,
        };
      };

      it("reads JSON into exact types and arms, and a projection of them", async () => {
        const type = structOf({
          id: choice([INT, STRING]),
          n: LONG,
          items: array(structOf({ q: choice([DOUBLE, INT]) })),
        });
        const scan = await scanOf(
          "a.json",
          '{"id":1,"n":9007199254740993,"items":[{"q":1},{"q":1.5},null]}\n{"id":"x","items":[]}\nnot json\n{"n":null}\n',
          { format: "json", options: {}, type },
        );
        await expectRows(scan, [
          {
            id: new ArmValue("int", 1),
            n: 9007199254740993n,
            items: [{ q: new ArmValue("int", 1) }, { q: new ArmValue("double", 1.5) }, null],
          },
          { id: new ArmValue("string", "x"), items: [] },
          {},
        ]);
        const narrow: ScanRelation = { ...scan, type: structOf({ n: LONG }) };
        await expectRows(narrow, [{ n: 9007199254740993n }, {}, {}]);
      });

      it("reads CSV with a header as strings", async () => {
        const scan = await scanOf("b.csv", 'a,b\n1,"x,y"\n2,\n', {
          format: "csv",
          options: { withHeader: true },
          type: structOf({ a: STRING, b: STRING }),
        });
        expect((await rowsOf(scan)).map((row) => row["a"]).sort()).toEqual(["1", "2"]);
        expect((await rowsOf(scan)).find((row) => row["a"] === "1")?.["b"]).toBe("x,y");
      });

      it("appends typed partition values, null ones too", async () => {
        const one = await scanOf(
          "p1.json",
          '{"a":1}\n{"a":2}\n',
          { format: "json", options: {}, type: structOf({ a: INT, year: INT, name: STRING }) },
          { keys: ["year", "name"], values: ["2024", "x y"] },
        );
        const two = await scanOf(
          "p2.json",
          '{"a":3}\n',
          { format: "json", options: {}, type: one.type },
          { keys: ["year", "name"], values: [null, "z"] },
        );
        await expectRows({ ...one, id: "scan-p", files: [...one.files, ...two.files] }, [
          { a: 1, year: 2024, name: "x y" },
          { a: 2, year: 2024, name: "x y" },
          { a: 3, name: "z" },
        ]);
      });

      it("tells null from missing where records are read as they are: selected, renamed, limited, with partition values", async () => {
        const type = structOf({
          a: INT,
          s: structOf({ x: INT, y: array(structOf({ z: STRING })) }),
          c: choice([INT, STRING]),
          year: INT,
        });
        const lines = [
          '{"a":null,"c":"1"}',
          '{"s":{"x":null,"y":[null,{},{"z":null}]},"c":1}',
          '{"s":{},"c":null}',
          '{"a":1,"s":null}',
        ];
        const scan = await scanOf(
          "null.json",
          `${lines.join("\n")}\n`,
          { format: "json", options: {}, type },
          { keys: ["year"], values: ["2024"] },
        );
        const [one, two] = [new ArmValue("int", 1), new ArmValue("string", "1")];
        expect(await rowsOf(scan)).toStrictEqual([
          { a: null, c: two, year: 2024 },
          { s: { x: null, y: [null, {}, { z: null }] }, c: one, year: 2024 },
          { s: {}, c: null, year: 2024 },
          { a: 1, s: null, year: 2024 },
        ]);
        const selected = pick(scan, {
          "x.y": of(scan, "s"),
          year: of(scan, "year"),
          again: of(scan, "s"),
          __proto__x: of(scan, "a"),
        });
        expect(await rowsOf(selected)).toStrictEqual([
          { year: 2024, __proto__x: null },
          {
            "x.y": { x: null, y: [null, {}, { z: null }] },
            year: 2024,
            again: { x: null, y: [null, {}, { z: null }] },
          },
          { "x.y": {}, year: 2024, again: {} },
          { "x.y": null, year: 2024, again: null, __proto__x: 1 },
        ]);
        const renamed = pick(selected, { only: of(selected, "again") });
        expect(await rowsOf(limit(renamed, 3))).toStrictEqual([
          {},
          { only: { x: null, y: [null, {}, { z: null }] } },
          { only: {} },
        ]);
        const first = limit(scan, 2);
        expect(await rowsOf(pick(first, { y: of(first, "year") }))).toStrictEqual([{ y: 2024 }, { y: 2024 }]);
        expect(await rowsOf(limit(scan, 0))).toEqual([]);
        expect(await session.count(scan)).toBe(4);
      });

      it("tells empty cells of CSV from missing ones", async () => {
        const type = structOf({ a: INT, b: STRING, c: DOUBLE });
        const scan = await scanOf("null.csv", "a,b,c\n1\n,,\n2,x\n3,,7\n", {
          format: "csv",
          options: { withHeader: true },
          type,
        });
        expect(await rowsOf(scan)).toStrictEqual([
          { a: 1 },
          { a: null, b: "", c: null },
          { a: 2, b: "x" },
          { a: 3, b: "", c: 7 },
        ]);
        expect(
          await rowsOf({ ...scan, id: "scan-inferred", options: { withHeader: true, inferTypes: true } }),
        ).toStrictEqual([{ a: 1 }, { a: null, b: null, c: null }, { a: 2, b: "x" }, { a: 3, b: null, c: 7 }]);
      });

      it("counts values that no arm of a narrower type holds, by path, once however often they are read", async () => {
        const type = structOf({
          a: INT,
          s: STRING,
          l: array(INT),
          c: choice([INT, STRING]),
          d: decimal(5, 2),
          b: BYTE,
          o: structOf({ p: LONG }),
        });
        const scan = await scanOf(
          "narrow.json",
          '{"a":1.5,"s":{},"l":[1,"x",2.5,null],"c":2.50,"d":1.25,"b":127,"o":{"p":1e3}}\n{"a":3000000000,"s":-0,"l":5,"c":true,"d":1.255,"b":128,"o":[]}\n{"a":null,"z":1}\n',
          { format: "json", options: {}, type },
        );
        const expected = [
          ["a", 2],
          ["b", 1],
          ["c", 1],
          ["d", 1],
          ["l", 1],
          ["l[]", 2],
          ["o", 1],
          ["o.p", 1],
          ["s", 1],
        ];
        expect([...(await session.nulledCasts(scan))].sort()).toEqual(expected);
        expect(
          [...(await session.nulledCasts(union([scan, filter(scan, isNull(of(scan, "a")), "filter")])))].sort(),
        ).toEqual(expected);
        const stored = await session.materialize(
          pick(scan, { a: of(scan, "a"), cast: cast(of(scan, "s"), INT, "cast") }),
        );
        if (stored.kind === "materialize") expect([...(await session.nulledCasts(stored))].sort()).toEqual(expected);
        const rows = [
          {
            a: null,
            s: null,
            l: [1, null, null, null],
            c: new ArmValue("string", "2.50"),
            d: new Decimal(125n, 2),
            b: 127,
            o: { p: null },
          },
          { a: null, s: "-0", l: null, c: null, d: null, b: null, o: null },
          { a: null },
        ];
        expect(await rowsOf(scan)).toStrictEqual(rows);
        await expectRows(filter(scan, not(literal(false, BOOLEAN)), "filter"), rows);
        expect([...(await session.nulledCasts({ ...scan, type: structOf({ l: array(DOUBLE) }) }))].sort()).toEqual([
          ["l", 1],
          ["l[]", 1],
        ]);
      });

      it("reads a date as a timestamp at midnight where a column of CSV is one, as the cast does, and counts the rest", async () => {
        const scan = await scanOf(
          "times.csv",
          "2024-02-29,2024-02-29\n2024-02-29 01:02:03,no\n2023-02-29,\n,2024-02-30\n",
          {
            format: "csv",
            options: { columns: ["t", "c"], inferTypes: true },
            type: structOf({ t: TIMESTAMP, c: choice([STRING, TIMESTAMP]) }),
          },
        );
        const midnight = new TimestampValue(BigInt(Date.UTC(2024, 1, 29)) * 1000n);
        expect(await rowsOf(scan)).toStrictEqual([
          { t: midnight, c: new ArmValue("timestamp", midnight) },
          { t: new TimestampValue(midnight.micros + 3_723_000_000n), c: new ArmValue("string", "no") },
          { t: null, c: null },
          { t: null, c: new ArmValue("string", "2024-02-30") },
        ]);
        expect([...(await session.nulledCasts(scan))]).toEqual([["t", 1]]);
        const texts = values([{ v: "2024-02-29" }], structOf({ v: STRING }));
        await expectRows(pick(texts, { t: cast(of(texts, "v"), TIMESTAMP, "v") }), [{ t: midnight }]);
      });
    });

    describe("write", () => {
      const source = values(
        [
          { y: 2024, m: "a/b", v: 1.5, s: 'q"x,\n' },
          { y: 2024, m: "a/b", v: null, s: "" },
          { y: null, m: "ü =%", v: 2, s: null },
          { y: 2025, m: "", v: 1e21, s: "é" },
        ],
        structOf({ y: INT, m: STRING, v: DOUBLE, s: STRING }),
      );
      let n = 0;
      const write = async (
        relation: Relation,
        target: Omit<SinkTarget, "directory" | "options"> & { options?: SinkTarget["options"] },
      ): Promise<{ files: readonly WrittenFile[]; directory: string }> => {
        const into = join(directory, `out-${++n}`);
        return { files: await session.write(relation, { options: {}, ...target, directory: into }), directory: into };
      };
      const lines = async (files: readonly WrittenFile[]): Promise<string[]> =>
        (await Promise.all(files.map(({ localFile }) => readFile(localFile, "utf8"))))
          .flatMap((content) => content.split("\n").filter(Boolean))
          .sort();

      it("JSON: a line per record, null fields left out, choices plain, decimals exact, odd names", async () => {
        const rows = [
          {
            'a"b': 1,
            Id: 1,
            id: 2,
            d: new Decimal(12345678901234567890n, 1),
            c: new ArmValue("string", "7"),
            l: [1, null],
            t: new TimestampValue(1577934245123456n),
            e: {},
            f: 1,
            "": true,
          },
          { c: new ArmValue("int", 7) },
        ];
        const type = struct([
          typeField('a"b', INT),
          typeField("Id", INT),
          typeField("id", INT),
          typeField("d", decimal(20, 1)),
          typeField("c", choice([INT, STRING])),
          typeField("l", array(INT)),
          typeField("t", TIMESTAMP),
          typeField("e", struct()),
          typeField("f", DOUBLE),
          typeField("", BOOLEAN),
        ]);
        const { files } = await write(values(rows, type), { format: "json", partitionKeys: [] });
        expect(files.reduce((sum, file) => sum + file.rows, 0)).toBe(2);
        expect(await lines(files)).toEqual(
          [
            '{"a\\"b":1,"Id":1,"id":2,"d":1234567890123456789.0,"c":"7","l":[1,null],"t":"2020-01-02 03:04:05.123456","e":{},"f":1.0,"":true}',
            '{"c":7}',
          ].sort(),
        );
      });

      it("CSV: header, quotes where needed, null apart from the empty string", async () => {
        const { files } = await write(
          values(
            [
              { a: 1, s: 'q"x,y' },
              { a: null, s: "" },
              { a: 2, s: null },
            ],
            structOf({ a: INT, s: STRING }),
          ),
          { format: "csv", partitionKeys: [] },
        );
        const headers = files.map(() => "a,s");
        expect(await lines(files)).toEqual([...headers, '1,"q""x,y"', ',""', "2,"].sort());
        expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(3);
      });

      it("CSV refuses choices and nested values, naming the path", async () => {
        const target = { format: "csv" as const, partitionKeys: [] };
        await expect(write(values([], structOf({ a: choice([INT, STRING]) })), target)).rejects.toMatchObject({
          code: "UNRESOLVED_CHOICE",
          path: "a",
        });
        await expect(
          write(values([], structOf({ a: array(structOf({ b: choice([INT, STRING]) })) })), target),
        ).rejects.toMatchObject({ code: "UNRESOLVED_CHOICE", path: "a[].b" });
        await expect(write(values([], structOf({ a: array(INT) })), target)).rejects.toHaveProperty("path", "a");
      });

      it("partitions: Hive's folders, values given, keys not in the files", async () => {
        const { files } = await write(source, { format: "json", partitionKeys: ["y", "m"] });
        const found = files
          .map(({ folder, partition, rows }) => ({ folder, partition, rows }))
          .sort((a, b) => (a.folder < b.folder ? -1 : 1));
        expect(found).toEqual([
          { folder: "y=2024/m=a%2Fb", partition: ["2024", "a/b"], rows: 2 },
          { folder: "y=2025/m=__HIVE_DEFAULT_PARTITION__", partition: ["2025", null], rows: 1 },
          { folder: "y=__HIVE_DEFAULT_PARTITION__/m=ü %3D%25", partition: [null, "ü =%"], rows: 1 },
        ]);
        expect((await lines(files)).every((line) => !line.includes('"y"') && !line.includes('"m"'))).toBe(true);
        expect((await lines(files)).length).toBe(4);
      });

      it("refuses to partition by a field that is not there", async () => {
        await expect(write(source, { format: "json", partitionKeys: ["nope"] })).rejects.toMatchObject({
          path: "nope",
        });
      });

      it("refuses to partition by a choice, and by all fields", async () => {
        const mixed = values([{ a: 1, c: new ArmValue("int", 1) }], structOf({ a: INT, c: choice([INT, STRING]) }));
        for (const format of ["json", "csv", "avro"] as const)
          await expect(write(mixed, { format, partitionKeys: ["c"] })).rejects.toMatchObject({
            code: "UNRESOLVED_CHOICE",
            path: "c",
          });
        for (const format of ["json", "csv"] as const)
          await expect(
            write(pick(mixed, { a: of(mixed, "a") }), { format, partitionKeys: ["a"] }),
          ).rejects.toMatchObject({ code: "BAD_OPTION" });
      });

      it("nothing partial stays when the query fails", async () => {
        const failing = pick(source, {
          v: { kind: "cast", of: of(source, "m"), type: INT, onError: "fail", path: "m" },
        });
        const into = join(directory, "failed");
        await expect(
          session.write(failing, { format: "json", options: {}, partitionKeys: [], directory: into }),
        ).rejects.toMatchObject({ code: "CAST_FAILED" });
        expect(await readdir(into).catch(() => [])).toEqual([]);
      });

      const parquetIt = options.parquet ? it : it.skip;
      parquetIt("Parquet comes back the same, choices and odd names and all", async () => {
        const type = struct([
          typeField("Id", INT),
          typeField("id", LONG),
          typeField("c", choice([INT, STRING, structOf({ x: INT })])),
          typeField("l", array(choice([DOUBLE, STRING]))),
          typeField("d", BIGINT),
          typeField("t", TIMESTAMP),
          typeField("n", TIMESTAMPNTZ),
          typeField("b", BINARY),
          typeField("m", map(INT)),
          typeField("day", DATE),
          typeField("e", struct()),
        ]);
        const rows = [
          {
            Id: 1,
            id: 9223372036854775807n,
            c: new ArmValue("struct", { x: 1 }),
            l: [new ArmValue("string", "s"), null],
            d: new Decimal(10n ** 38n - 1n, 0),
            t: new TimestampValue(-62135596800000000n),
            n: new TimestampValue(253402300799999999n),
            b: Uint8Array.of(0, 1),
            m: new Map([["k", 1]]),
            day: new DateValue(2932896),
            e: {},
          },
          { c: new ArmValue("int", 3), l: [] },
          {},
        ];
        const { files } = await write(values(rows, type), { format: "parquet", partitionKeys: [] });
        expect(files.reduce((sum, { rows: count }) => sum + count, 0)).toBe(3);
        const refs = await Promise.all(files.map(async ({ localFile }) => await fileStorage().stat(localFile)));
        await expectRows(
          {
            kind: "scan",
            id: "scan-parquet",
            format: "parquet",
            options: {},
            files: refs.flatMap((ref) => (ref ? [ref] : [])),
            partitionKeys: [],
            type,
          },
          rows,
        );
      });

      parquetIt(
        "names inside of structs that differ in case only, and empty ones, in a file of another writer",
        async () => {
          const inner = struct([
            typeField("id", LONG),
            typeField("Id", STRING),
            typeField("", STRING),
            typeField("~", STRING),
          ]);
          const type = struct([typeField("s", inner), typeField("l", array(inner)), typeField("m", map(inner))]);
          const ref = await fileStorage().stat(join(__dirname, "../formats/parquet/files/clashing-names.parquet"));
          const scan: ScanRelation = {
            kind: "scan",
            id: "scan-clashing",
            format: "parquet",
            options: {},
            files: ref ? [ref] : [],
            partitionKeys: [],
            type,
          };
          const value = (n: number): Row => ({ id: n, Id: `I${n}`, "": `e${n}`, "~": `t${n}` });
          await expectRows(scan, [
            { s: value(1), l: [value(2), null, value(3)], m: new Map([["k", value(4)]]) },
            { l: [], m: new Map() },
          ]);
          await expectRows(
            { ...scan, id: "scan-clashing-needed", type: struct([typeField("s", struct([typeField("Id", STRING)]))]) },
            [{ s: { Id: "I1" } }, {}],
          );
        },
      );
    });

    describe("session", () => {
      it("an aborted signal ends the work with INTERRUPTED", async () => {
        const controller = new AbortController();
        controller.abort();
        await expect(
          session.count(values([{ a: 1 }], structOf({ a: INT })), { signal: controller.signal }),
        ).rejects.toMatchObject({ code: "INTERRUPTED" });
      });

      it("leaving a loop early does no harm", async () => {
        const many = values(
          Array.from({ length: 50_000 }, (_, i) => ({ a: i })),
          structOf({ a: INT }),
        );
        for await (const batch of session.rows(many)) {
          expect(batch.length).toBeGreaterThan(0);
          break;
        }
        expect(await session.count(many)).toBe(50_000);
      });

      it("callers at the same time get their own answers", async () => {
        const tasks = Array.from({ length: 20 }, (_, i) =>
          session.count(
            values(
              Array.from({ length: i }, () => ({ a: 1 })),
              structOf({ a: INT }),
            ),
          ),
        );
        expect(await Promise.all(tasks)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      });

      it("explain() is text", async () => {
        expect(await session.explain(values([{ a: 1 }], structOf({ a: INT })))).toMatch(/\S/);
      });

      it("a plan with map-batches is refused", async () => {
        const source = values([{ a: 1 }], structOf({ a: INT }));
        await expect(rowsOf({ kind: "map-batches", input: source, fn: "f", type: source.type })).rejects.toMatchObject({
          code: "UNSUPPORTED",
        });
      });

      it("close() removes the staging folder; later calls fail, a second close does not", async () => {
        const own = await mkdtemp(join(tmpdir(), "dynaframe-close-"));
        const other = await engine.open({ storage: fileStorage(), stagingDirectory: join(own, "staging") });
        const source = values([{ a: 1 }], structOf({ a: INT }));
        expect(await other.count(source)).toBe(1);
        await other.close();
        await other.close();
        expect(await readdir(own)).toEqual([]);
        await expect(other.count(source)).rejects.toMatchObject({ code: "SESSION_CLOSED" });
        await rm(own, { recursive: true });
      });
    });

    (options.sql ? describe : describe.skip)("sql", () => {
      const sql = options.sql || { list: "", struct: "", sum: "" };
      const people = values(
        [
          { id: 1, n: "a" },
          { id: 2, n: null },
        ],
        structOf({ id: INT, n: STRING }),
      );
      const run = async (
        sql: string,
        views: ReadonlyMap<string, Relation> = new Map([
          ["shop.people", people],
          ["t", people],
        ]),
      ): Promise<{ type: StructType; rows: Row[]; relation: Relation }> => {
        const result = await session.sql(sql, views);
        const rows: Row[] = [];
        for await (const batch of result.rows()) rows.push(...batch);
        return { type: result.type, rows, relation: await result.relation() };
      };

      it("reads views by name and by schema.name, and gives a typed relation", async () => {
        const { type, rows, relation } = await run(
          "select p.id + 1 as next, t.n from shop.people p join t using (id) where id = 1; -- done",
        );
        expect(type.fields.map((f) => [f.name, f.type.kind])).toEqual([
          ["next", "int"],
          ["n", "string"],
        ]);
        expect(rows).toEqual([{ next: 2, n: "a" }]);
        await expectRows(pick(relation, { n: of(relation, "n") }), [{ n: "a" }]);
      });

      it("keeps its order, types sums exactly, tells equal column names apart", async () => {
        expect((await run("select id from t order by id desc")).rows).toEqual([{ id: 2 }, { id: 1 }]);
        expect(
          valueText(
            (
              await run(
                `select sum(id) as s, 1 as s, 1.5::decimal(5,2) as d, ${sql.list} as l, ${sql.struct} as r from t`,
              )
            ).rows[0],
          ),
        ).toBe(`{"d":1.50m,"l":[1],"r":{"x":1},"s":${sql.sum},"s_1":1}`);
      });

      it("wraps errors", async () => {
        await expect(run("select nope from t")).rejects.toMatchObject({
          code: "SQL_FAILED",
          message: expect.stringContaining("nope"),
        });
        await expect(run("select 1; select 2")).rejects.toMatchObject({ code: "SQL_FAILED" });
        await expect(run("select 1)")).rejects.toMatchObject({ code: "SQL_FAILED" });
        await expect(run("drop table x")).rejects.toMatchObject({ code: "SQL_FAILED" });
        await expect(run("")).rejects.toMatchObject({ code: "SQL_FAILED" });
      });

      it("two queries at once may give one name to different plans", async () => {
        const [a, b] = await Promise.all([
          run("select count(*) c from t", new Map([["t", people]])),
          run("select count(*) c from t", new Map([["t", filter(people, literal(false, BOOLEAN), "filter")]])),
        ]);
        expect([a.rows[0]?.["c"], b.rows[0]?.["c"]]).toEqual([2, 0]);
      });
    });
  });
}
