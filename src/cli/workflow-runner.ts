import { randomUUID } from "node:crypto";
import type { Catalog } from "../catalog/index.js";
import type { DriveServices } from "../workflow/runner/drive-run.js";
import { jobRunner } from "./job-runner.js";
import type { Terminal } from "./terminal.js";

/** What workflow runs need of this process: it runs jobs as processes of their own, and crawls by itself. */
export async function workflowRunner(
  catalog: Catalog,
  terminal: Terminal,
): Promise<DriveServices & { readonly done: () => Promise<void> }> {
  const { runJobNode } = await import("../workflow/runner/job-node.js");
  const jobs = await jobRunner(catalog, terminal);
  return {
    catalog,
    now: Date.now,
    signal: terminal.signal,
    runner: randomUUID(),
    done: jobs.done,
    runNode: async (request) => {
      if (request.node.startsWith("job:")) return runJobNode(jobs, request);
      const [{ runCrawlerNode }, { crawlPart }, { defaultSecrets }] = await Promise.all([
        import("../server/crawler-node.js"),
        import("../server/crawl-part.js"),
        import("../open.js"),
      ]);
      return {
        state: await runCrawlerNode(
          { ...jobs, catalog, crawl: crawlPart(catalog.address, defaultSecrets()), signal: request.signal },
          request.name,
        ),
      };
    },
  };
}
