/** An explanation as text. */
import type { Stage } from "../../engine/stages.js";
import type { ExplainedSource, ExplainedStep, Explanation } from "./explanation.js";

export function explanationText({ steps, sources, stages, relation, engine }: Explanation): string {
  const last = steps.at(-1);
  return [
    "== Logical plan ==",
    ...(last ? stepLines(last, steps, "") : []),
    "",
    "== IR ==",
    relation,
    "",
    "== Sources ==",
    ...sources.flatMap(sourceLines),
    "",
    "== Stages ==",
    ...stageLines(stages, sources),
    "",
    "== Engine ==",
    engine,
    "",
  ].join("\n");
}

function stepLines(step: ExplainedStep, steps: readonly ExplainedStep[], indent: string): readonly string[] {
  const numbers = [
    ...(step.rows === null ? [] : [`${step.rows} rows`]),
    ...(step.errors > 0 ? [`${step.errors} errors`] : []),
  ];
  const line = `${indent}${step.kind}${step.args && ` ${step.args}`}${numbers.length > 0 ? `  -- ${numbers.join(", ")}` : ""}`;
  return [line, ...step.inputs.flatMap((id) => stepLines(steps[id] ?? step, steps, `${indent}  `))];
}

function sourceLines(source: ExplainedSource): readonly string[] {
  return [
    `  ${source.name}: ${sourceScans(source)}; ${source.records} records, ${source.malformed} malformed, ${source.bytesScannedForTypes} bytes scanned for types`,
    ...(source.scansMade > 0
      ? [`    read by this context so far: ${times(source.scansMade)}, ${source.bytesScanned} bytes`]
      : []),
    ...source.notes.map((note) => `    ${note}`),
  ];
}

/** `2. staged as Parquet, of 1`: what comes before is numbered, and read once where nothing else is said. */
function stageLines(stages: readonly Stage[], sources: readonly ExplainedSource[]): readonly string[] {
  const numbers = new Map(stages.map(({ id }, i) => [id, i + 1]));
  return stages.map(({ label, inputs, files }, i) => {
    const name = sources.find((source) => source.id === files?.source)?.name;
    const of = inputs.map(
      (input) => `${numbers.get(input.stage)}${input.times === 1 ? "" : ` (read ${times(input.times)})`}`,
    );
    return `  ${i + 1}. ${name === undefined ? "" : `${name}: `}${label}${of.length === 0 ? "" : `, of ${of.join(", ")}`}`;
  });
}

/** `scanned once, 3 files, 1200 bytes`. */
const sourceScans = ({ bytes, scans, files }: ExplainedSource): string =>
  bytes === null
    ? `${files > 0 ? "not scanned again" : "no files"}, ${files} files`
    : `scanned ${times(scans)}, ${files} files, ${bytes} bytes`;

export const times = (n: number): string => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
