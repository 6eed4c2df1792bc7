/** The rows of a frame for an action that only reads them. */
import type { RunOptions } from "../engine/index.js";
import { limit } from "../plan/ir/build.js";
import { batchOpener, type PlainRecord } from "./batch-records.js";
import type { Environment } from "./environment.js";
import type { FirstRows, FrameNode, Resolved } from "./frame-node.js";
import { startEngine } from "./start-engine.js";

/** Those that the node gives without storing them, else those of what it resolves to. */
export async function readRows(environment: Environment, node: FrameNode, run: RunOptions): Promise<FirstRows> {
  startEngine(environment.session);
  const first = await firstRows(environment, node, run);
  if (first !== undefined) return first;
  const { relation } = await environment.resolve(node, run);
  return { type: relation.type, rows: (await environment.session.engine()).rows(relation, run) };
}

/** Those of what the node resolves to as plain objects, the caller's own: all, or the first `limit`. */
export async function* readRecords(
  { session, resolve }: Environment,
  node: FrameNode,
  run: RunOptions & { readonly limit?: number },
): AsyncGenerator<PlainRecord> {
  startEngine(session);
  const { relation } = await resolve(node, run);
  const engine = await session.engine();
  const open = batchOpener(relation.type);
  for await (const batch of engine.batches(run.limit === undefined ? relation : limit(relation, run.limit), run)) {
    const { record } = open(batch);
    for (let at = 0; at < batch.rows.length; at++) yield record(at);
  }
}

/** Undefined when what the node resolves to is to be read. */
export async function firstRows(
  { session, resolve }: Environment,
  node: FrameNode,
  run: RunOptions,
): Promise<FirstRows | undefined> {
  return node.firstRows?.(
    async () => {
      const inputs: Resolved[] = [];
      for (const input of node.inputs) inputs.push(await resolve(input, run));
      return inputs;
    },
    session,
    run,
  );
}
