import type { AttachReport } from "../../index.js";
import { collect } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { counted } from "../print/number.js";
import type { Style } from "../print/style.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";
import { openProgress } from "../progress/open-progress.js";

type AttachCommandOptions = {
  readonly database: readonly string[];
  readonly overwrite?: boolean;
  readonly dryRun?: boolean;
};

const NOTES = `
Each database is a schema, each table a view. A view over Parquet reads the files where they lie, as they were listed
now; other tables are copied into the file, exactly typed. A choice is a struct with a field for each type:
select price.double, price.string from shop.orders. Run the command again when the data changed.

Examples:
  $ dynaframe attach out.duckdb && duckdb out.duckdb "select count(*) from shop.orders"
  $ dynaframe attach out.duckdb --database shop --overwrite
  $ dynaframe attach out.duckdb --dry-run`;

export const attachCommand: CommandDefinition = (program, run) => {
  program
    .command("attach")
    .argument("<file>", "database file to write, such as out.duckdb")
    .description("write a DuckDB file with a view for each table of the catalog")
    .option("-d, --database <name>", "database of the catalog (default: all); repeatable", collect, [])
    .option("--overwrite", "replace the file if it is there")
    .option("--dry-run", "say what each view would read, and write nothing")
    .addHelpText("after", NOTES)
    .action(
      run(async (invocation, file: string, options: AttachCommandOptions) =>
        withExisting(invocation, async (glue) => {
          const { terminal, global, style, fail } = invocation;
          const progress = await openProgress(terminal, { quiet: global.quiet });
          const report = await glue
            .attach(
              file,
              {
                overwrite: options.overwrite === true,
                dryRun: options.dryRun === true,
                ...(options.database.length === 0 ? {} : { databases: options.database }),
              },
              { signal: terminal.signal, onProgress: progress.update },
            )
            .finally(() => {
              progress.stop();
            });
          await terminal.out(global.json ? jsonDocument(report) : printAttached(report, style));
          if (report.tables.some((table) => table.kind === "failed")) fail();
        }),
      ),
    );
};

const READS = { files: "Parquet files", copy: "a copy", failed: "failed" } as const;

function printAttached({ file, tables, dryRun }: AttachReport, style: Style): string {
  const rows = tables.map(({ database, table, kind, files, records, errors, error }) => [
    style.name(printable(`${database}.${table}`)),
    kind === "failed" ? style.warning(READS[kind]) : READS[kind],
    String(files),
    String(records),
    errors === 0 ? "" : style.warning(String(errors)),
    error ? printable(`${error.code}: ${error.message}`) : "",
  ]);
  const table = printTable(
    [
      { title: "VIEW" },
      { title: "READS" },
      { title: "FILES", align: "right" },
      { title: "RECORDS", align: "right" },
      { title: "MALFORMED", align: "right" },
      { title: "ERROR" },
    ],
    rows,
    style,
  );
  const views = tables.filter(({ kind }) => kind !== "failed").length;
  return `${table}${dryRun ? "would write" : "wrote"} ${counted(views, "view")} to ${printable(file)}\n`;
}
