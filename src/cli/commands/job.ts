import type { CommandDefinition } from "../command.js";
import { bookmarkCommands } from "./job/bookmark.js";
import { definitionCommands } from "./job/definitions.js";
import { gcCommand } from "./job/gc.js";
import { newJobCommand } from "./job/new.js";
import { runCommands } from "./job/runs.js";

export const jobCommand: CommandDefinition = (program, run) => {
  const job = program
    .command("job")
    .description("jobs: their definitions, runs, logs and bookmarks")
    .addHelpText(
      "after",
      `
A job is a script (.ts, .js, .mjs or .py) with its arguments and limits. A run of it is a process of its own.

Examples:
  $ dynaframe job create orders-etl --script ./orders-etl.ts --arg target=./out --bookmark enable
  $ dynaframe job start orders-etl --arg day=2024-03-01
  $ dynaframe job runs orders-etl
  $ dynaframe job bookmark show orders-etl`,
    );
  newJobCommand(job, run);
  definitionCommands(job, run);
  runCommands(job, run);
  bookmarkCommands(job, run);
  gcCommand(job, run);
};
