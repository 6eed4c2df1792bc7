import type { CollectionReport, WriteReport } from "../../index.js";
import { tableFolder } from "../../dynamicframe/write/table-folder.js";
import { byteSize, counted, grouped } from "./number.js";
import type { Style } from "./style.js";
import { printTable } from "./table.js";
import { printable } from "./text.js";

/** The tables written, casts that gave null by path, and the line that says whether every record is accounted for. */
export function printWriteReport(report: WriteReport | CollectionReport, to: string, style: Style): string {
  if (report.skipped) return `${printable(to)} already holds files; nothing was written (--mode ignore)\n`;
  const tables = "tables" in report ? Object.entries(report.tables) : [["", report] as const];
  const rows = tables.map(([name, { written, files }]) => [
    style.name(printable(name === "" ? to : `${to.replace(/\/+$/, "")}/${tableFolder(name)}`)),
    grouped(written),
    grouped(files.length),
    byteSize(files.reduce((sum, file) => sum + file.size, 0)),
  ]);
  const list = printTable(
    [
      { title: "WRITTEN TO" },
      { title: "ROWS", align: "right" },
      { title: "FILES", align: "right" },
      { title: "SIZE", align: "right" },
    ],
    rows,
    style,
  );
  const nulled = Object.entries(report.nulled)
    .filter(([, count]) => count > 0)
    .map(
      ([path, count]) =>
        `${style.warning("nulled")} ${printable(path)}: ${counted(count, "value")} could not be cast\n`,
    )
    .join("");
  return list + nulled + balance(report, style);
}

/** `read 3,201 = written 3,201 + errors 0`, and the records left out on purpose when there are any. */
function balance({ read, written, errors, filtered, balanced }: WriteReport, style: Style): string {
  const left = filtered === 0 ? "" : ` + filtered ${grouped(filtered)}`;
  const line = `read ${grouped(read)} ${balanced ? "=" : "≠"} written ${grouped(written)} + errors ${grouped(errors)}${left}`;
  return `${balanced ? style.good(line) : style.bad(`${line}: records are missing from the account`)}\n`;
}
