import type { Table } from "../../catalog/index.js";
import type { Ledger } from "../../shapes/ledger.js";
import type { ChoiceReport } from "../../shapes/ledger-drift.js";
import { type TableName, parseTableName } from "../arguments.js";
import type { CommandDefinition } from "../command.js";
import { withContext } from "../open-context.js";
import { printChoices, printHazards, printMalformed } from "../print/drift.js";
import { jsonDocument } from "../print/json.js";
import { byteSize, counted } from "../print/number.js";
import { printable } from "../print/text.js";
import { DynaframeError } from "../../types/error.js";

const MOST_MALFORMED = 10;

export const driftCommand: CommandDefinition = (program, run) => {
  program.command("drift")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description("show where a table's types drift: each choice with its arms, how often and where first; hazards; malformed records")
    .option("--all", `show all malformed records that are kept, not only the first ${MOST_MALFORMED}`)
    .addHelpText("after", `
FIRST SEEN is file:record:byte; records and bytes count from 0 within the file, which is named as in the table's folder.

Examples:
  $ dynaframe drift shop.orders
  $ dynaframe drift shop.orders --json`)
    .action(run(async (invocation, { database, table: name }: TableName, options: { readonly all?: boolean }) => withContext(invocation, async ({ catalog }) => {
      const { listChoices } = await import("../../shapes/ledger-drift.js");
      const { terminal, global, style } = invocation;
      const table = await catalog.getTable(database, name);
      const ledger = await catalog.getLedger(database, name);
      if (ledger === undefined) throw noLedger(table);
      const choices = listChoices(ledger);
      if (global.json) return terminal.out(jsonDocument(asData(table, ledger, choices)));
      const place = placesIn(table.StorageDescriptor?.Location ?? "");
      const found = choices.length === 0 ? "no path holds more than one type" : `${counted(choices.length, "path")} with more than one type`;
      await terminal.out(`${style.name(printable(`${table.DatabaseName}.${table.Name}`))}: ${counted(ledger.files, "file")}, ${byteSize(ledger.size)}, ${counted(ledger.records, "record")}; ${found}\n`);
      await terminal.out(printChoices(choices, place, style) + printHazards(ledger, place, style)
        + printMalformed(ledger, options.all === true ? ledger.malformedRecords.length : MOST_MALFORMED, place, style));
    })));
};

/** File names as below the table's folder, so that lines stay short. */
function placesIn(location: string): (file: string) => string {
  const folder = `${location.replace(/\/+$/, "")}/`;
  return (file) => (location !== "" && file.startsWith(folder) ? file.slice(folder.length) : file);
}

function asData(table: Table, ledger: Ledger, choices: readonly ChoiceReport[]): unknown {
  const { files, size, records, malformed, malformedRecords, hazards } = ledger;
  return { table: `${table.DatabaseName}.${table.Name}`, location: table.StorageDescriptor?.Location, files, size, records, choices, hazards, malformed, malformedRecords };
}

const noLedger = (table: Table): DynaframeError => new DynaframeError("NO_LEDGER", `nothing is known about the data of ${table.DatabaseName}.${table.Name}`, {
  path: `${table.DatabaseName}.${table.Name}`, hint: `crawl it: dynaframe crawl ${table.StorageDescriptor?.Location ?? "FOLDER"} --database ${table.DatabaseName}`,
});
