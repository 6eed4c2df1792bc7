/** What drift and diff share: their formats, the file they may write, and the exit status for CI. */
import { withFileErrors } from "../storage/file-error.js";
import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { DriftReport } from "../index.js";
import { oneOf } from "./arguments.js";
import type { Invocation } from "./command.js";
import { driftAnnotations, printDrift } from "./print/drift-report.js";
import { jsonDocument } from "./print/json.js";

const FORMATS = ["text", "json", "html", "github"] as const;
const FAILURES = ["backward", "forward", "full", "any"] as const;

export type DriftOutputOptions = {
  readonly format?: (typeof FORMATS)[number];
  readonly out?: string;
  readonly failOn?: (typeof FAILURES)[number];
};

export function withDriftOutput(command: Command): Command {
  return command
    .option(
      "--format <name>",
      `${FORMATS.join(", ")}; html is one page with a timeline, github annotates a build (default: text)`,
      oneOf("--format", FORMATS),
    )
    .option("--out <file>", "write the result to a file")
    .option(
      "--fail-on <what>",
      "exit with 4 on changes that break: backward (new readers of old data), forward (old readers of new data), full (either); or on any change",
      oneOf("--fail-on", FAILURES),
    );
}

export async function writeDrift(
  invocation: Invocation,
  report: DriftReport,
  { format, out, failOn }: DriftOutputOptions,
  net: boolean,
): Promise<void> {
  const { terminal, global, style, drifted } = invocation;
  const text = await formatted(
    report,
    format ?? (global.json ? "json" : "text"),
    out === undefined ? style : invocation.plain,
    net,
  );
  if (out === undefined) await terminal.out(text);
  else await withFileErrors(out, () => writeFile(out, text));
  if (failOn !== undefined && fails(report, failOn)) drifted();
}

async function formatted(
  report: DriftReport,
  format: (typeof FORMATS)[number],
  style: Invocation["style"],
  net: boolean,
): Promise<string> {
  switch (format) {
    case "json":
      return jsonDocument(report);
    case "html":
      return (await import("../crawler/drift/drift-page.js")).driftPage(report);
    case "github":
      return driftAnnotations(report, (await import("../types/compat.js")).describeChange);
    case "text":
      return printDrift(report, { net, names: placesIn(report.location ?? ""), style });
  }
}

function fails({ compatibility, changes }: DriftReport, failOn: (typeof FAILURES)[number]): boolean {
  return failOn === "any" ? changes.length > 0 : !compatibility[failOn];
}

/** File names as below the table's folder, so that lines stay short. */
export function placesIn(location: string): (file: string) => string {
  const folder = `${location.replace(/\/+$/, "")}/`;
  return (file) => (location !== "" && file.startsWith(folder) ? file.slice(folder.length) : file);
}
