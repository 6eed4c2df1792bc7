import type { CommandDefinition } from "../command.js";
import { workflowDefinitionCommands } from "./workflow/definitions.js";
import { workflowGraphCommand } from "./workflow/graph.js";
import { workflowRunCommands } from "./workflow/runs.js";

export const workflowCommand: CommandDefinition = (program, run) => {
  const workflow = program
    .command("workflow")
    .description("workflows: graphs of jobs and crawlers, their runs and triggers")
    .addHelpText(
      "after",
      `
A workflow file exports what defineWorkflow gives, or is its argument as JSON:
  { "name": "nightly", "schedule": "cron(0 2 * * ? *)",
    "nodes": { "raw": { "crawler": "raw" }, "clean": { "job": "clean", "after": ["raw"] } } }

Examples:
  $ dynaframe workflow create nightly.ts
  $ dynaframe workflow start nightly
  $ dynaframe workflow graph nightly --mermaid
  $ dynaframe run-scheduler`,
    );
  workflowDefinitionCommands(workflow, run);
  workflowRunCommands(workflow, run);
  workflowGraphCommand(workflow, run);
};
