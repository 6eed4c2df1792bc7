import { checkPaths } from "./check-paths.js";
import { checkTransformOptions } from "./check-transform-options.js";
import type { FrameNode, Resolved } from "./frame-node.js";
import type { TransformOptions, Verb } from "./verbs/verb.js";

/**
 * A node that lowers a verb over its inputs, `own` being the options that only this verb has; accounts of the inputs
 * are joined.
 */
export function verbNode<A>(
  verb: Verb<A>,
  args: A,
  inputs: readonly FrameNode[],
  options: TransformOptions = {},
  own: readonly string[] = [],
): FrameNode {
  checkTransformOptions(verb.kind, options, own);
  return {
    kind: verb.kind,
    args,
    inputs,
    options,
    lower: (relations) => verb.lower(relations, args),
    resolve: async (resolved, session) => {
      const account = joined(resolved);
      const relations = resolved.map((r) => r.relation);
      if (verb.paths && (options.strictPaths ?? session.strictPaths))
        checkPaths(verb.kind, verb.paths(args), relations);
      return {
        ...account,
        recordwise: account.recordwise && verb.recordwise !== false,
        relation: verb.lower(relations, args),
      };
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
