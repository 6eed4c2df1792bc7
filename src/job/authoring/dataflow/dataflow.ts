/**
 * A script's data flow as Glue's API draws it: sources, transforms and sinks as nodes, frames that go from one to
 * another as edges.
 */
import { DynaframeError } from "../../../types/error.js";

/** `value` is Python; with `param` the name of the job's argument that gives it. */
export type DataflowArgument = { readonly name: string; readonly value: string; readonly param: boolean };
/** `id` is the variable that holds what the node gives; `type` is DataSource, DataSink or the name of a transform. */
export type DataflowNode = {
  readonly id: string;
  readonly type: string;
  readonly args: readonly DataflowArgument[];
  readonly line?: number;
};
export type DataflowEdge = {
  readonly source: string;
  readonly target: string;
  /** The target's parameter that takes the frame. */ readonly parameter: string;
};
export type Dataflow = { readonly nodes: readonly DataflowNode[]; readonly edges: readonly DataflowEdge[] };

export const SOURCE = "DataSource";
export const SINK = "DataSink";

/** Parameters of the transforms in their order; the first of each is the frame, or collection, that it works on. */
export const TRANSFORM_PARAMETERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["ApplyMapping", ["frame", "mappings"]],
  ["DropFields", ["frame", "paths"]],
  ["DropNullFields", ["frame"]],
  ["ErrorsAsDynamicFrame", ["frame"]],
  ["Filter", ["frame", "f"]],
  ["FlatMap", ["dfc", "BaseTransform", "frame_name"]],
  ["Join", ["frame1", "frame2", "keys1", "keys2"]],
  ["Map", ["frame", "f"]],
  ["MapToCollection", ["dfc", "BaseTransform", "frame_name"]],
  ["Relationalize", ["frame", "staging_path", "name", "options"]],
  ["RenameField", ["frame", "old_name", "new_name"]],
  ["ResolveChoice", ["frame", "specs", "choice"]],
  ["SelectFields", ["frame", "paths"]],
  ["SelectFromCollection", ["dfc", "key"]],
  ["Spigot", ["frame", "path", "options"]],
  ["SplitFields", ["frame", "paths", "name1", "name2"]],
  ["SplitRows", ["frame", "comparison_dict", "name1", "name2"]],
  ["Unbox", ["frame", "path", "format"]],
  ["UnnestFrame", ["frame"]],
  ["Repartition", ["frame", "num_partitions"]],
  ["Coalesce", ["frame", "num_partitions"]],
  ["Union", ["frame1", "frame2"]],
]);

/** The parameter that an edge means when it names none. */
export const firstParameter = (type: string): string => TRANSFORM_PARAMETERS.get(type)?.[0] ?? "frame";

/** A graph that no script can be written for, or a script that has none. */
export const badDataflow = (message: string, path: string, hint?: string): DynaframeError =>
  new DynaframeError("BAD_DATAFLOW", message, {
    name: "InvalidInputException",
    path,
    ...(hint === undefined ? {} : { hint }),
  });

/** Every node after those whose frames it takes, otherwise in the given order. @throws BAD_DATAFLOW for a circle. */
export function inOrder({ nodes, edges }: Dataflow): readonly DataflowNode[] {
  const waiting = new Map(nodes.map(({ id }) => [id, 0]));
  const targets = new Map<string, string[]>();
  for (const { source, target } of edges) {
    waiting.set(target, (waiting.get(target) ?? 0) + 1);
    targets.set(source, [...(targets.get(source) ?? []), target]);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0);
  for (const { id } of ready) {
    for (const target of targets.get(id) ?? []) {
      const left = (waiting.get(target) ?? 0) - 1;
      waiting.set(target, left);
      const node = byId.get(target);
      if (left === 0 && node !== undefined) ready.push(node);
    }
  }
  if (ready.length === nodes.length) return ready;
  const stuck = nodes.filter(({ id }) => (waiting.get(id) ?? 0) > 0).map(({ id }) => id);
  throw badDataflow(`The edges of ${stuck.slice(0, 5).join(", ")} go round in a circle`, "DagEdges");
}
