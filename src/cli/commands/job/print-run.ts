import { accountText } from "../../../job/account.js";
import type { JobRun, RunCost } from "../../../job/run/run-record.js";
import { shownArguments } from "../../../job/script/secret-values.js";
import type { Invocation } from "../../command.js";
import { jsonDocument } from "../../print/json.js";
import { duration, grouped } from "../../print/number.js";
import { printable } from "../../print/text.js";

/** A run as it may be printed: without the secrets among its arguments. */
export const shownRun = (run: JobRun): JobRun => ({ ...run, Arguments: shownArguments(run.Arguments) });

export const paintState = ({ good, bad }: Invocation["style"], state: string): string =>
  state === "SUCCEEDED" ? good(state) : ["FAILED", "TIMEOUT", "ERROR"].includes(state) ? bad(state) : state;

export function costText({ Cost }: JobRun): string {
  const { cost } = (Cost ?? {}) as Partial<RunCost>;
  return cost === undefined ? "" : cost.toFixed(4);
}

export async function printRun({ terminal, global, style }: Invocation, run: JobRun): Promise<void> {
  if (global.json) return terminal.out(jsonDocument(shownRun(run)));
  const { Metrics: metrics } = run;
  const account =
    metrics === undefined
      ? ""
      : `${accountText({ ...metrics, balanced: metrics.read === metrics.written + metrics.quarantined + metrics.filtered + metrics.dropped }, grouped)}\n`;
  return terminal.out(
    `${printable(run.JobName)} ${printable(run.Id)}: ${paintState(style, run.JobRunState)} after ${duration(((run.CompletedOn ?? run.StartedOn) - run.StartedOn) * 1000)}, cost ${costText(run)}\n${account}${run.ErrorMessage === undefined ? "" : `${printable(run.ErrorMessage)}\n`}`,
  );
}
