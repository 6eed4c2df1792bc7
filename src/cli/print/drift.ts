import { HAZARDS, type Ledger, type Place } from "../../shapes/ledger.js";
import type { ChoiceReport } from "../../shapes/ledger-drift.js";
import { counted, grouped, percent } from "./number.js";
import type { Style } from "./style.js";
import { printTable } from "./table.js";
import { clipped, printable } from "./text.js";

type FileNames = (file: string) => string;

/** One line for each arm of each choice, the path on the first of them. */
export function printChoices(choices: readonly ChoiceReport[], names: FileNames, style: Style): string {
  if (choices.length === 0) return "";
  const rows = choices.flatMap(({ path, arms, nulls, missing, inexact }) => {
    const total = arms.reduce((sum, { count }) => sum + count, 0);
    const lines = arms.map(({ tag, count, first }, i) => [
      i === 0 ? style.name(printable(path)) : "",
      style.type(tag),
      `${inexact === true ? "≤ " : ""}${grouped(count)}`,
      percent(count, total),
      firstSeen(first, names),
    ]);
    if (nulls > 0) lines.push(["", style.faint("null"), grouped(nulls), "", ""]);
    if (missing > 0) lines.push(["", style.faint("missing"), grouped(missing), "", ""]);
    return lines;
  });
  return `\n${printTable([{ title: "PATH" }, { title: "TYPE" }, { title: "COUNT", align: "right" }, { title: "SHARE", align: "right" }, { title: "FIRST SEEN" }], rows, style)}`;
}

/** Valid data that hurts. */
export function printHazards({ hazards }: Pick<Ledger, "hazards">, names: FileNames, style: Style): string {
  const rows = HAZARDS.flatMap((hazard) => {
    const stats = hazards[hazard];
    return stats === undefined
      ? []
      : [[style.warning(hazard), grouped(stats.count), printable(stats.path ?? ""), firstSeen(stats.first, names)]];
  });
  if (rows.length === 0) return "";
  return `\n${printTable([{ title: "HAZARD" }, { title: "COUNT", align: "right" }, { title: "PATH" }, { title: "FIRST SEEN" }], rows, style)}`;
}

/** Records that could not be read, with their bytes; `most` of them. */
export function printMalformed(
  { malformed, malformedRecords }: Pick<Ledger, "malformed" | "malformedRecords">,
  most: number,
  names: FileNames,
  style: Style,
): string {
  if (malformed === 0) return "";
  const rows = malformedRecords
    .slice(0, most)
    .map(({ file, offset, end, code, reason }) => [
      printable(`${names(file)}:${offset}-${end}`),
      style.bad(code),
      clipped(printable(reason), 100),
    ]);
  const rest = malformed > rows.length ? `… and ${grouped(malformed - rows.length)} more\n` : "";
  return `\n${style.bad(counted(malformed, "malformed record"))}\n${printTable([{ title: "FILE:BYTES" }, { title: "CODE" }, { title: "REASON" }], rows, style)}${rest}`;
}

const firstSeen = ({ file, record, offset }: Place, names: FileNames): string =>
  printable(`${names(file)}:${record}:${offset}`);
