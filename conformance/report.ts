/** The printed and the JSON form of a run (FORMAT, first section). */
import type { Verdict } from "./run-case.js";

export type CaseResult = {
  readonly id: string;
  readonly op: string;
  readonly verdict: Verdict;
  readonly milliseconds: number;
};
const STATUSES = ["PASS", "FAIL", "SKIP", "UNSUPPORTED"] as const;
type Status = (typeof STATUSES)[number];

/** One line: `PASS id`, `FAIL id reason`, `SKIP id reason`, `UNSUPPORTED id op`. */
export function caseLine({ id, op, verdict }: CaseResult): string {
  switch (verdict.status) {
    case "PASS":
      return `PASS ${id}`;
    case "UNSUPPORTED":
      return `UNSUPPORTED ${id} ${op}`;
    case "FAIL":
    case "SKIP":
      return `${verdict.status} ${id} ${oneLine(verdict.reason)}`;
  }
}

const oneLine = (text: string): string => {
  const line = text.replaceAll("\n", "\\n").replace(/[\u0000-\u001f]/g, " ");
  return line.length > 1500 ? `${line.slice(0, 1497)}...` : line;
};

const count = (results: readonly CaseResult[], status: Status): number =>
  results.filter(({ verdict }) => verdict.status === status).length;

export function opTable(results: readonly CaseResult[]): string {
  const ops = [...new Set(results.map(({ op }) => op))].sort();
  const rows = [
    ["op", "passed", "failed", "skipped", "unsupported"],
    ...ops.map((op) => {
      const own = results.filter((result) => result.op === op);
      return [op, ...STATUSES.map((status) => String(count(own, status)))];
    }),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export const summaryLine = (results: readonly CaseResult[]): string =>
  `${count(results, "PASS")} passed, ${count(results, "FAIL")} failed, ${count(results, "SKIP")} skipped, ${count(results, "UNSUPPORTED")} unsupported`;

export const reportJson = (engines: readonly string[], results: readonly CaseResult[]): string =>
  `${JSON.stringify(
    {
      engines,
      passed: count(results, "PASS"),
      failed: count(results, "FAIL"),
      skipped: count(results, "SKIP"),
      unsupported: count(results, "UNSUPPORTED"),
      cases: results.map(({ id, op, verdict, milliseconds }) => ({ id, op, ...verdict, milliseconds })),
    },
    null,
    2,
  )}\n`;

export const exitStatus = (results: readonly CaseResult[], strict: boolean): 0 | 1 =>
  count(results, "FAIL") > 0 || (strict && count(results, "UNSUPPORTED") > 0) ? 1 : 0;
