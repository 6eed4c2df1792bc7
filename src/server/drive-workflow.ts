/**
 * Drives a workflow run that a request began, in the background: its jobs by the server's part, its crawlers by a crawl
 * of their own.
 */
import { DynaframeError } from "../types/error.js";
import { type DriveServices, driveRun, takeRun } from "../workflow/runner/drive-run.js";
import { runJobNode } from "../workflow/runner/job-node.js";
import type { StoredRun } from "../workflow/store/stored-run.js";
import { runCrawlerNode } from "./crawler-node.js";
import type { OperationContext } from "./operation.js";

/** What runs the nodes of workflows. */
type NodeParts = Required<Pick<OperationContext, "runJob" | "runCrawler">>;

/**
 * To be called before a run is begun.
 * @throws OperationNotSupportedException without a part that runs scripts and one that crawls.
 */
export function requireRunner({ runJob, runCrawler }: OperationContext, workflow: string): NodeParts {
  if (runJob === undefined || runCrawler === undefined)
    throw new DynaframeError(
      "UNSUPPORTED",
      `This server cannot run workflows: nothing in it ${runJob === undefined ? "runs scripts" : "crawls"}`,
      { name: "OperationNotSupportedException", path: workflow },
    );
  return { runJob, runCrawler };
}

/** Until the run ends, or the server does: then the next runner on the catalog goes on with it. */
export function driveInBackground(context: OperationContext & NodeParts, { Name, WorkflowRunId }: StoredRun): void {
  const { runCrawler: crawl } = context;
  const services: DriveServices = {
    catalog: context.catalog,
    signal: context.signal,
    now: () => context.now() * 1000,
    runner: context.newId(),
    runNode: async (request) =>
      request.node.startsWith("job:")
        ? runJobNode(context, request)
        : { state: await runCrawlerNode({ ...context, crawl, signal: request.signal }, request.name) },
  };
  const drive = async (): Promise<void> => {
    const lease = await takeRun(services, Name, WorkflowRunId);
    if (lease !== undefined) await driveRun(services, Name, WorkflowRunId, lease);
  };
  // what goes wrong in a node is in the run's record; a run that is lost goes on elsewhere
  context.background.add(drive().catch(() => undefined));
}
