import type { CommandDefinition } from "../command.js";
import { type TableName, parseTableName } from "../arguments.js";
import { withExisting } from "../open-context.js";
import { allPages } from "../../catalog/all-pages.js";
import { jsonDocument } from "../print/json.js";
import { clockTime, grouped } from "../print/number.js";
import { printTable } from "../print/table.js";
import { columnChanges } from "../print/column-changes.js";

export const versionsCommand: CommandDefinition = (program, run) => {
  program
    .command("versions")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description("list the versions of a table, newest first, and what each changed")
    .addHelpText("after", "\nExample:\n  $ dynaframe versions shop.orders")
    .action(
      run(async (invocation, { database, table }: TableName) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const versions = await allPages((page) => catalog.getTableVersions(database, table, page));
          if (global.json) return terminal.out(jsonDocument(versions));
          const rows = versions.map(({ VersionId, Table }, i) => [
            VersionId,
            clockTime(Table.UpdateTime),
            grouped(Table.StorageDescriptor?.Columns?.length ?? 0),
            columnChanges(versions[i + 1]?.Table, Table),
          ]);
          return terminal.out(
            printTable(
              [
                { title: "VERSION", align: "right" },
                { title: "TIME" },
                { title: "COLUMNS", align: "right" },
                { title: "CHANGE" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
};
