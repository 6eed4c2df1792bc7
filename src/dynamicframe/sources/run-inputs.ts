import type { ScanFile } from "../../plan/ir/relation.js";
import type { FrameSession } from "../frame-node.js";
import type { SourceSelection } from "./source-options.js";

/** The warning for a source that no bookmark knows. */
export const NOT_REMEMBERED = "NO_TRANSFORMATION_CTX";

type Asking = { readonly transformationCtx: string; readonly bound: SourceSelection["bound"] };

/** What a source reads now: in a job, the files that its bookmark leaves, up to the bound. */
export async function inputsOfRun(
  session: FrameSession,
  { transformationCtx, bound }: Asking,
  source: string,
  listed: readonly ScanFile[],
): Promise<{ readonly files: readonly ScanFile[]; readonly notes: readonly string[] }> {
  const scope = session.run();
  if (!scope) {
    // bounds count what is new since the last run, which only a bookmark knows
    if (bound)
      session.warn(
        "BOUND_WITHOUT_BOOKMARK",
        `${bound.kind === "files" ? "boundedFiles" : "boundedSize"} takes effect in a job with bookmarks only; everything is read.`,
      );
    return { files: listed, notes: [] };
  }
  const selected = await scope.selectInputs(transformationCtx, source, listed, bound);
  if (selected.warning !== undefined) session.warn(NOT_REMEMBERED, selected.warning);
  return { files: selected.files, notes: selected.note === undefined ? [] : [selected.note] };
}
