import type { CommandDefinition } from "../command.js";
import { parseCount } from "../arguments.js";
import { recordJson } from "../../dynamicframe/print-record.js";
import { withExisting } from "../open-context.js";
import { counted } from "../print/number.js";
import { printRecords } from "../print/records.js";

const TABLE_ROWS = 1000;

export const sqlCommand: CommandDefinition = (program, run) => {
  program
    .command("sql")
    .argument("<text>", "a query over catalog tables, written DATABASE.TABLE")
    .description("run SQL over the tables of the catalog")
    .option(
      "-n, --limit <count>",
      `rows to print (default: all with --json, else ${TABLE_ROWS})`,
      parseCount("--limit", 0),
    )
    .addHelpText(
      "after",
      '\nExamples:\n  $ dynaframe sql "select count(*) from shop.orders"\n  $ dynaframe sql "select customer.name, price from shop.orders order by 1 limit 3" --json',
    )
    .action(
      run(async (invocation, text: string, options: { readonly limit?: number }) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const most = options.limit ?? (global.json ? Number.POSITIVE_INFINITY : TABLE_ROWS);
          const frame = glue.sql(text);
          const rows: Record<string, unknown>[] = [];
          let seen = 0;
          for await (const row of frame.stream({ signal: terminal.signal })) {
            if (terminal.closed() || ++seen > most) break;
            if (global.json) await terminal.out(`${recordJson(row)}\n`);
            else rows.push(row);
          }
          if (global.json) return;
          const names = (await frame.schema()).fields.map(({ name }) => name);
          await terminal.out(printRecords(names, rows, style, terminal.columns));
          if (seen > most && options.limit === undefined)
            terminal.err(`the first ${counted(most, "row")} only; --limit takes another number\n`);
        }),
      ),
    );
};
