import { parseTableName, type TableName } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { placesIn } from "../drift-output.js";
import { withExisting } from "../open-context.js";
import { printBlame } from "../print/drift-report.js";
import { jsonDocument } from "../print/json.js";

export const blameCommand: CommandDefinition = (program, run) => {
  program
    .command("blame")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .argument("<path>", "a path of its records, such as price or items[].sku")
    .description("show which versions and which records made a path what it is")
    .addHelpText("after", "\nExample:\n  $ dynaframe blame shop.orders price")
    .action(
      run(async (invocation, { database, table }: TableName, path: string) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const report = await glue.blame({ database, tableName: table, path });
          if (global.json) return terminal.out(jsonDocument(report));
          const { StorageDescriptor } = await glue.catalog.getTable(database, table);
          return terminal.out(printBlame(report, placesIn(StorageDescriptor?.Location ?? ""), style));
        }),
      ),
    );
};
