/** An explanation as text. */
import type { ExplainedSource, ExplainedStep, Explanation } from "./explanation.js";

export function explanationText({ steps, sources, relation, engine }: Explanation): string {
  const last = steps.at(-1);
  return [
    "== Logical plan ==", ...(last ? stepLines(last, steps, "") : []), "",
    "== IR ==", relation, "",
    "== Sources ==", ...sources.flatMap(sourceLines), "",
    "== Engine ==", engine, "",
  ].join("\n");
}

function stepLines(step: ExplainedStep, steps: readonly ExplainedStep[], indent: string): readonly string[] {
  const numbers = [...(step.rows === null ? [] : [`${step.rows} rows`]), ...(step.errors > 0 ? [`${step.errors} errors`] : [])];
  const line = `${indent}${step.kind}${step.args && ` ${step.args}`}${numbers.length > 0 ? `  -- ${numbers.join(", ")}` : ""}`;
  return [line, ...step.inputs.flatMap((id) => stepLines(steps[id] ?? step, steps, `${indent}  `))];
}

function sourceLines(source: ExplainedSource): readonly string[] {
  return [
    `  ${source.name}: ${sourceScans(source)}; ${source.records} records, ${source.malformed} malformed, ${source.bytesScannedForTypes} bytes scanned for types`,
    ...(source.scansMade > 0 ? [`    read by this context so far: ${times(source.scansMade)}, ${source.bytesScanned} bytes`] : []),
    ...source.notes.map((note) => `    ${note}`),
  ];
}

/** `scanned once, 3 files, 1200 bytes`. */
const sourceScans = ({ bytes, scans, files }: ExplainedSource): string =>
  bytes === null ? `${files > 0 ? "not scanned again" : "no files"}, ${files} files` : `scanned ${times(scans)}, ${files} files, ${bytes} bytes`;

export const times = (n: number): string => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
