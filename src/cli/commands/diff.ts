import { parseVersionRange, type VersionRange } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { type DriftOutputOptions, withDriftOutput, writeDrift } from "../drift-output.js";
import { withExisting } from "../open-context.js";

export const diffCommand: CommandDefinition = (program, run) => {
  withDriftOutput(
    program
      .command("diff")
      .argument("<range>", "DATABASE.TABLE@FROM..TO; without TO the present version", parseVersionRange)
      .description(
        "show what one version of a table changed against another: rule, types, first record, and whom it breaks",
      ),
  )
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe diff shop.orders@3..5\n  $ dynaframe diff shop.orders@3 --fail-on forward\n  $ dynaframe diff shop.orders@0.. --format html --out drift.html",
    )
    .action(
      run(async (invocation, { database, table, from, to }: VersionRange, options: DriftOutputOptions) =>
        withExisting(invocation, async (glue) =>
          writeDrift(
            invocation,
            await glue.diff({ database, tableName: table, from, ...(to === undefined ? {} : { to }) }),
            options,
            true,
          ),
        ),
      ),
    );
};
