import type { FrameNode, Resolved } from "./frame-node.js";
import type { TransformOptions, Verb } from "./verbs/verb.js";

/** A node that lowers a verb over its inputs; accounts of the inputs are joined. */
export function verbNode<A>(verb: Verb<A>, args: A, inputs: readonly FrameNode[], options: TransformOptions = {}): FrameNode {
  return {
    kind: verb.kind, args, inputs, options,
    resolve: async (resolved) => {
      const account = joined(resolved);
      return { ...account, recordwise: account.recordwise && verb.recordwise !== false, relation: verb.lower(resolved.map((r) => r.relation), args) };
    },
  };
}

/** The accounts of several inputs as one; a source that both read is one source. */
export function joined(inputs: readonly Resolved[]): Omit<Resolved, "relation"> {
  return {
    sources: inputs.flatMap((i) => i.sources),
    errors: inputs.flatMap((i) => i.errors),
    dropped: inputs.flatMap((i) => i.dropped),
    recordwise: inputs.every((i) => i.recordwise),
    behind: inputs.flatMap((i) => i.behind ?? []),
  };
}
