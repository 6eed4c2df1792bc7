import type { MissedPolicy } from "../../workflow/runner/fire-schedules.js";
import { oneOf, parseCount } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { withContext } from "../open-context.js";
import { workflowRunner } from "../workflow-runner.js";

export const runSchedulerCommand: CommandDefinition = (program, run) => {
  program
    .command("run-scheduler")
    .option(
      "--missed <policy>",
      "times that passed while no scheduler ran: all, latest or skip",
      oneOf("--missed", ["all", "latest", "skip"]),
      "latest",
    )
    .option("--runs <count>", "runs at once in this process", parseCount("--runs", 1), 16)
    .option("--poll <milliseconds>", "between two looks", parseCount("--poll", 10), 1000)
    .description("start what schedules are due for, and run workflows that were begun; until it is interrupted")
    .addHelpText(
      "after",
      `
Any number of schedulers may work on one catalog: each time of a schedule runs once, and the runs of one that died go on in another.
One line of JSON for each run goes to standard error, unless --quiet.

Examples:
  $ dynaframe run-scheduler
  $ dynaframe --catalog ./lake run-scheduler --missed all --runs 4`,
    )
    .action(
      run(
        async (invocation, options: { readonly missed: MissedPolicy; readonly runs: number; readonly poll: number }) =>
          withContext(invocation, async ({ catalog }) => {
            const { runScheduler } = await import("../../workflow/runner/run-scheduler.js");
            const { terminal, global } = invocation;
            const services = await workflowRunner(catalog, terminal);
            await runScheduler({
              ...services,
              missed: options.missed,
              most: options.runs,
              pollMs: options.poll,
              onEvent: (event) => {
                if (!global.quiet) terminal.err(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
              },
            });
            await services.done();
          }),
      ),
    );
};
