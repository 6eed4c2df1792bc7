import type { BlameReport, DriftChange, DriftReport, SchemaChange } from "../../index.js";
import { clockTime, counted, grouped, percent } from "./number.js";
import type { Style } from "./style.js";
import { printTable, type TableColumn } from "./table.js";
import { clipped, printable } from "./text.js";

type FileNames = (file: string) => string;
const MAX_TYPE = 48;

const COLUMNS: readonly TableColumn[] = [
  { title: "VERSION", align: "right" },
  { title: "TIME" },
  { title: "RULE" },
  { title: "PATH" },
  { title: "BEFORE" },
  { title: "AFTER" },
  { title: "BREAKS" },
  { title: "COUNT", align: "right" },
  { title: "SHARE", align: "right" },
  { title: "FIRST SEEN" },
];

/** Drift over time: a verdict, and every change. `net`: only the difference between both ends. */
export function printDrift(
  report: DriftReport,
  { net, names, style }: { readonly net: boolean; readonly names: FileNames; readonly style: Style },
): string {
  const {
    table,
    from,
    to,
    steps,
    changes,
    compatibility: { backward, forward },
  } = report;
  const rows = net
    ? changes
    : steps.flatMap(({ changes: all, versionId, at }) => all.map((change) => ({ ...change, versionId, at })));
  const span = `version ${from.versionId} (${clockTime(from.at)}) to ${to.versionId} (${clockTime(to.at)})`;
  const found = `${counted(changes.length, "difference")}${net || steps.length < 2 ? "" : `, by ${counted(rows.length, "change")} in ${counted(steps.length, "version")}`}`;
  const verdict = `backward ${judged(backward, style)}, forward ${judged(forward, style)}`;
  const head = `${style.name(printable(table))}: ${span}: ${found}; ${verdict}\n`;
  return rows.length === 0
    ? head
    : `${head}\n${printTable(
        COLUMNS,
        rows.map((change) => row(change, names, style)),
        style,
      )}`;
}

/** A path: its types with the versions that brought them, then its changes. */
export function printBlame({ table, path, types, changes }: BlameReport, names: FileNames, style: Style): string {
  const total = types.reduce((sum, { count }) => sum + count, 0);
  const title = `${style.name(printable(`${table} ${path}`))}: ${types.length === 0 ? "not there any more" : counted(types.length, "type")}\n`;
  const rows = types.map(({ tag, count, first, since }) => [
    style.type(tag),
    grouped(count),
    percent(count, total),
    since === undefined ? "–" : `v${since.versionId} ${clockTime(since.at)}`,
    placed(first, names),
  ]);
  const columns: readonly TableColumn[] = [
    { title: "TYPE" },
    { title: "COUNT", align: "right" },
    { title: "SHARE", align: "right" },
    { title: "SINCE" },
    { title: "FIRST SEEN NOW" },
  ];
  const now = rows.length === 0 ? "" : `\n${printTable(columns, rows, style)}`;
  return `${title}${now}${
    changes.length === 0
      ? ""
      : `\n${printTable(
          COLUMNS,
          changes.map((change) => row(change, names, style)),
          style,
        )}`
  }`;
}

/** Lines that GitHub's runner shows beside a build: errors for changes that break somebody, notices for the others. */
export function driftAnnotations({ table, changes }: DriftReport, describe: (change: SchemaChange) => string): string {
  const property = (text: string): string =>
    text.replace(/[%\r\n:,]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  const message = (text: string): string => printable(text).replace(/%/g, "%25");
  return changes
    .map((change) => {
      const level = change.breaksBackward || change.breaksForward ? "error" : "notice";
      const file = change.evidence === undefined ? "" : `file=${property(change.evidence.first.file)},`;
      return `::${level} ${file}title=${property(`${table} ${change.rule}`)}::${message(`${describe(change)} (since version ${change.versionId})`)}\n`;
    })
    .join("");
}

const judged = (holds: boolean, style: Style): string => (holds ? style.good("compatible") : style.bad("broken"));

function row(change: DriftChange, names: FileNames, style: Style): string[] {
  const { rule, path, before = "", after = "", breaksBackward, breaksForward, evidence, versionId, at } = change;
  const breaks = [...(breaksBackward ? ["backward"] : []), ...(breaksForward ? ["forward"] : [])].join(", ");
  return [
    versionId,
    clockTime(at),
    rule,
    style.name(printable(path)),
    style.type(clipped(printable(before), MAX_TYPE)),
    style.type(clipped(printable(after), MAX_TYPE)),
    style.bad(breaks),
    evidence === undefined ? "" : grouped(evidence.count),
    evidence === undefined ? "" : percent(evidence.count, evidence.of),
    evidence === undefined ? "" : `${evidence.gone === true ? "was " : ""}${placed(evidence.first, names)}`,
  ];
}

const placed = (
  { file, record, offset }: { readonly file: string; readonly record: number; readonly offset: number },
  names: FileNames,
): string => printable(`${names(file)}:${record}:${offset}`);
