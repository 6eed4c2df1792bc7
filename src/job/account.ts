/** The account of a run: what it read is what it wrote, quarantined, filtered and dropped, by reason. */
import type { RunWrite } from "../dynamicframe/run-scope.js";
import type { WriteReport } from "../dynamicframe/write/write-frame.js";
import { DynaframeError } from "../types/error.js";
import type { RunMetrics } from "./run/run-record.js";

/** The identity `read = written + quarantined + filtered + dropped` holds for each write that maps records to rows. */
export type RunAccount = {
  readonly read: number;
  readonly written: number;
  /** Malformed records, and those whose function failed; kept in the quarantine. */
  readonly quarantined: number;
  /** Left out by a filter. */
  readonly filtered: number;
  /** Left out for another reason, such as a sample. */
  readonly dropped: number;
  /** Filtered and dropped records by the reason that the step gave. */
  readonly leftOut: Readonly<Record<string, number>>;
  readonly balanced: boolean;
};

const FILTERS: ReadonlySet<string> = new Set(["filter", "pushDownPredicate"]);

export function accountOf(reports: readonly WriteReport[]): RunAccount {
  const leftOut: Record<string, number> = {};
  for (const report of reports)
    for (const [reason, count] of Object.entries(report.leftOut)) leftOut[reason] = (leftOut[reason] ?? 0) + count;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
  const left = (isFilter: boolean): number =>
    sum(
      Object.entries(leftOut)
        .filter(([reason]) => FILTERS.has(reason) === isFilter)
        .map(([, count]) => count),
    );
  return {
    read: sum(reports.map((r) => r.read)),
    written: sum(reports.map((r) => r.written)),
    quarantined: sum(reports.map((r) => r.errors)),
    filtered: left(true),
    dropped: left(false),
    leftOut,
    balanced: reports.every((r) => r.balanced),
  };
}

/** `read 8 = written 4 + quarantined 2 + filtered 2 + dropped 0` */
export function accountText(
  { read, written, quarantined, filtered, dropped, balanced }: Omit<RunAccount, "leftOut">,
  print: (count: number) => string = String,
): string {
  return `read ${print(read)} ${balanced ? "=" : "≠"} written ${print(written)} + quarantined ${print(quarantined)} + filtered ${print(filtered)} + dropped ${print(dropped)}`;
}

export const unbalanced = (job: string, account: RunAccount): DynaframeError =>
  new DynaframeError("JOB_NOT_BALANCED", `Job ${job}: ${accountText(account)}; nothing was committed.`, {
    path: job,
    expected: String(account.read),
    found: String(account.written + account.quarantined + account.filtered + account.dropped),
    hint: "See the reports of the writes for the step that lost or gained records.",
  });

export function metricsOf(
  account: RunAccount,
  writes: readonly RunWrite[],
  inputs: readonly { readonly size: number }[],
): RunMetrics {
  const files = writes.flatMap(({ report }) => report.files);
  const bytes = (of: readonly { readonly size: number }[]): number => of.reduce((sum, { size }) => sum + size, 0);
  const { read, written, quarantined, filtered, dropped } = account;
  return {
    commits: 1,
    filesRead: inputs.length,
    bytesRead: bytes(inputs),
    filesWritten: files.length,
    bytesWritten: bytes(files),
    read,
    written,
    quarantined,
    filtered,
    dropped,
  };
}
