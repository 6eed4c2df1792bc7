/** What `explain()` tells, as plain data: the plan with its numbers, the engine's stages, the scans of each source. */
import type { RunOptions } from "../../engine/index.js";
import { scansPlanned, type Stage } from "../../engine/stages.js";
import { printRelation } from "../../plan/print.js";
import type { Environment } from "../environment.js";
import { stageErrors, type FrameNode, type Resolved, type SourceAccount } from "../frame-node.js";
import { knownRows } from "./known-rows.js";

/** One step of the plan, as the user called it. */
export type ExplainedStep = {
  readonly id: number;
  readonly kind: string;
  /** JSON of its arguments, "" when it has none. */
  readonly args: string;
  readonly inputs: readonly number[];
  /** Rows that leave it; null when only running tells. */
  readonly rows: number | null;
  /** Error records of this step alone. */
  readonly errors: number;
  /** Of a step that reads: its sources by name. */
  readonly sources: readonly string[];
};

/** A source of the plan: its files, and what was read of them. */
export type ExplainedSource = {
  readonly id: string;
  readonly name: string;
  readonly files: number;
  /** Bytes of the files; null of a source that has none. */
  readonly bytes: number | null;
  /** Good and malformed ones. */
  readonly records: number;
  readonly malformed: number;
  /** Bytes read to learn the types: 0 when the catalog knew every file. */
  readonly bytesScannedForTypes: number;
  /** Readings of its files that this plan needs, run from the start. */
  readonly scans: number;
  /** Readings of its files that this context has made so far, by whatever asked for them, and their bytes. */
  readonly scansMade: number;
  readonly bytesScanned: number;
  readonly notes: readonly string[];
};

/** How a frame comes about: its steps, its sources, and what the engine runs. */
export type Explanation = {
  /** Inputs come before what reads them; the last one is the frame. A step that several read is there once. */
  readonly steps: readonly ExplainedStep[];
  readonly sources: readonly ExplainedSource[];
  readonly stages: readonly Stage[];
  readonly relation: string;
  /** The text the engine runs. */
  readonly engine: string;
};

/** How much `explain` finds out. */
export type ExplainOptions = RunOptions & {
  /** Also the rows after every step, which reads the data; default false. */
  readonly counts?: boolean;
};

export async function explanation(
  node: FrameNode,
  { session, resolve }: Environment,
  options: ExplainOptions,
): Promise<Explanation> {
  const resolved = await resolve(node, options);
  const engine = await session.engine();
  const records = new Map(resolved.sources.map((s) => [s.id, s.records - s.malformed]));
  const ids = new Map<FrameNode, number>();
  const steps: ExplainedStep[] = [];
  const visit = async (step: FrameNode): Promise<number> => {
    const known = ids.get(step);
    if (known !== undefined) return known;
    const inputs: number[] = [];
    const inputResults: Resolved[] = [];
    for (const input of step.inputs) {
      inputs.push(await visit(input));
      inputResults.push(await resolve(input, options));
    }
    const own = await resolve(step, options);
    const rows =
      knownRows(own.relation, records) ?? (options.counts === true ? await engine.count(own.relation, options) : null);
    const id = steps.length;
    ids.set(step, id);
    const args = JSON.stringify(step.args, exactly) ?? "{}";
    steps.push({
      id,
      kind: step.kind,
      args: args === "{}" ? "" : args,
      inputs,
      rows,
      errors: stageErrors(own, inputResults),
      sources: step.inputs.length === 0 ? own.sources.map((s) => s.name) : [],
    });
    return id;
  };
  await visit(node);
  const stages = engine.stages(resolved.relation, [...new Set(resolved.behind ?? [])]);
  return {
    steps,
    stages,
    sources: unique(resolved.sources).map((s) => explainedSource(s, stages, engine.scans(s.id))),
    relation: printRelation(resolved.relation),
    engine: await engine.explain(resolved.relation),
  };
}

/** JSON has no bigint; as text it keeps its digits, as decimals do. */
const exactly = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** A source that two branches read is one source. */
const unique = (sources: readonly SourceAccount[]): readonly SourceAccount[] => [
  ...new Map(sources.map((s) => [s.id, s])).values(),
];

function explainedSource(
  source: SourceAccount,
  stages: readonly Stage[],
  made: { readonly times: number; readonly bytes: number },
): ExplainedSource {
  const files = stages.find((s) => s.files?.source === source.id)?.files;
  return {
    id: source.id,
    name: source.name,
    files: source.files,
    bytes: files?.bytes ?? null,
    records: source.records,
    malformed: source.malformed,
    bytesScannedForTypes: source.bytesScanned,
    scans: scansPlanned(stages, source.id),
    scansMade: made.times,
    bytesScanned: made.bytes,
    notes: source.notes,
  };
}
