import { match } from "ts-pattern";
import type { CrawlPlan, CrawlReport, PlannedTable } from "../../index.js";
import { printPlan } from "./plan-diff.js";
import { printChoices } from "./drift.js";
import { byteSize, counted, grouped } from "./number.js";
import type { Style } from "./style.js";
import { type TableColumn, printTable } from "./table.js";
import { printable } from "./text.js";

const MOST_STRAYS = 10;
const MOST_CHOICES = 12; // paths shown for each table

const COLUMNS: readonly TableColumn[] = [
  { title: "TABLE" },
  { title: "ACTION" },
  { title: "FORMAT" },
  { title: "FILES", align: "right" },
  { title: "RECORDS", align: "right" },
  { title: "SIZE", align: "right" },
  { title: "PARTITIONS", align: "right" },
  { title: "CHOICES", align: "right" },
  { title: "MALFORMED", align: "right" },
];

/**
 * What a crawl did, or would do: its tables, their choices with first places, and the files it could not read or passed
 * over.
 */
export function printCrawl(
  result: CrawlPlan | CrawlReport,
  style: Style,
  { verbose }: { readonly verbose: boolean },
): string {
  const database = "options" in result ? result.options.database : result.database;
  const planned = "options" in result;
  const { tables, skipped, problems } = result;
  if (planned && tables.length > 0)
    return (
      printPlan(database, tables, style)
      + problemList(problems, style)
      + skippedList(skipped, style)
      + totals(result, planned)
    );
  const head =
    tables.length === 0
      ? `nothing to crawl for ${printable(database)}: no file with records was found\n`
      : printTable(
          COLUMNS,
          tables.map((table) => row(database, table, style)),
          style,
        );
  const details = tables.map((table) => tableDetails(database, table, style, verbose)).join("");
  return head + details + problemList(problems, style) + skippedList(skipped, style) + totals(result, planned);
}

function row(
  database: string,
  { name, action, classification, contents, partitions }: PlannedTable,
  style: Style,
): string[] {
  const { files, records, bytes, choices, malformed } = contents;
  return [
    style.name(printable(`${database}.${name}`)),
    actionText(action, style),
    printable(classification),
    grouped(files),
    grouped(records),
    byteSize(bytes),
    partitions.total === 0 ? "" : grouped(partitions.total),
    choices.length === 0 ? "" : style.warning(grouped(choices.length)),
    malformed === 0 ? "" : style.bad(grouped(malformed)),
  ];
}

function actionText(action: PlannedTable["action"], style: Style): string {
  return match(action)
    .with("create", "update", () => style.good(action))
    .with("keep", () => style.faint("unchanged"))
    .with("log", () => style.warning("only logged"))
    .with("deprecate", "delete", () => style.bad(action))
    .exhaustive();
}

function tableDetails(
  database: string,
  { name, location, contents, reasons, typeChanges }: PlannedTable,
  style: Style,
  verbose: boolean,
): string {
  const title = style.heading(printable(`${database}.${name}`));
  const folder = `${location.replace(/\/+$/, "")}/`;
  const shown = contents.choices.slice(0, MOST_CHOICES);
  const more = contents.choices.length - shown.length;
  const choices = printChoices(shown, (file) => (file.startsWith(folder) ? file.slice(folder.length) : file), style);
  const rest =
    more > 0
      ? style.faint(`… and ${counted(more, "path")} more: dynaframe drift ${printable(`${database}.${name}`)}`) + "\n"
      : "";
  const why = verbose
    ? reasons.map(({ code, message }) => `  ${style.faint(code)} ${printable(message)}\n`).join("")
    : "";
  const changes =
    typeChanges.length === 0
      ? ""
      : `  ${counted(typeChanges.length, "change")} of the exact type since the last crawl\n`;
  return choices + rest + why + changes === ""
    ? ""
    : `\n${title}\n${changes}${why}${choices.replace(/^\n/, "")}${rest}`;
}

function problemList(problems: CrawlReport["problems"], style: Style): string {
  const lines = problems.map(
    ({ file, code, message, hint }) =>
      `${style.bad(`error ${code}:`)} ${printable(message)}\n  at ${printable(file)}\n${hint === undefined ? "" : `  ${style.good("hint:")} ${printable(hint)}\n`}`,
  );
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

function skippedList(skipped: CrawlReport["skipped"], style: Style): string {
  if (skipped.length === 0) return "";
  const counts = new Map<string, number>();
  for (const { why } of skipped) counts.set(why, (counts.get(why) ?? 0) + 1);
  const strays = skipped.filter(({ why }) => why === "STRAY");
  const named = strays
    .slice(0, MOST_STRAYS)
    .map(({ file, detail = "" }) => `${style.warning("stray:")} ${printable(file)}: ${printable(detail)}\n`)
    .join("");
  const more = strays.length > MOST_STRAYS ? `… and ${counted(strays.length - MOST_STRAYS, "stray")} more\n` : "";
  return `\n${named}${more}${style.faint(`passed over ${counted(skipped.length, "file")}: ${[...counts].map(([why, count]) => `${why} ${grouped(count)}`).join(", ")}`)}\n`;
}

function totals({ tables }: CrawlPlan | CrawlReport, planned: boolean): string {
  const sum = (of: (table: PlannedTable) => number): number => tables.reduce((total, table) => total + of(table), 0);
  const scanned = sum(({ files }) => files.new + files.changed);
  const changed = tables.filter(({ action }) => action !== "keep").length;
  const verb = planned ? "would change" : "changed";
  return `\n${verb} ${counted(changed, "table")} of ${grouped(tables.length)}; read ${counted(scanned, "file")}, ${grouped(sum(({ files }) => files.unchanged))} known from before\n`;
}
