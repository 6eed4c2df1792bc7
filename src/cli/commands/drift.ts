import type { Table } from "../../catalog/index.js";
import type { Ledger } from "../../shapes/ledger.js";
import type { ChoiceReport } from "../../shapes/ledger-drift.js";
import { type TableName, parseTableName } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { type DriftOutputOptions, placesIn, withDriftOutput, writeDrift } from "../drift-output.js";
import { withExisting } from "../open-context.js";
import { printChoices, printHazards, printMalformed } from "../print/drift.js";
import { jsonDocument } from "../print/json.js";
import { byteSize, counted } from "../print/number.js";
import { printable } from "../print/text.js";

const MOST_MALFORMED = 10;

type DriftOptions = DriftOutputOptions & { readonly all?: boolean; readonly from?: string; readonly against?: string };

export const driftCommand: CommandDefinition = (program, run) => {
  withDriftOutput(
    program
      .command("drift")
      .argument("<table>", "DATABASE.TABLE", parseTableName)
      .description(
        "show where a table's types drift: each choice with its arms, how often and where first; hazards; malformed records. With --from or --against: what changed over time, by which data, and whom it breaks",
      )
      .option("--all", `show all malformed records that are kept, not only the first ${MOST_MALFORMED}`)
      .option("--from <time>", "changes since a time, such as 2024-01-31")
      .option("--against <version>", "changes since a version, such as v3"),
  )
    .addHelpText(
      "after",
      `
FIRST SEEN is file:record:byte; records and bytes count from 0 within the file, which is named as in the table's folder.

Examples:
  $ dynaframe drift shop.orders
  $ dynaframe drift shop.orders --from 2024-01-01
  $ dynaframe drift shop.orders --against v3 --fail-on backward --format github
  $ dynaframe drift shop.orders --against v0 --format html --out drift.html`,
    )
    .action(
      run(async (invocation, { database, table: name }: TableName, options: DriftOptions) =>
        withExisting(invocation, async (glue) => {
          const { catalog } = glue;
          const { from, against, format, out, failOn } = options;
          if ([from, against, format, out, failOn].some((given) => given !== undefined)) {
            const report = await glue.drift({
              database,
              tableName: name,
              ...(from === undefined ? {} : { from }),
              ...(against === undefined ? {} : { against }),
            });
            return writeDrift(invocation, report, options, false);
          }
          const { noHistory } = await import("../../crawler/drift/tell-drift.js");
          const { listChoices } = await import("../../shapes/ledger-drift.js");
          const { terminal, global, style } = invocation;
          const table = await catalog.getTable(database, name);
          const ledger = await catalog.getLedger(database, name);
          if (ledger === undefined) throw noHistory(table);
          const choices = listChoices(ledger);
          if (global.json) return terminal.out(jsonDocument(asData(table, ledger, choices)));
          const place = placesIn(table.StorageDescriptor?.Location ?? "");
          const found =
            choices.length === 0
              ? "no path holds more than one type"
              : `${counted(choices.length, "path")} with more than one type`;
          await terminal.out(
            `${style.name(printable(`${table.DatabaseName}.${table.Name}`))}: ${counted(ledger.files, "file")}, ${byteSize(ledger.size)}, ${counted(ledger.records, "record")}; ${found}\n`,
          );
          await terminal.out(
            printChoices(choices, place, style)
              + printHazards(ledger, place, style)
              + printMalformed(
                ledger,
                options.all === true ? ledger.malformedRecords.length : MOST_MALFORMED,
                place,
                style,
              ),
          );
        }),
      ),
    );
};

function asData(table: Table, ledger: Ledger, choices: readonly ChoiceReport[]): unknown {
  const { files, size, records, malformed, malformedRecords, hazards } = ledger;
  return {
    table: `${table.DatabaseName}.${table.Name}`,
    location: table.StorageDescriptor?.Location,
    files,
    size,
    records,
    choices,
    hazards,
    malformed,
    malformedRecords,
  };
}
