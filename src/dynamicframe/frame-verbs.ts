/** The arguments of each verb, checked when it is called, as a node of the plan. */
import { DynaframeError } from "../types/error.js";
import { parsePredicate } from "../catalog/predicate/parse-predicate.js";
import type { FrameNode } from "./frame-node.js";
import { schemaFrom, type SchemaSource } from "./schema-source.js";
import { verbNode } from "./verb-node.js";
import { applyMapping, parseMappings, type Mappings } from "./verbs/apply-mapping.js";
import { dropFields } from "./verbs/drop-fields.js";
import { dropNullFields } from "./verbs/drop-null-fields.js";
import { filterWhere } from "./verbs/filter-where.js";
import { join } from "./verbs/join.js";
import { mergeDynamicFrame } from "./verbs/merge-dynamic-frame.js";
import { renameField } from "./verbs/rename-field.js";
import { repartition } from "./verbs/repartition.js";
import { selectFields } from "./verbs/select-fields.js";
import { simplifyDdbJson } from "./verbs/simplify-ddb-json.js";
import { splitFields } from "./verbs/split-fields.js";
import { parseComparisons, splitRows, type Comparisons } from "./verbs/split-rows.js";
import { union } from "./verbs/union.js";
import { unnest } from "./verbs/unnest.js";
import { unnestDdbJson } from "./verbs/unnest-ddb-json.js";
import type { TransformOptions } from "./verbs/verb.js";
import { withFrameSchema } from "./verbs/with-frame-schema.js";

/** One path, or several. */
export type Paths = string | readonly string[];
/** Options of `applyMapping`. */
export type ApplyMappingOptions = TransformOptions & {
  /** Whether source paths keep case apart; default false, as in Glue's Python. */
  readonly caseSensitive?: boolean;
};
/** Options of `mergeDynamicFrame`. */
export type MergeOptions = TransformOptions & {
  /** Accepted, no effect: Glue has the argument and names nothing that goes into it. */
  readonly options?: Readonly<Record<string, unknown>>;
};

export const frameVerbs = Object.freeze({
  applyMapping: (node: FrameNode, mappings: Mappings, options: ApplyMappingOptions) =>
    verbNode(
      applyMapping,
      { mappings: parseMappings(mappings), caseSensitive: options.caseSensitive ?? false },
      [node],
      options,
      ["caseSensitive"],
    ),
  dropFields: (node: FrameNode, paths: Paths, options: TransformOptions) =>
    verbNode(dropFields, { paths: list(paths) }, [node], options),
  dropNullFields: (node: FrameNode, options: TransformOptions) => verbNode(dropNullFields, {}, [node], options),
  selectFields: (node: FrameNode, paths: Paths, options: TransformOptions) =>
    verbNode(selectFields, { paths: list(paths) }, [node], options),
  renameField: (node: FrameNode, oldName: string, newName: string, options: TransformOptions) =>
    verbNode(renameField, { oldName, newName }, [node], options),
  unnest: (node: FrameNode, options: TransformOptions) => verbNode(unnest, {}, [node], options),
  unnestDdbJson: (node: FrameNode, options: TransformOptions) => verbNode(unnestDdbJson, {}, [node], options),
  simplifyDdbJson: (node: FrameNode, options: TransformOptions) => verbNode(simplifyDdbJson, {}, [node], options),
  union: (node: FrameNode, other: FrameNode, options: TransformOptions) => verbNode(union, {}, [node, other], options),
  join: (node: FrameNode, paths1: Paths, paths2: Paths, other: FrameNode, options: TransformOptions) =>
    verbNode(join, { paths1: list(paths1), paths2: list(paths2) }, [node, other], options),
  mergeDynamicFrame: (node: FrameNode, stage: FrameNode, primaryKeys: Paths, options: MergeOptions) =>
    verbNode(mergeDynamicFrame, { primaryKeys: list(primaryKeys) }, [node, stage], options, ["options"]),
  /** Both parts, in order. */
  splitFields: (node: FrameNode, paths: Paths, options: TransformOptions): FramePair => {
    const args = { paths: list(paths) };
    return [
      verbNode(splitFields, { ...args, part: "selected" }, [node], options),
      verbNode(splitFields, { ...args, part: "rest" }, [node], options),
    ];
  },
  splitRows: (node: FrameNode, comparisons: Comparisons, options: TransformOptions): FramePair => {
    const conditions = parseComparisons(comparisons);
    return [
      verbNode(splitRows, { conditions, part: "matching" }, [node], options),
      verbNode(splitRows, { conditions, part: "rest" }, [node], options),
    ];
  },
  filterWhere: (node: FrameNode, text: string, options: TransformOptions) =>
    verbNode(filterWhere, { text, condition: parsePredicate(text) }, [node], options),
  repartition: (node: FrameNode, partitions: number, shuffle: boolean, options: TransformOptions) =>
    verbNode(repartition, { partitions, shuffle }, [node], options),
  withFrameSchema: (node: FrameNode, schema: SchemaSource) =>
    verbNode(withFrameSchema, { schema: schemaFrom(schema) }, [node]),
});

export type FramePair = readonly [first: FrameNode, second: FrameNode];

/** A caller without types may give anything: what is no frame has no plan. @throws BAD_ARGUMENT */
export function nodeOf(call: string, frame: { readonly node: FrameNode }): FrameNode {
  const given: unknown = frame;
  if (typeof given === "object" && given !== null && "node" in given && "environment" in given) return frame.node;
  throw new DynaframeError("BAD_ARGUMENT", `${call} takes a DynamicFrame.`, {
    name: "TypeError",
    path: call,
    expected: "a DynamicFrame",
    found: given === null ? "null" : typeof given,
    hint: "Make one with createDynamicFrame or DynamicFrame.fromDF.",
  });
}

function list(paths: Paths): readonly string[] {
  const all = typeof paths === "string" ? [paths] : paths;
  if (Array.isArray(all) && all.length > 0) return all;
  throw new DynaframeError("BAD_ARGUMENT", "No paths were given.", {
    expected: "a path or a list of paths",
    hint: "Name at least one field.",
  });
}
