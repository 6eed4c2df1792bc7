/**
 * What a plan makes an engine do, as a graph: files, what is made of them, what is kept, the query. Pure; engines say
 * how they read.
 */
import type { Relation, ScanRelation } from "../plan/ir/relation.js";

/** One step of the engine's work. */
export type Stage = {
  /** Unique in its plan. */
  readonly id: string;
  readonly kind: "files" | "staging" | "stored" | "values" | "pass" | "query";
  readonly label: string;
  /** What it reads, and how often. */
  readonly inputs: readonly { readonly stage: string; readonly times: number }[];
  /** Of `files`: the source, by the id of its scan. */
  readonly files?: { readonly source: string; readonly files: number; readonly bytes: number };
};

/**
 * `key`: scans of one key are one reading of the files, kept for all that follow; undefined where every use reads them.
 */
export type ReadRule = (scan: ScanRelation) => { readonly key: string; readonly label: string } | undefined;

/** How often the files of a source were read. */
export type ScanCount = { readonly times: number; readonly bytes: number };

/** Scans of each source in one session, by the id of its scan. */
export class ScanCounts {
  private readonly counts = new Map<string, ScanCount>();

  add(source: string, times: number, bytes: number): void {
    const known = this.of(source);
    this.counts.set(source, { times: known.times + times, bytes: known.bytes + bytes });
  }

  of(source: string): ScanCount {
    return this.counts.get(source) ?? { times: 0, bytes: 0 };
  }
}

export const scanBytes = ({ files }: ScanRelation): number => files.reduce((sum, { size }) => sum + size, 0);

/**
 * The stages of a plan that runs from the start. `passes` are plans whose rows went through functions before it; each
 * is read once, by itself.
 */
export function planStages(
  relation: Relation,
  passes: readonly {
    readonly relation: Relation;
    readonly direct: boolean;
    /** Where it runs or how they are read: what follows "rows through a function". */ readonly place?: string;
  }[],
  rule: ReadRule,
): readonly Stage[] {
  const stages = new Map<string, Stage>();
  const inputs = (root: Relation, direct: boolean): Stage["inputs"] => {
    const times = new Map<string, number>();
    for (const [leaf, uses] of leafUses(root)) {
      const stage = leafStage(leaf, direct);
      times.set(stage, (times.get(stage) ?? 0) + uses);
    }
    return [...times].map(([stage, n]) => ({ stage, times: n }));
  };
  const leafStage = (leaf: Relation, direct: boolean): string => {
    if (leaf.kind === "scan") return scanStage(leaf, direct ? undefined : rule(leaf));
    if (leaf.kind === "materialize") return storedStage(leaf);
    return put({ id: "values", kind: "values", label: "rows in the plan", inputs: [] });
  };
  const scanStage = (scan: ScanRelation, rule: ReturnType<ReadRule>): string => {
    const files = put({
      id: `files ${scan.id}`,
      kind: "files",
      label: `${scan.format} files`,
      inputs: [],
      files: { source: scan.id, files: scan.files.length, bytes: scanBytes(scan) },
    });
    return rule === undefined
      ? files
      : put({ id: `staging ${rule.key}`, kind: "staging", label: rule.label, inputs: [{ stage: files, times: 1 }] });
  };
  const storedStage = (node: Extract<Relation, { kind: "materialize" }>): string => {
    const id = `stored ${node.id}`;
    if (stages.has(id)) return id;
    const loaded = node.input.kind === "values" && node.input.rows.length === 0;
    return put({
      id,
      kind: "stored",
      label: loaded ? "loaded rows" : `kept rows ${node.id}`,
      inputs: loaded ? [] : inputs(node.input, false),
    });
  };
  const put = (stage: Stage): string => {
    if (!stages.has(stage.id)) stages.set(stage.id, stage);
    return stage.id;
  };
  passes.forEach((pass, i) =>
    put({
      id: `pass ${i + 1}`,
      kind: "pass",
      label: `rows through a function${pass.place ?? ""}`,
      inputs: inputs(pass.relation, pass.direct),
    }),
  );
  put({ id: "query", kind: "query", label: "the frame's rows", inputs: inputs(relation, false) });
  return [...stages.values()];
}

/** Readings of a source's files that the stages need. */
export const scansPlanned = (stages: readonly Stage[], source: string): number => {
  const id = stages.find((s) => s.files?.source === source)?.id;
  return stages.reduce(
    (sum, s) => sum + s.inputs.reduce((n, input) => n + (input.stage === id ? input.times : 0), 0),
    0,
  );
};

/** The leaves of a plan, down to what is kept, each with the number of ways that lead to it. */
export function leafUses(root: Relation): ReadonlyMap<Relation, number> {
  const known = new Map<Relation, ReadonlyMap<Relation, number>>();
  const uses = (node: Relation): ReadonlyMap<Relation, number> => {
    const found = known.get(node);
    if (found) return found;
    const inputs = inputsOf(node);
    const sum = new Map<Relation, number>(inputs.length === 0 ? [[node, 1]] : []);
    for (const input of inputs) for (const [leaf, n] of uses(input)) sum.set(leaf, (sum.get(leaf) ?? 0) + n);
    known.set(node, sum);
    return sum;
  };
  return uses(root);
}

function inputsOf(node: Relation): readonly Relation[] {
  switch (node.kind) {
    case "scan":
    case "values":
    case "materialize":
      return [];
    case "join":
      return [node.left, node.right];
    case "union":
      return node.inputs;
    default:
      return [node.input];
  }
}
