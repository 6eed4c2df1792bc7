/** Differences as people read them: what was expected where, what was found, how much of it, and where it began. */
import type { ChoiceReport } from "../shapes/ledger-drift.js";

export type Difference = {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
  readonly note?: string;
};

/** One block per difference, columns aligned; choices with their counts and first places. */
export function differenceText(differences: readonly Difference[], choices: ReadonlyMap<string, ChoiceReport>): string {
  const width = Math.max(0, ...differences.map(({ path }) => (path || "the record").length));
  return differences
    .map(({ path, expected, found, note }) =>
      [
        `  ${(path || "the record").padEnd(width)}  expected  ${expected}`,
        `  ${"".padEnd(width)}  found     ${found}${note === undefined ? "" : `  (${note})`}`,
        ...armLines(choices.get(path)).map((line) => `  ${"".padEnd(width)}            ${line}`),
      ].join("\n"),
    )
    .join("\n");
}

/**
 * `string    9 of 3,200 values (0.3 %), first at movies.json, record 17, byte 4,021` for each arm, the most frequent
 * first.
 */
export function armLines(report: ChoiceReport | undefined): readonly string[] {
  if (!report) return [];
  const total = report.arms.reduce((sum, { count }) => sum + count, 0);
  const width = Math.max(...report.arms.map(({ tag }) => tag.length));
  return report.arms.map(
    ({ tag, count, percent, first }) =>
      `${tag.padEnd(width)}  ${report.inexact ? "at most " : ""}${number(count)} of ${number(total)} values (${percent.toFixed(1)} %), first at ${first.file}:${first.record} (byte ${number(first.offset)})`,
  );
}

const number = (n: number): string => n.toLocaleString("en-US");
