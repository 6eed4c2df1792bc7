/** A query over named frames: read once it is only run, read again it is stored (decision 0097). */
import type { RunOptions, SqlResult } from "../engine/index.js";
import type { Relation } from "../plan/ir/relation.js";
import type { StructType } from "../types/data-type.js";
import type { Row } from "../types/value.js";
import { DynaframeError } from "../types/error.js";
import type { FrameNode, FrameSession, Resolved } from "./frame-node.js";
import { sourceOf } from "./sources/rows.js";

/**
 * Rows of a first reading that are kept for those that follow: up to here they are the same rows, whatever the query.
 */
const KEPT_ROWS = 10_000;

type Kept = { readonly rows: readonly Row[]; readonly type: StructType };

/**
 * The first reading of its rows runs the query; any other use, and every reading after it, reads one stored result.
 * `advice`: the hint of a query that the engine refuses.
 */
export function sqlNode(
  text: string,
  views: ReadonlyMap<string, FrameNode>,
  advice: () => Promise<string | undefined>,
): FrameNode {
  const names = [...views.keys()];
  let used = false;
  let kept: Kept | undefined;
  const query = async (inputs: readonly Resolved[], session: FrameSession, run: RunOptions): Promise<SqlResult> => {
    try {
      return await (
        await session.engine()
      ).sql(text, new Map(inputs.map((input, i) => [names[i] ?? "", input.relation])), run);
    } catch (error) {
      if (!(error instanceof DynaframeError) || error.code !== "SQL_FAILED" || error.hint !== undefined) throw error;
      const hint = await advice();
      throw hint === undefined ? error : new DynaframeError(error.code, error.message, { hint, cause: error.cause });
    }
  };
  return {
    kind: "sql",
    args: { text },
    inputs: [...views.values()],
    options: {},
    firstRows: async (resolveInputs, session, run) => {
      if (used) return undefined;
      used = true;
      const { type, rows } = await query(await resolveInputs(), session, run);
      return {
        type,
        rows: keeping(rows(), (all) => {
          kept = { rows: all, type };
        }),
      };
    },
    resolve: async (inputs, session, run) => {
      used = true;
      const engine = await session.engine();
      const relation: Relation =
        kept === undefined
          ? await (await query(inputs, session, run)).relation()
          : await engine.load(oneBatch(kept.rows), kept.type, run);
      const records = kept?.rows.length ?? (await engine.count(relation, run));
      kept = undefined;
      return sourceOf(relation, records, session.nextId(), "sql");
    },
  };
}

/** Hands on all rows and, when they were few and all were taken, tells them at the end. */
async function* keeping(
  batches: AsyncIterable<readonly Row[]>,
  tell: (all: readonly Row[]) => void,
): AsyncGenerator<readonly Row[]> {
  let held: Row[] | undefined = [];
  for await (const batch of batches) {
    if (held !== undefined && held.length + batch.length > KEPT_ROWS) held = undefined;
    held?.push(...batch);
    yield batch;
  }
  if (held !== undefined) tell(held);
}

async function* oneBatch(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield rows;
}
