import type { Command } from "commander";
import type { ActionRunner } from "../../command.js";
import { withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { counted } from "../../print/number.js";
import { printable } from "../../print/text.js";
import { stateOf } from "./bookmark.js";

/** `dynaframe job gc` */
export function gcCommand(parent: Command, run: ActionRunner): void {
  parent
    .command("gc")
    .description("finish what killed runs committed, and remove what others left; runs that live are not touched")
    .option("--dry-run", "show what would be removed")
    .addHelpText("after", "\nExample:\n  $ dynaframe job gc --dry-run")
    .action(
      run(async (invocation, options: { readonly dryRun?: boolean }) =>
        withExisting(invocation, async (glue) => {
          const { tidyRuns } = await import("../../../job/tidy-runs.js");
          stateOf(glue);
          const { finished, removed, unsettled } = await tidyRuns(glue.catalog, glue.storage, options.dryRun === true);
          if (unsettled[0]) throw unsettled[0].error;
          const { terminal, global } = invocation;
          if (global.json) return terminal.out(jsonDocument({ dryRun: options.dryRun === true, finished, removed }));
          const [finish, remove] = options.dryRun ? ["would finish", "would remove"] : ["finished", "removed"];
          return terminal.out(
            `${[...finished.map((runId) => `${finish} the commit of ${runId}`), ...removed.map((path) => `${remove} ${path}`)].map((line) => `${printable(line)}\n`).join("")}${finish} ${counted(finished.length, "commit")}, ${remove} ${counted(removed.length, "folder")}\n`,
          );
        }),
      ),
    );
}
