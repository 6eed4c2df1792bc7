import type { Catalog, Partition, Table } from "../../catalog/index.js";
import { schemaTree } from "../../types/print.js";
import type { CommandDefinition } from "../command.js";
import { type TableName, parseTableName } from "../arguments.js";
import { withExisting } from "../open-context.js";
import { allPages } from "../../catalog/all-pages.js";
import { jsonDocument } from "../print/json.js";
import { byteSize, clockTime, counted, grouped } from "../print/number.js";
import type { Style } from "../print/style.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";

const MOST_PARTITIONS = 20;

export const showCommand: CommandDefinition = (program, run) => {
  program
    .command("show")
    .argument("<table>", "DATABASE.TABLE", parseTableName)
    .description("show a table: exact schema, catalog columns, partitions, location")
    .option("--all", `list all partitions, not only the first ${MOST_PARTITIONS}`)
    .addHelpText("after", "\nExamples:\n  $ dynaframe show shop.orders\n  $ dynaframe show shop.orders --json")
    .action(
      run(async (invocation, { database, table: tableName }: TableName, options: { readonly all?: boolean }) =>
        withExisting(invocation, async ({ catalog }) => {
          const { terminal, global, style } = invocation;
          const table = await catalog.getTable(database, tableName);
          const [newest] = await catalog.getSchemaHistory(database, tableName, { newest: 1 });
          const partitions =
            (table.PartitionKeys ?? []).length === 0
              ? []
              : await allPages((page) => catalog.getPartitions(database, tableName, page));
          if (global.json) return terminal.out(jsonDocument({ table, schema: newest?.schema, partitions }));
          await terminal.out(await facts(catalog, table, style));
          if (newest !== undefined)
            await terminal.out(
              `\n${style.heading("Schema of the data")}\n${unprintableLines(schemaTree(newest.schema))}`,
            );
          await terminal.out(`\n${style.heading("Columns in the catalog")}\n${columns(table, style)}`);
          if (partitions.length > 0)
            await terminal.out(
              `\n${partitionList(partitions, options.all === true ? partitions.length : MOST_PARTITIONS, style)}`,
            );
        }),
      ),
    );
};

async function facts(catalog: Catalog, table: Table, style: Style): Promise<string> {
  const ledger = await catalog.getLedger(table.DatabaseName, table.Name);
  const lines: (readonly [string, string])[] = [
    ["location", table.StorageDescriptor?.Location ?? "–"],
    ["format", table.Parameters?.["classification"] ?? "–"],
    ["version", `${table.VersionId}, ${clockTime(table.UpdateTime)}`],
  ];
  if (ledger !== undefined) {
    lines.push([
      "data",
      `${counted(ledger.files, "file")}, ${byteSize(ledger.size)}, ${counted(ledger.records, "record")}`,
    ]);
    if (ledger.malformed > 0) lines.push(["malformed", style.warning(counted(ledger.malformed, "record"))]);
  }
  return `${style.name(printable(`${table.DatabaseName}.${table.Name}`))}\n${lines.map(([label, text]) => `  ${label.padEnd(10)} ${text}\n`).join("")}`;
}

function columns(table: Table, style: Style): string {
  const own = (table.StorageDescriptor?.Columns ?? []).map(({ Name, Type, Comment }) => [
    style.name(printable(Name)),
    style.type(printable(Type ?? "")),
    printable(Comment ?? ""),
  ]);
  const keys = (table.PartitionKeys ?? []).map(({ Name, Type }) => [
    style.name(printable(Name)),
    style.type(printable(Type ?? "")),
    "partition key",
  ]);
  return printTable([{ title: "COLUMN" }, { title: "TYPE" }, { title: "" }], [...own, ...keys], style, {
    indent: 2,
    maxWidth: 100,
  });
}

function partitionList(partitions: readonly Partition[], most: number, style: Style): string {
  const rows = partitions
    .slice(0, most)
    .map(({ Values, StorageDescriptor }) => [
      printable(Values.join(", ")),
      printable(StorageDescriptor?.Location ?? ""),
    ]);
  const rest = partitions.length > most ? `  … and ${grouped(partitions.length - most)} more (--all lists them)\n` : "";
  return `${style.heading(counted(partitions.length, "partition"))}\n${printTable([{ title: "VALUES" }, { title: "LOCATION" }], rows, style, { indent: 2 })}${rest}`;
}

/** A schema tree with the control characters of names escaped, its own line breaks kept. */
function unprintableLines(tree: string): string {
  return tree.split("\n").map(printable).join("\n");
}
