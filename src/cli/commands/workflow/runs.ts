import type { Command } from "commander";
import type { StoredRun } from "../../../workflow/store/stored-run.js";
import { collect, parseCount } from "../../arguments.js";
import type { ActionRunner, Invocation } from "../../command.js";
import { withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { clockTime, duration } from "../../print/number.js";
import { printTable } from "../../print/table.js";
import { printable } from "../../print/text.js";
import { UsageError } from "../../usage-error.js";
import { workflowRunner } from "../../workflow-runner.js";
import { workflowGraph } from "./graph.js";

/** `dynaframe workflow start | runs | stop | resume` */
export function workflowRunCommands(parent: Command, run: ActionRunner): void {
  parent
    .command("start")
    .argument("<workflow>", "name of the workflow")
    .option("--property <name=value>", "a property of this run; repeatable", collect, [])
    .option("--detach", "only begin it: a run-scheduler runs it")
    .description("begin a run, run it here and wait for its end; exit status 1 when a node did not succeed")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe workflow start nightly --property day=2024-03-01\n  $ dynaframe workflow start nightly --detach",
    )
    .action(
      run(
        async (
          invocation,
          name: string,
          options: { readonly property: readonly string[]; readonly detach?: boolean },
        ) =>
          withExisting(invocation, async ({ catalog }) => {
            const { beginRun } = await import("../../../workflow/runner/begin-run.js");
            const begun = await beginRun(catalog, name, { at: Date.now(), properties: properties(options.property) });
            return options.detach === true ? printRun(invocation, begun) : driveHere(invocation, catalog, begun);
          }),
      ),
    );
  parent
    .command("resume")
    .argument("<workflow>", "name of the workflow")
    .argument("<run>", "id of a completed run")
    .argument("<nodes...>", "job:NAME or crawler:NAME: where to begin again")
    .option("--detach", "only begin it: a run-scheduler runs it")
    .description("a new run that begins again from nodes of one before; nodes that these do not reach are taken over")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow resume nightly wr_5f0c… job:clean")
    .action(
      run(
        async (
          invocation,
          name: string,
          id: string,
          nodes: readonly string[],
          options: { readonly detach?: boolean },
        ) =>
          withExisting(invocation, async ({ catalog }) => {
            const { beginResumed } = await import("../../../workflow/runner/begin-run.js");
            const from = nodes.map(nodeOf);
            const begun = await beginResumed(catalog, name, id, from, Date.now()).catch(workflowFirst(catalog, name));
            return options.detach === true ? printRun(invocation, begun) : driveHere(invocation, catalog, begun);
          }),
      ),
    );
  parent
    .command("runs")
    .argument("<workflow>", "name of the workflow")
    .option("--last <count>", "how many", parseCount("--last", 1), 20)
    .description("list a workflow's runs, newest first")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow runs nightly --json")
    .action(
      run(async (invocation, name: string, { last }: { readonly last: number }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { getWorkflow, listRuns } = await import("../../../workflow/store/workflow-store.js");
          const { runStatistics } = await import("../../../workflow/run.js");
          const { fromStored } = await import("../../../workflow/store/stored-run.js");
          const { terminal, global, style } = invocation;
          const runs = await listRuns(catalog, name, last);
          if (runs.length === 0) await getWorkflow(catalog, name); // the runs of one that was deleted stay
          if (global.json)
            return terminal.out(
              jsonDocument(runs.map((each) => ({ ...shown(each), Statistics: runStatistics(fromStored(each)) }))),
            );
          const rows = runs.map((each) => {
            const { SucceededActions, TotalActions, FailedActions } = runStatistics(fromStored(each));
            return [
              clockTime(each.StartedOn / 1000),
              printable(each.WorkflowRunId),
              each.Status,
              each.CompletedOn === undefined ? "" : duration(each.CompletedOn - each.StartedOn),
              `${SucceededActions} of ${TotalActions}`,
              FailedActions === 0 ? "" : style.bad(String(FailedActions)),
            ];
          });
          return terminal.out(
            printTable(
              [
                { title: "STARTED" },
                { title: "RUN" },
                { title: "STATUS" },
                { title: "TOOK", align: "right" },
                { title: "SUCCEEDED" },
                { title: "FAILED", align: "right" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
  parent
    .command("stop")
    .argument("<workflow>", "name of the workflow")
    .argument("<run>", "id of the run")
    .description("start nothing more of a run, and stop what runs of it")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow stop nightly wr_5f0c…")
    .action(
      run(async (invocation, name: string, id: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { stopRun } = await import("../../../workflow/runner/begin-run.js");
          await printRun(invocation, await stopRun(catalog, name, id, Date.now()).catch(workflowFirst(catalog, name)));
        }),
      ),
    );
}

/** A workflow that is not there is told before its run; runs of one that was deleted stay. */
const workflowFirst =
  (catalog: Catalog, name: string) =>
  async (error: unknown): Promise<never> => {
    await (await import("../../../workflow/store/workflow-store.js")).getWorkflow(catalog, name);
    throw error;
  };

type Catalog = Parameters<typeof workflowRunner>[0];

async function driveHere(invocation: Invocation, catalog: Catalog, begun: StoredRun): Promise<void> {
  const { driveRun, takeRun } = await import("../../../workflow/runner/drive-run.js");
  const services = await workflowRunner(catalog, invocation.terminal);
  const lease = await takeRun(services, begun.Name, begun.WorkflowRunId);
  const done = lease === undefined ? begun : await driveRun(services, begun.Name, begun.WorkflowRunId, lease);
  await services.done();
  if (
    done.Status !== "COMPLETED"
    || done.chain.nodes.some(([, node]) => node.kind === "ended" && node.state !== "SUCCEEDED")
  )
    invocation.fail();
  await printRun(invocation, done);
}

async function printRun({ terminal, global }: Invocation, run: StoredRun): Promise<void> {
  if (global.json) return terminal.out(jsonDocument(shown(run)));
  return terminal.out(
    `${printable(run.Name)} ${printable(run.WorkflowRunId)}: ${run.Status}\n${await workflowGraph(run.triggers, run, "text")}`,
  );
}

/** A run with its nodes by name. */
function shown({ chain, lease: _, ...run }: StoredRun): object {
  return { ...run, nodes: Object.fromEntries(chain.nodes) };
}

function properties(texts: readonly string[]): { readonly [name: string]: string } {
  return Object.fromEntries(
    texts.map((text) => {
      const divider = text.indexOf("=");
      if (divider <= 0) throw new UsageError(`--property takes NAME=VALUE, such as day=2024-03-01, found "${text}"`);
      return [text.slice(0, divider), text.slice(divider + 1)];
    }),
  );
}

function nodeOf(text: string): `job:${string}` | `crawler:${string}` {
  if (!/^(job|crawler):./.test(text)) throw new UsageError(`a node is job:NAME or crawler:NAME, found "${text}"`);
  return text as `job:${string}` | `crawler:${string}`;
}
