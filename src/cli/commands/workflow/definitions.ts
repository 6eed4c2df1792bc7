import type { Command } from "commander";
import type { ActionRunner } from "../../command.js";
import { withContext, withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { counted } from "../../print/number.js";
import { printTable } from "../../print/table.js";
import { printable } from "../../print/text.js";
import { readWorkflowFile } from "../../workflow-file.js";

/** `dynaframe workflow create | list | get | delete` */
export function workflowDefinitionCommands(parent: Command, run: ActionRunner): void {
  parent
    .command("create")
    .argument("<file>", "a module (.ts, .js, .mjs) that exports `workflow`, or JSON")
    .description("put a workflow with its triggers into the catalog; a schedule counts from now on")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow create nightly.ts")
    .action(
      run(async (invocation, file: string) => {
        const { createWorkflow } = await import("../../../workflow/store/workflow-store.js");
        const definition = await readWorkflowFile(file);
        // only now: a bad file makes no catalog
        await withContext(invocation, async ({ catalog }) => createWorkflow(catalog, definition, Date.now()));
        const { terminal, global } = invocation;
        return terminal.out(
          global.json
            ? jsonDocument(definition)
            : `created ${printable(definition.workflow.Name)} with ${counted(definition.triggers.length, "trigger")}\n`,
        );
      }),
    );
  parent
    .command("list")
    .description("list the workflows")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow list")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          const { allDefinitions } = await import("../../../catalog/definitions/definition.js");
          const { triggersOf, listRuns } = await import("../../../workflow/store/workflow-store.js");
          const { terminal, global, style } = invocation;
          const all = await Promise.all(
            (await allDefinitions<object>(catalog, { kind: "workflow" })).map(async ({ name, doc }) => {
              const [triggers, [last]] = [await triggersOf(catalog, name), await listRuns(catalog, name, 1)];
              const first = triggers.find((trigger) => trigger.Type !== "CONDITIONAL");
              return {
                ...doc,
                Name: name,
                Schedule: first?.Schedule,
                State: first?.State,
                LastRun: last === undefined ? undefined : { WorkflowRunId: last.WorkflowRunId, Status: last.Status },
              };
            }),
          );
          if (global.json) return terminal.out(jsonDocument(all));
          const rows = all.map((each) => [
            style.name(printable(each.Name)),
            each.Schedule === undefined
              ? "on demand"
              : `${each.Schedule}${each.State === "ACTIVATED" ? "" : " (inactive)"}`,
            each.LastRun?.Status ?? "",
          ]);
          return terminal.out(
            printTable([{ title: "WORKFLOW" }, { title: "STARTS" }, { title: "LAST RUN" }], rows, style),
          );
        }),
      ),
    );
  parent
    .command("get")
    .argument("<workflow>", "name of the workflow")
    .description("show a workflow and its triggers")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow get nightly --json")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { getWorkflow, triggersOf } = await import("../../../workflow/store/workflow-store.js");
          const { graphText } = await import("../../../workflow/graph.js");
          const [workflow, triggers] = [await getWorkflow(catalog, name), await triggersOf(catalog, name)];
          const { terminal, global, style } = invocation;
          if (global.json) return terminal.out(jsonDocument({ ...workflow, Triggers: triggers }));
          const properties = Object.entries(workflow.DefaultRunProperties ?? {})
            .map(([key, value]) => `  ${printable(key)} = ${printable(value)}\n`)
            .join("");
          return terminal.out(
            `${style.name(printable(name))}${workflow.Description === undefined ? "" : `: ${printable(workflow.Description)}`}\n${properties}${graphText(triggers, new Map())}`,
          );
        }),
      ),
    );
  parent
    .command("delete")
    .argument("<workflow>", "name of the workflow")
    .description("delete a workflow and its triggers; its runs stay")
    .addHelpText("after", "\nExample:\n  $ dynaframe workflow delete nightly")
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { deleteWorkflow } = await import("../../../workflow/store/workflow-store.js");
          await deleteWorkflow(catalog, name);
          const { terminal, global } = invocation;
          return terminal.out(global.json ? jsonDocument({ Name: name }) : `deleted ${printable(name)}\n`);
        }),
      ),
    );
}
