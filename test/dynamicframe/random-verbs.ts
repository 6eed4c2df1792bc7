/**
 * One step of a random pipeline: a verb with options that fit the schema at hand, chosen by given numbers so that a run
 * can be repeated.
 */
import { printPath } from "../../src/types/path.js";
import { DynamicFrame, type DynamicFrameCollection } from "../../src/index.js";
import type { DataType, StructType } from "../../src/types/data-type.js";
import { withoutNulls } from "./without-nulls.js";

/** Chooses from lists, one number of the draw after the other; past its end the first of each. */
export type Chooser = {
  readonly of: <T>(items: readonly T[]) => T;
  readonly some: <T>(items: readonly T[]) => readonly T[];
};

export function chooserOf(draw: readonly number[]): Chooser {
  let next = 0;
  const number = (): number => draw[next++] ?? 0;
  return {
    of: (items) => {
      const item = items[number() % Math.max(1, items.length)];
      if (item === undefined) throw new Error("nothing to choose from");
      return item;
    },
    some: (items) => {
      const bits = number();
      const chosen = items.filter((_, i) => ((bits >> (i % 30)) & 1) === 1);
      return chosen.length > 0 ? chosen : items.slice(0, 1);
    },
  };
}

type Place = { readonly path: string; readonly type: DataType };

/** The fields of a schema, those of structs in it too; not what is in lists, maps and choices. */
function placesOf(type: StructType, above: readonly string[] = []): readonly Place[] {
  return type.fields.flatMap((f) => {
    const names = [...above, f.name];
    return [
      { path: printPath(names.map((name) => ({ kind: "field" as const, name }))), type: f.type },
      ...(f.type.kind === "struct" ? placesOf(f.type, names) : []),
    ];
  });
}

const TYPES = [
  "int",
  "long",
  "double",
  "string",
  "boolean",
  "float",
  "decimal(10,2)",
  "timestamp",
  "date",
  "short",
  "byte",
  "binary",
];
const CONSTANTS = [0, 1, 1.5, "1", "a", true, 9007199254740993n, -0];
const part = async (parts: DynamicFrameCollection, choose: Chooser): Promise<DynamicFrame> =>
  parts.select(choose.of(await parts.keys()));
const typeName = (type: DataType): string =>
  type.kind === "decimal" ? `decimal(${type.precision},${type.scale})` : type.kind;
const topNames = (type: StructType): readonly string[] =>
  type.fields.map((f) => printPath([{ kind: "field", name: f.name }]));

export type Step = (
  frame: DynamicFrame,
  other: DynamicFrame,
  schema: StructType,
  choose: Chooser,
) => DynamicFrame | Promise<DynamicFrame>;

/** Verbs behind which records have an order of the engine's own. */
export const UNORDERED: readonly string[] = ["join", "mergeDynamicFrame"];

/**
 * `relationalize` behind those: keys number the records in their order, so engines have other ones (decision 0179), and
 * they are left out.
 */
export const relationalizeWithoutKeys: Step = async (frame, _, __, choose) => {
  const parts = frame.relationalize("root");
  const names = await parts.keys();
  const name = choose.of(names);
  const table = parts.select(name);
  const keys = topNames(await table.schema()).filter(
    (path, i) => (path === "id" && i === 0 && name !== "root") || names.includes(`root_${path.replaceAll("`", "")}`),
  );
  return keys.length === 0 ? table : table.dropFields(keys);
};

/** Every verb that gives frames. `schema` has at least one field. */
export const STEPS: Readonly<Record<string, Step>> = {
  applyMapping: (frame, _, schema, choose) => {
    const chosen = choose.some(placesOf(schema));
    return frame.applyMapping(
      chosen.map(({ path, type }, i) => {
        const source = choose.of([typeName(type), typeName(type), ...TYPES]);
        const target = choose.of([path, `m${i}`, `deep.m${i}`]);
        return choose.of([
          [path, source, target, choose.of([source, ...TYPES])],
          [path, target],
          [path, source, target, "string"],
        ]);
      }),
      { caseSensitive: choose.of([false, true]) },
    );
  },
  selectFields: (frame, _, schema, choose) => frame.selectFields(choose.some(placesOf(schema)).map(({ path }) => path)),
  dropFields: (frame, _, schema, choose) =>
    frame.dropFields(
      choose
        .some(placesOf(schema))
        .map(({ path }) => path)
        .slice(0, 2),
    ),
  renameField: (frame, _, schema, choose) =>
    frame.renameField(choose.of(placesOf(schema)).path, choose.of(["renamed", "`re.named`", "deep.renamed"])),
  resolveChoiceSpecs: (frame, _, schema, choose) =>
    frame.resolveChoice({
      specs: choose
        .some(placesOf(schema))
        .slice(0, 2)
        .map(
          ({ path }) =>
            [
              path,
              choose.of([`cast:${choose.of(TYPES)}`, `project:${choose.of(TYPES)}`, "make_cols", "make_struct"]),
            ] as const,
        ),
    }),
  resolveChoice: (frame, _, __, choose) =>
    frame.resolveChoice({
      choice: choose.of([`cast:${choose.of(TYPES)}`, `project:${choose.of(TYPES)}`, "make_cols", "make_struct"]),
    }),
  unionSelf: (frame) => frame.union(frame),
  fromDF: (frame) => DynamicFrame.fromDF(frame.toDF(), frame),
  filterNone: (frame) => frame.filter(() => true),
  unnest: (frame) => frame.unnest(),
  unnestDdbJson: (frame) => frame.unnestDdbJson(),
  simplifyDdbJson: (frame) => frame.simplifyDdbJson(),
  union: (frame, other) => frame.union(other),
  join: (frame, other, schema, choose) =>
    frame.join(
      choose.of(["k", "j", ...topNames(schema)].filter((name) => topNames(schema).includes(name))),
      choose.of(["k", "k", "j", "s"]),
      other,
    ),
  mergeDynamicFrame: (frame, other, schema, choose) =>
    frame.mergeDynamicFrame(
      other,
      choose.of([topNames(schema).filter((name) => name === "k" || name === "j"), topNames(schema)]).slice(0, 1),
    ),
  dropNullFields: (frame) => frame.dropNullFields(),
  splitFields: (frame, _, schema, choose) =>
    part(
      frame.splitFields(
        choose.some(placesOf(schema)).map(({ path }) => path),
        "left",
        "right",
      ),
      choose,
    ),
  splitRows: (frame, _, schema, choose) =>
    part(
      frame.splitRows({
        [choose.of(placesOf(schema)).path]: {
          [choose.of(["=", "!=", "<", "<=", ">", ">="] as const)]: choose.of(CONSTANTS),
        },
      }),
      choose,
    ),
  filterText: (frame, _, schema, choose) =>
    frame.filter(
      `${choose.of(topNames(schema))} ${choose.of(["= 1", "> 0", "is null", "is not null", "in ('a', '1')"])}`,
    ),
  filter: (frame, _, schema, choose) => {
    const name = choose.of(schema.fields).name;
    const kind = choose.of(["number", "string"]);
    return frame.filter((r) => typeof r[name] !== kind);
  },
  map: (frame, _, schema, choose) => {
    const name = choose.of(schema.fields).name;
    const change = choose.of<(v: unknown) => unknown>([
      (v) => v,
      (v) => [v ?? null],
      (v) => ({ was: v ?? null }),
      (v) => typeof (v ?? undefined),
      () => -0,
      (v) => (Array.isArray(v) ? [...(v as unknown[])] : v),
    ]);
    // null and missing are one behind a verb on DuckDB: what tells them apart may differ
    return frame.map((r) => withoutNulls({ ...r, [name]: change(r[name]) }));
  },
  relationalize: (frame, _, __, choose) => part(frame.relationalize("root"), choose),
  persist: (frame) => frame.persist(),
  recomputeSchema: (frame) => frame.recomputeSchema(),
  repartition: (frame) => frame.repartition(2).coalesce(1),
};
