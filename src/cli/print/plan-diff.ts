import { match } from "ts-pattern";
import type { Column } from "../../catalog/index.js";
import type { PlannedTable } from "../../index.js";
import { byteSize, counted, grouped } from "./number.js";
import type { Style } from "./style.js";
import { clipped, printable } from "./text.js";

const MAX_TYPE = 80;
const MOST_COLUMNS = 40;

/**
 * What a plan would do to each table, as a diff: `+` comes, `~` changes, `-` goes, `=` stays; below it the columns, and
 * why.
 */
export function printPlan(database: string, tables: readonly PlannedTable[], style: Style): string {
  return tables.map((table) => tableDiff(database, table, style)).join("\n");
}

function tableDiff(database: string, table: PlannedTable, style: Style): string {
  const { name, action, classification, location, contents, partitions, partitionKeys, files, typeChanges } = table;
  const { sign, paint } = mark(action, style);
  const title = `${paint(`${sign} ${printable(`${database}.${name}`)}`)}  ${action === "keep" ? "keep" : action}  ${style.faint(`${printable(classification)}, ${counted(contents.files, "file")}, ${counted(contents.records, "record")}, ${byteSize(contents.bytes)}`)}`;
  const changed = [
    [files.new, "new"],
    [files.changed, "changed"],
    [files.vanished, "gone"],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${grouped(Number(count))} ${String(what)}`]));
  const places = [
    ...(partitions.put === 0 ? [] : [`${grouped(partitions.put)} written`]),
    ...(partitions.deleted === 0 ? [] : [`${grouped(partitions.deleted)} removed`]),
  ];
  const lines = [
    style.faint(printable(location)),
    ...(changed.length === 0 ? [] : [`files: ${changed.join(", ")}`]),
    ...columnLines(table, style),
    ...(places.length === 0
      ? []
      : [`partitions by ${printable(partitionKeys.join(", "))}: ${places.join(", ")} of ${grouped(partitions.total)}`]),
    ...(typeChanges.length === 0
      ? []
      : [
          `${counted(typeChanges.length, "change")} of the exact type: ${printable(
            typeChanges
              .slice(0, 5)
              .map(({ rule, path }) => `${rule} ${path}`)
              .join(", "),
          )}${typeChanges.length > 5 ? ", …" : ""}`,
        ]),
    ...(contents.malformed === 0 ? [] : [style.bad(counted(contents.malformed, "malformed record"))]),
    ...table.reasons.map(({ code, message }) => `${style.faint("because")} ${code}: ${printable(message)}`),
  ];
  return `${title}\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

function mark(
  action: PlannedTable["action"],
  style: Style,
): { readonly sign: string; readonly paint: (text: string) => string } {
  return match(action)
    .with("create", () => ({ sign: "+", paint: style.good }))
    .with("update", "log", () => ({ sign: "~", paint: style.warning }))
    .with("deprecate", "delete", () => ({ sign: "-", paint: style.bad }))
    .with("keep", () => ({ sign: "=", paint: style.faint }))
    .exhaustive();
}

function columnLines({ columns, columnsBefore, action }: PlannedTable, style: Style): readonly string[] {
  if (action === "keep" || action === "deprecate" || action === "delete") return [];
  const before = new Map((columnsBefore ?? []).map((column) => [column.Name, column]));
  const now = new Set(columns.map(({ Name }) => Name));
  const text = ({ Name, Type = "" }: Column): string => `${printable(Name)} ${clipped(printable(Type), MAX_TYPE)}`;
  const lines = [
    ...columns.flatMap((column) => {
      const old = before.get(column.Name);
      if (old === undefined) return [style.good(`+ ${text(column)}`)];
      return old.Type === column.Type
        ? []
        : [
            style.warning(
              `~ ${printable(column.Name)} ${clipped(printable(old.Type ?? ""), MAX_TYPE)} → ${clipped(printable(column.Type ?? ""), MAX_TYPE)}`,
            ),
          ];
    }),
    ...[...before.values()].filter(({ Name }) => !now.has(Name)).map((column) => style.bad(`- ${text(column)}`)),
  ];
  return lines.length <= MOST_COLUMNS
    ? lines
    : [...lines.slice(0, MOST_COLUMNS), style.faint(`… and ${counted(lines.length - MOST_COLUMNS, "column")} more`)];
}
