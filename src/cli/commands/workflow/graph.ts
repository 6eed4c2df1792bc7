import type { Command } from "commander";
import type { StoredRun } from "../../../workflow/store/stored-run.js";
import type { Trigger } from "../../../workflow/model.js";
import type { ActionRunner } from "../../command.js";
import { withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { printable } from "../../print/text.js";

/** `dynaframe workflow graph` */
export function workflowGraphCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("graph")
    .argument("<workflow>", "name of the workflow")
    .argument("[run]", "id of a run; default: the newest")
    .option("--mermaid", "as a Mermaid diagram")
    .description("draw the nodes in their order, with what they wait for and the states of a run")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe workflow graph nightly\n  $ dynaframe workflow graph nightly --mermaid > nightly.mmd",
    )
    .action(
      run(async (invocation, name: string, id: string | undefined, options: { readonly mermaid?: boolean }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { getWorkflow, listRuns, triggersOf } = await import("../../../workflow/store/workflow-store.js");
          const { getRun } = await import("../../../workflow/runner/begin-run.js");
          await getWorkflow(catalog, name);
          const last = id === undefined ? (await listRuns(catalog, name, 1))[0] : await getRun(catalog, name, id);
          const triggers = last?.triggers ?? (await triggersOf(catalog, name));
          const { terminal, global } = invocation;
          if (global.json) {
            return terminal.out(
              jsonDocument({
                workflow: name,
                run: last?.WorkflowRunId,
                status: last?.Status,
                triggers,
                nodes: last === undefined ? {} : Object.fromEntries(last.chain.nodes),
              }),
            );
          }
          const heading =
            last === undefined || options.mermaid === true
              ? ""
              : `${printable(name)} ${printable(last.WorkflowRunId)}: ${last.Status}\n`;
          return terminal.out(
            heading + (await workflowGraph(triggers, last, options.mermaid === true ? "mermaid" : "text")),
          );
        }),
      ),
    );
}

export async function workflowGraph(
  triggers: readonly Trigger[],
  run: StoredRun | undefined,
  form: "text" | "mermaid",
): Promise<string> {
  const { graphMermaid, graphText } = await import("../../../workflow/graph.js");
  const states = new Map(
    (run?.chain.nodes ?? []).map(([node, state]) => [node, state.kind === "running" ? "RUNNING" : state.state]),
  );
  return form === "mermaid"
    ? graphMermaid(triggers, states)
    : graphText(triggers, states).split("\n").map(printable).join("\n");
}
