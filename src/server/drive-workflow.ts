/** Drives a workflow run that a request began, in the background: its jobs by the server's part, its crawlers by a crawl of their own. */
import { DynaframeError } from "../types/error.js";
import { type DriveServices, driveRun, takeRun } from "../workflow/runner/drive-run.js";
import { runJobNode } from "../workflow/runner/job-node.js";
import type { StoredRun } from "../workflow/store/stored-run.js";
import { runCrawlerNode } from "./crawler-node.js";
import type { OperationContext } from "./operation.js";

/** @throws OperationNotSupportedException without a part that runs scripts: to be called before a run is begun. */
export function requireRunner({ runJob }: OperationContext, workflow: string): void {
  if (runJob === undefined) throw new DynaframeError("UNSUPPORTED", "This server cannot run workflows: nothing in it runs scripts", { name: "OperationNotSupportedException", path: workflow });
}

/** Until the run ends, or the server does: then the next runner on the catalog goes on with it. */
export function driveInBackground(context: OperationContext, { Name, WorkflowRunId }: StoredRun): void {
  const services: DriveServices = {
    catalog: context.catalog, signal: context.signal, now: () => context.now() * 1000, runner: context.newId(),
    runNode: async (request) => (request.node.startsWith("job:") ? runJobNode(context, request) : { state: await runCrawlerNode(context.catalog, request.name, context.newId, request.signal) }),
  };
  const drive = async (): Promise<void> => {
    const lease = await takeRun(services, Name, WorkflowRunId);
    if (lease !== undefined) await driveRun(services, Name, WorkflowRunId, lease);
  };
  // what goes wrong in a node is in the run's record; a run that is lost goes on elsewhere
  context.background.add(drive().catch(() => undefined));
}
