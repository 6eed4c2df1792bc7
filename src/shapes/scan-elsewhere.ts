/** Scanning on other machines: the tasks that threads would have, one ledger for each, put together here. */
import type { FileRef } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";
import type { FilePlan } from "./plan-tasks.js";
import type { ScanFilesContext, ScanFilesOptions } from "./scan-options.js";
import type { PartLedger } from "./scanner.js";
import { receiveParts } from "./sent-parts.js";
import { createSkeletons } from "./skeletons.js";
import { isForCluster, planShares } from "./task-cluster.js";

/** The parts of each file, in order; undefined where there is no such cluster, it is not worth it, or it cannot. */
export async function scanElsewhere(
  files: readonly FileRef[],
  options: ScanFilesOptions,
  context: ScanFilesContext,
  onRead: (bytes: number) => void,
): Promise<readonly { readonly plan: FilePlan; readonly parts: readonly PartLedger[] }[] | undefined> {
  const { cluster, storage, signal } = context;
  if (!isForCluster(files, cluster, storage)) return undefined;
  const { plans, shares } = await planShares(files, options, cluster, storage);
  const onDone = (input: number): void => {
    onRead((shares[input] ?? []).reduce((sum, { size }) => sum + size, 0));
  };
  const outputs = await cluster.run(
    "scan",
    shares.map((share) => ({ tasks: share.map(({ task }) => task) })),
    { signal, onDone },
  );
  if (outputs === undefined) return undefined;
  const skeletons = createSkeletons();
  const parts = outputs.flatMap((output) => receiveParts(output, skeletons));
  const failed = parts.find((part) => "failed" in part);
  if (failed !== undefined && "failed" in failed) {
    // whether a file is gone or only not to be seen from there, reading it here tells
    cluster.refuse(failed.failed instanceof DynaframeError ? failed.failed.message : String(failed.failed));
    return undefined;
  }
  let at = 0;
  return plans.map((plan) => ({
    plan,
    parts: parts.slice(at, (at += plan.tasks.length)).flatMap((part) => ("part" in part ? [part.part] : [])),
  }));
}
