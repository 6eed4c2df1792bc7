import type { CommandDefinition } from "../command.js";
import { type TableName, parseCount, parseTableName } from "../arguments.js";
import { recordJson } from "../../dynamicframe/print-record.js";
import { withExisting } from "../open-context.js";
import { printRecords } from "../print/records.js";

type ReadOptions = { readonly limit: number; readonly where?: string };

export const readCommand: CommandDefinition = (program, run) => {
  program
    .command("read")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description("print the first records of a table")
    .option("-n, --limit <count>", "records to print", parseCount("--limit", 0), 5)
    .option("--where <predicate>", "partitions to read, such as \"year == '2024'\"")
    .addHelpText(
      "after",
      "\nExamples:\n  $ dynaframe read shop.orders --limit 5\n  $ dynaframe read shop.orders --limit 1000 --json | jq .price",
    )
    .action(
      run(async (invocation, { database, table }: TableName, options: ReadOptions) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const predicate = options.where === undefined ? {} : { pushDownPredicate: options.where };
          const frame = glue.createDynamicFrame.fromCatalog({ database, tableName: table, ...predicate });
          const records: Record<string, unknown>[] = [];
          for await (const record of frame.stream({ limit: options.limit, signal: terminal.signal })) {
            if (terminal.closed()) break;
            if (global.json) await terminal.out(`${recordJson(record)}\n`);
            else records.push(record);
          }
          if (global.json) return;
          const names = (await frame.schema()).fields.map(({ name }) => name);
          await terminal.out(printRecords(names, records, style, terminal.columns));
        }),
      ),
    );
};
