import type { Command } from "commander";
import type { Trigger } from "../../workflow/model.js";
import { parseCount } from "../arguments.js";
import type { ActionRunner, CommandDefinition } from "../command.js";
import { readJsonFile } from "../json-file.js";
import { withContext, withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";

const FILE = {
  what: "the trigger file",
  code: "TRIGGER_INVALID",
  expected: "a trigger as the Glue API takes it",
  hint: 'for example {"Name": "t", "Type": "SCHEDULED", "Schedule": "cron(0 2 * * ? *)", "Actions": [{"JobName": "j"}]}',
  schema: {
    type: "object",
    required: ["Name", "Type", "Actions"],
    properties: {
      Name: { type: "string", minLength: 1 },
      Type: { enum: ["ON_DEMAND", "SCHEDULED", "CONDITIONAL", "EVENT"] },
      Actions: { type: "array", items: { type: "object" } },
    },
  },
};

export const triggerCommand: CommandDefinition = (program, run) => {
  const trigger = program
    .command("trigger")
    .description("triggers: what starts jobs and crawlers, in workflows and on their own")
    .addHelpText("after", "\nExamples:\n  $ dynaframe trigger list\n  $ dynaframe trigger deactivate nightly-start");
  trigger
    .command("create")
    .argument("<file>", "the trigger as JSON")
    .description("put a trigger of its own into the catalog; it is inactive until activated")
    .addHelpText("after", "\nExample:\n  $ dynaframe trigger create hourly.json && dynaframe trigger activate hourly")
    .action(
      run(async (invocation, file: string) => {
        const { createTrigger } = await import("../../workflow/store/workflow-store.js");
        const { checkTrigger } = await import("../../workflow/check-trigger.js");
        const definition = await readJsonFile<Trigger>(file, FILE);
        checkTrigger(definition);
        // only now: a bad trigger makes no catalog
        await withContext(invocation, async ({ catalog }) => createTrigger(catalog, definition));
        const { terminal, global } = invocation;
        return terminal.out(global.json ? jsonDocument(definition) : `created ${printable(definition.Name)}\n`);
      }),
    );
  trigger
    .command("list")
    .description("list the triggers and their states")
    .addHelpText("after", "\nExample:\n  $ dynaframe trigger list --json")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          const { triggerOf } = await import("../../workflow/store/workflow-store.js");
          const { allDefinitions } = await import("../../catalog/definitions/definition.js");
          const { terminal, global, style } = invocation;
          const all = (await allDefinitions<Parameters<typeof triggerOf>[0]["doc"]>(catalog, { kind: "trigger" })).map(
            triggerOf,
          );
          if (global.json) return terminal.out(jsonDocument(all));
          const rows = all.map((each) => [
            style.name(printable(each.Name)),
            each.Type,
            each.State,
            printable(each.WorkflowName ?? ""),
            each.Schedule ?? "",
          ]);
          return terminal.out(
            printTable(
              [
                { title: "TRIGGER" },
                { title: "TYPE" },
                { title: "STATE" },
                { title: "WORKFLOW" },
                { title: "SCHEDULE" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
  trigger
    .command("notify")
    .argument("<trigger>", "name of an event trigger")
    .option("--events <number>", "how many events there were", parseCount("--events", 1, 999_999), 1)
    .description("tell an event trigger of events; a full batch, or one whose time is over, begins its workflow")
    .addHelpText(
      "after",
      "\nA scheduler (dynaframe run-scheduler) runs what has begun, and looks after batches whose time is over.\n\nExample:\n  $ dynaframe trigger notify files-came --events 3",
    )
    .action(
      run(async (invocation, name: string, options: { readonly events: number }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { notifyTrigger } = await import("../../workflow/runner/fire-events.js");
          const outcome = await notifyTrigger(catalog, name, options.events, Date.now());
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(outcome)
              : outcome.runId === undefined
                ? `${outcome.waiting} events wait\n`
                : `began ${outcome.runId}\n`,
          );
        }),
      ),
    );
  switchCommand(trigger, run, "activate", "let a trigger fire; a schedule counts from now on");
  switchCommand(trigger, run, "deactivate", "keep a trigger from firing; runs that began go on");
};

function switchCommand(parent: Command, run: ActionRunner, verb: "activate" | "deactivate", description: string): void {
  parent
    .command(verb)
    .argument("<trigger>", "name of the trigger")
    .description(description)
    .addHelpText("after", `\nExample:\n  $ dynaframe trigger ${verb} nightly-start`)
    .action(
      run(async (invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          const { setTriggerState } = await import("../../workflow/store/workflow-store.js");
          await setTriggerState(catalog, name, verb === "activate", Date.now());
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument({ Name: name, State: verb === "activate" ? "ACTIVATED" : "DEACTIVATED" })
              : `${verb}d ${printable(name)}\n`,
          );
        }),
      ),
    );
}
