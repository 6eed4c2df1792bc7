import type { LedgerKey, Table } from "../../catalog/index.js";
import type { CommandDefinition } from "../command.js";
import { withExisting } from "../open-context.js";
import { allPages } from "../../catalog/all-pages.js";
import { jsonDocument } from "../print/json.js";
import { byteSize, clockTime, grouped } from "../print/number.js";
import { type TableColumn, printTable } from "../print/table.js";
import { printable } from "../print/text.js";

const COLUMNS: readonly TableColumn[] = [
  { title: "TABLE" },
  { title: "FORMAT" },
  { title: "COLUMNS", align: "right" },
  { title: "PARTITIONED BY" },
  { title: "FILES", align: "right" },
  { title: "RECORDS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "VERSION", align: "right" },
  { title: "UPDATED" },
];

export const tablesCommand: CommandDefinition = (program, run) => {
  program
    .command("tables")
    .argument("[database]", "only this database; default: all")
    .description("list tables with their format, size and version")
    .addHelpText("after", "\nExamples:\n  $ dynaframe tables\n  $ dynaframe tables shop --json")
    .action(
      run(async (invocation, database: string | undefined) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const databases =
            database === undefined
              ? (await allPages((page) => catalog.getDatabases(page))).map(({ Name }) => Name)
              : [database];
          const tables: Table[] = [];
          for (const name of databases) tables.push(...(await allPages((page) => catalog.getTables(name, page))));
          if (global.json) return terminal.out(jsonDocument(tables));
          if (tables.length === 0) return terminal.out(`no tables in ${database ?? catalog.address}\n`);
          const rows: string[][] = [];
          for (const table of tables) {
            const files = await catalog.getLedgerKeys(table.DatabaseName, table.Name);
            const sum = (of: (key: LedgerKey) => number): number => files.reduce((total, key) => total + of(key), 0);
            rows.push([
              style.name(printable(`${table.DatabaseName}.${table.Name}`)),
              printable(table.Parameters?.["classification"] ?? ""),
              grouped(table.StorageDescriptor?.Columns?.length ?? 0),
              printable((table.PartitionKeys ?? []).map(({ Name }) => Name).join(", ")),
              ...(files.length === 0
                ? ["", "", ""]
                : [grouped(files.length), grouped(sum((key) => key.records)), byteSize(sum((key) => key.size))]),
              table.VersionId,
              clockTime(table.UpdateTime),
            ]);
          }
          return terminal.out(printTable(COLUMNS, rows, style));
        }),
      ),
    );
};
