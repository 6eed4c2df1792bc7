import type { CommandDefinition } from "../command.js";
import { withContext } from "../open-context.js";
import { readPlan } from "../plan-file.js";
import { printCrawl } from "../print/crawl-report.js";
import { jsonDocument } from "../print/json.js";
import { openProgress } from "../progress/open-progress.js";

export const applyCommand: CommandDefinition = (program, run) => {
  program
    .command("apply")
    .argument("<plan>", "a file written by crawl --dry-run --out")
    .option(
      "--events <queue>",
      "the file of events, or ARN of an SQS queue, that the plan was made with; those dealt with are taken out",
    )
    .description("do what a plan says, unless files or tables changed since (exit status 3)")
    .addHelpText(
      "after",
      "\nExample:\n  $ dynaframe crawl ./data --database shop --dry-run --out plan.json\n  $ dynaframe apply plan.json",
    )
    .action(
      run(async (invocation, file: string, { events }: { readonly events?: string }) => {
        const plan = await readPlan(file);
        await withContext(invocation, async (glue) => {
          const { terminal, global, style, fail } = invocation;
          const { openQueue } = await import("../../crawler/events/open-queue.js");
          const progress = await openProgress(terminal, { quiet: global.quiet });
          try {
            const report = await glue.applyPlan(plan, {
              signal: terminal.signal,
              onProgress: progress.update,
              ...(events === undefined ? {} : { events: openQueue(events) }),
            });
            progress.stop();
            await terminal.out(global.json ? jsonDocument(report) : printCrawl(report, style, { verbose: false }));
            if (report.problems.length > 0) fail();
          } finally {
            progress.stop();
          }
        });
      }),
    );
};
