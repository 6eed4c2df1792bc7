import type { CommandDefinition } from "../command.js";
import { withExisting } from "../open-context.js";
import { allPages } from "../../catalog/all-pages.js";
import { jsonDocument } from "../print/json.js";
import { clockTime, grouped } from "../print/number.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";

export const databasesCommand: CommandDefinition = (program, run) => {
  program
    .command("databases")
    .description("list the databases of the catalog")
    .addHelpText("after", "\nExample:\n  $ dynaframe databases --json")
    .action(
      run(async (invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const databases = await allPages((page) => catalog.getDatabases(page));
          if (global.json) return terminal.out(jsonDocument(databases));
          if (databases.length === 0) return terminal.out(`no databases in ${catalog.address}\n`);
          const rows: string[][] = [];
          for (const { Name, CreateTime, Description } of databases) {
            const tables = await allPages((page) => catalog.getTables(Name, page));
            rows.push([
              style.name(printable(Name)),
              grouped(tables.length),
              clockTime(CreateTime),
              printable(Description ?? ""),
            ]);
          }
          return terminal.out(
            printTable(
              [
                { title: "DATABASE" },
                { title: "TABLES", align: "right" },
                { title: "CREATED" },
                { title: "DESCRIPTION" },
              ],
              rows,
              style,
            ),
          );
        }),
      ),
    );
};
