import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import type { Catalog } from "../../../catalog/index.js";
import type { JobRun } from "../../../job/run/run-record.js";
import { DynaframeError } from "../../../types/error.js";
import { collect, parseCount, parseMinutes } from "../../arguments.js";
import type { ActionRunner } from "../../command.js";
import { jobRunner } from "../../job-runner.js";
import { withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { clockTime, duration, grouped } from "../../print/number.js";
import { printTable } from "../../print/table.js";
import { clipped, printable } from "../../print/text.js";
import { namedArguments } from "./named-arguments.js";
import { requireJob } from "./require-job.js";
import { costText, paintState, printRun, shownRun } from "./print-run.js";

/** `dynaframe job start | runs | logs | stop` */
export function runCommands(job: Command, run: ActionRunner): void {
  startCommand(job, run);
  listCommand(job, run);
  logsCommand(job, run);
  stopCommand(job, run);
}

function startCommand(job: Command, run: ActionRunner): void {
  job
    .command("start")
    .argument("<job>", "name of the job")
    .option(
      "--arg <name=value>",
      "an argument of this run; $NAME as its value takes the environment variable; repeatable",
      collect,
      [],
    )
    .option("--timeout <minutes>", "longest this run may take", parseMinutes("--timeout"))
    .description("run a job and wait for its end, retries included; exit status 1 when it failed")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe job start orders-etl --arg day=2024-03-01\n  $ dynaframe job start orders-etl --arg 'password=$DB_PASSWORD' --json",
    )
    .action(
      run(async (invocation, name: string, options: { readonly arg: readonly string[]; readonly timeout?: number }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { runToEnd } = await import("../../../job/run/start-run.js");
          const services = await jobRunner(catalog, invocation.terminal);
          const done = await runToEnd(services, name, {
            Arguments: namedArguments("--arg", options.arg, invocation.terminal.env),
            ...(options.timeout === undefined ? {} : { Timeout: options.timeout }),
          });
          if (done.JobRunState !== "SUCCEEDED") invocation.fail();
          await printRun(invocation, done);
        }),
      ),
    );
}

function listCommand(job: Command, run: ActionRunner): void {
  job
    .command("runs")
    .argument("<job>", "name of the job")
    .option("--last <count>", "how many", parseCount("--last", 1), 20)
    .description("list a job's runs, newest first: state, duration, records, cost")
    .addHelpText("after", "\nExample:\n  $ dynaframe job runs orders-etl --last 5 --json")
    .action(
      run(async (invocation, name: string, { last }: { readonly last: number }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const { recoverRuns } = await import("../../../job/run/recover-runs.js");
          await recoverRuns({ catalog, now: () => Date.now() / 1000 }, name);
          const runs = await newestRuns(catalog, name, last);
          if (runs.length === 0) await requireJob(catalog, name);
          if (global.json) return terminal.out(jsonDocument(runs.map(shownRun)));
          const rows = runs.map((each) => [
            clockTime(each.StartedOn),
            printable(each.Id),
            paintState(style, each.JobRunState),
            String(each.Attempt),
            each.CompletedOn === undefined ? "" : duration((each.CompletedOn - each.StartedOn) * 1000),
            ...(each.Metrics === undefined ? ["", ""] : [grouped(each.Metrics.read), grouped(each.Metrics.written)]),
            costText(each),
            clipped(printable(each.ErrorMessage ?? ""), 60),
          ]);
          return terminal.out(
            printTable(
              [
                { title: "STARTED" },
                { title: "RUN" },
                { title: "STATE" },
                { title: "TRY", align: "right" },
                { title: "TOOK", align: "right" },
                { title: "READ", align: "right" },
                { title: "WRITTEN", align: "right" },
                { title: "COST", align: "right" },
                { title: "ERROR" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
}

function logsCommand(job: Command, run: ActionRunner): void {
  job
    .command("logs")
    .argument("<job>", "name of the job")
    .argument("[run]", "id of the run; default: the newest")
    .option("--error", "what it printed on standard error")
    .option("-f, --follow", "go on until the run ends")
    .description("print what a run's script printed")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe job logs orders-etl\n  $ dynaframe job logs orders-etl jr_5f0c… --error --follow",
    )
    .action(
      run(
        async (
          invocation,
          name: string,
          id: string | undefined,
          options: { readonly error?: boolean; readonly follow?: boolean },
        ) =>
          withExisting(invocation, async ({ catalog }) => {
            const { logFiles } = await import("../../../job/script/log-files.js");
            const { logFolder } = await import("../../../job/job-folder.js");
            const { hasEnded } = await import("../../../job/run/run-record.js");
            const { terminal } = invocation;
            const runOf = async (): Promise<JobRun> => {
              const [newest] =
                id === undefined ? await newestRuns(catalog, name, 1) : [await getRun(catalog, name, id)];
              if (newest === undefined) await requireJob(catalog, name);
              if (newest === undefined)
                throw new DynaframeError("RUN_NOT_FOUND", `Job ${name} has no run.`, {
                  name: "EntityNotFoundException",
                  path: name,
                  hint: "Start it: dynaframe job start.",
                });
              return newest;
            };
            const { Id } = await runOf();
            const files = logFiles(logFolder(catalog), name, Id);
            const file = options.error === true ? files.error : files.output;
            for (let from = 0; ;) {
              const isOver =
                options.follow !== true
                || terminal.signal.aborted
                || hasEnded((await getRun(catalog, name, Id)).JobRunState);
              const size = (await stat(file).catch(() => undefined))?.size ?? 0;
              if (size > from)
                for await (const chunk of createReadStream(file, { start: from, end: size - 1, encoding: "utf8" }))
                  await terminal.out(String(chunk));
              from = size;
              if (isOver) return;
              await pause(200);
            }
          }),
      ),
    );
}

function stopCommand(job: Command, run: ActionRunner): void {
  job
    .command("stop")
    .argument("<job>", "name of the job")
    .argument("<runs...>", "ids of its runs")
    .description("stop runs: their processes are ended, and nothing that they did not commit is kept")
    .addHelpText("after", "\nExample:\n  $ dynaframe job stop orders-etl jr_5f0c…")
    .action(
      run(async (invocation, name: string, ids: readonly string[]) =>
        withExisting(invocation, async ({ catalog }) => {
          const { stopRun } = await import("../../../job/run/start-run.js");
          for (const id of ids) {
            await stopRun({ catalog, now: () => Date.now() / 1000 }, name, id).catch(async (error: unknown) => {
              await requireJob(catalog, name); // a job that is not there is told before its run
              throw error;
            });
          }
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(ids.map((JobRunId) => ({ JobName: name, JobRunId })))
              : ids.map((id) => `stopping ${printable(id)}\n`).join(""),
          );
        }),
      ),
    );
}

async function newestRuns(catalog: Catalog, job: string, last: number): Promise<readonly JobRun[]> {
  const { items } = await catalog.listEntities(
    { kind: "job-run", scope: job },
    { newestFirst: true, maxResults: Math.min(last, 1000) },
  );
  return items.map(({ doc }) => doc as JobRun);
}

async function getRun(catalog: Catalog, job: string, id: string): Promise<JobRun> {
  const { getDefinition } = await import("../../../catalog/definitions/definition.js");
  const { runRef } = await import("../../../job/run/run-record.js");
  return (await getDefinition<JobRun>(catalog, runRef(job, id))).doc;
}
