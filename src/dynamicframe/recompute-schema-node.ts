/** `recomputeSchema`: the schema of the records that are there now, which takes a look at each of them. */
import { arm, choiceOf, field, inputOf, isNull, listMap, mapValues, project, structOf } from "../plan/ir/build.js";
import type { NamedScalar } from "../plan/ir/relation.js";
import type { Scalar } from "../plan/ir/scalar.js";
import {
  NULL,
  array,
  choice,
  field as fieldType,
  fieldOf,
  map,
  struct,
  type DataType,
  type StructType,
} from "../types/data-type.js";
import { sameType } from "../types/same-type.js";
import { ArmValue, getField, type Row, type Value } from "../types/value.js";
import { checkTransformOptions } from "./check-transform-options.js";
import type { FrameNode } from "./frame-node.js";
import type { TransformOptions } from "./verbs/verb.js";

/**
 * Fields that no record has a value for any more go, unless they were null all along; so do the arms of choices.
 * Source: docs/sources.md#methods.
 */
export function recomputeSchemaNode(input: FrameNode, options: TransformOptions): FrameNode {
  checkTransformOptions("recomputeSchema", options);
  return {
    kind: "recomputeSchema",
    args: {},
    inputs: [input],
    options,
    resolve: async ([resolved], session, run) => {
      if (!resolved) throw new Error("recomputeSchema has one input");
      const { relation } = resolved;
      const seen = nothingSeen();
      for await (const batch of (await session.engine()).rows(relation, run))
        for (const row of batch) observe(row, relation.type, seen);
      const type = tightened(relation.type, seen);
      if (type.kind !== "struct" || sameType(type, relation.type)) return resolved;
      return { ...resolved, relation: project(relation, narrowedFields(inputOf(relation), type, 0)) };
    },
  };
}

/** What occurred at one place: below it by field name, by arm, and in elements. */
type Seen = { any: boolean; readonly fields: Map<string, Seen>; readonly arms: Map<string, Seen>; elements?: Seen };
const nothingSeen = (): Seen => ({ any: false, fields: new Map(), arms: new Map() });

function below(places: Map<string, Seen>, name: string): Seen {
  const known = places.get(name) ?? nothingSeen();
  places.set(name, known);
  return known;
}

function observe(value: Value, type: DataType, seen: Seen): void {
  if (value === null || value === undefined) return;
  seen.any = true;
  if (value instanceof ArmValue) {
    const member = type.kind === "choice" ? type.choices.find((c) => c.kind === value.arm) : undefined;
    if (member) observe(value.value, member, below(seen.arms, value.arm));
  } else if (type.kind === "struct") {
    for (const f of type.fields) observe(getField(value as Row, f.name), f.type, below(seen.fields, f.name));
  } else if (type.kind === "array" || type.kind === "map") {
    const inner = type.kind === "array" ? type.element : type.value;
    const items = type.kind === "array" ? (value as readonly Value[]) : (value as ReadonlyMap<string, Value>).values();
    for (const item of items) observe(item, inner, (seen.elements ??= nothingSeen()));
  }
}

/** What lies in lists and maps is tightened only where something was seen in them. */
function tightened(type: DataType, seen: Seen): DataType {
  switch (type.kind) {
    case "struct":
      return tightStruct(type, seen);
    case "array":
      return seen.elements?.any ? array(tightened(type.element, seen.elements)) : type;
    case "map":
      return seen.elements?.any ? map(tightened(type.value, seen.elements)) : type;
    case "choice": {
      const members = type.choices.flatMap((c) => {
        const own = seen.arms.get(c.kind);
        return own?.any ? [tightened(c, own)] : [];
      });
      const [only] = members;
      return only === undefined ? NULL : members.length === 1 ? only : choice(members);
    }
    default:
      return type;
  }
}

const tightStruct = (type: StructType, seen: Seen): StructType =>
  struct(
    type.fields.flatMap((f) => {
      const own = seen.fields.get(f.name);
      if (f.type.kind === "null") return [f];
      return own?.any ? [fieldType(f.name, tightened(f.type, own))] : [];
    }),
  );

/** The value in the narrower type, which holds all there is. */
function narrowed(value: Scalar, to: DataType, depth: number): Scalar {
  const from = value.type;
  if (sameType(from, to)) return value;
  if (from.kind === "choice" && to.kind === "choice")
    return choiceOf(
      to.choices.map((c) => ({ arm: c.kind, value: narrowed(arm(value, c.kind), c, depth) })),
      to,
    );
  if (from.kind === "choice") return narrowed(arm(value, to.kind), to, depth);
  if (to.kind === "struct") return structOf(narrowedFields(value, to, depth), isNull(value));
  if (to.kind === "array") return listMap(value, `t${depth}`, (element) => narrowed(element, to.element, depth + 1));
  return to.kind === "map" ? mapValues(value, `t${depth}`, (item) => narrowed(item, to.value, depth + 1)) : value;
}

const narrowedFields = (value: Scalar, to: StructType, depth: number): NamedScalar[] =>
  to.fields.flatMap((f) =>
    value.type.kind === "struct" && fieldOf(value.type, f.name)
      ? [{ name: f.name, value: narrowed(field(value, f.name), f.type, depth) }]
      : [],
  );
