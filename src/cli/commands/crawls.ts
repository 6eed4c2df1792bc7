import { parseCount } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { clockTime, duration, grouped } from "../print/number.js";
import { printTable, type TableColumn } from "../print/table.js";
import { clipped, printable } from "../print/text.js";

const COLUMNS: readonly TableColumn[] = [
  { title: "STARTED" },
  { title: "DATABASE" },
  { title: "STATE" },
  { title: "TOOK", align: "right" },
  { title: "FILES", align: "right" },
  { title: "READ", align: "right" },
  { title: "RECORDS", align: "right" },
  { title: "PROBLEMS", align: "right" },
  { title: "TABLES" },
];

export const crawlsCommand: CommandDefinition = (program, run) => {
  program
    .command("crawls")
    .argument("[database]", "of one database only")
    .option("--last <count>", "how many", parseCount("--last", 1), 20)
    .description("list the crawls there were, newest first: state, duration, counts, errors")
    .addHelpText("after", "\nExamples:\n  $ dynaframe crawls\n  $ dynaframe crawls shop --last 1 --json")
    .action(
      run(async (invocation, database: string | undefined, { last }: { readonly last: number }) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style } = invocation;
          const crawls = (await glue.crawls(database)).slice(0, last);
          // one that was never crawled has no crawls; one that is not there has none to ask for
          if (database !== undefined && crawls.length === 0) await glue.catalog.getDatabase(database);
          if (global.json) return terminal.out(jsonDocument(crawls));
          const rows = crawls.map(({ database: name, state, startTime, endTime, totals, problems, tables, error }) => [
            clockTime(startTime),
            printable(name),
            state === "COMPLETED" ? style.good(state) : state === "RUNNING" ? state : style.bad(state),
            endTime === undefined ? "" : duration((endTime - startTime) * 1000),
            ...(totals === undefined ? ["", "", ""] : [totals.files, totals.scanned, totals.records].map(grouped)),
            problems === undefined || problems === 0 ? "" : style.bad(grouped(problems)),
            error === undefined
              ? clipped(printable((tables ?? []).map((table) => `${table.name} ${table.action}`).join(", ")), 60)
              : `${error.code}: ${clipped(printable(error.message), 80)}`,
          ]);
          return terminal.out(printTable(COLUMNS, rows, style));
        }),
      ),
    );
};
