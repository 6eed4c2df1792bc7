import type { ScanFile } from "../../plan/ir/relation.js";
import type { FrameSession } from "../frame-node.js";
import type { InputBounds } from "../run-scope.js";

/** What a source reads now: in a job, the files that its bookmark leaves. */
export async function inputsOfRun(
  session: FrameSession, { transformationCtx, bounds = {} }: { readonly transformationCtx: string; readonly bounds?: InputBounds }, source: string, listed: readonly ScanFile[],
): Promise<{ readonly files: readonly ScanFile[]; readonly notes: readonly string[] }> {
  const selected = await session.run()?.selectInputs(transformationCtx, source, listed, bounds);
  return { files: selected?.files ?? listed, notes: selected?.note === undefined ? [] : [selected.note] };
}
