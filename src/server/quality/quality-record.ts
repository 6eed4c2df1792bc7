/** Rulesets, their runs and results as the catalog keeps them. Times in seconds since the epoch. */
import type { RuleResult } from "./quality-part.js";

export type TargetTable = { readonly DatabaseName: string; readonly TableName: string; readonly CatalogId?: string };
export type RulesetRecord = {
  readonly Description?: string;
  readonly Ruleset: string;
  readonly TargetTable?: TargetTable;
  readonly ruleCount: number;
};

export type QualityRun = {
  readonly DataSource: { readonly GlueTable: TargetTable };
  readonly Role: string;
  readonly RulesetNames: readonly string[];
  readonly Status: "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  /** Of the server that evaluates; not told. */
  readonly pid: number;
  readonly StartedOn: number;
  readonly LastModifiedOn: number;
  readonly CompletedOn?: number;
  readonly ExecutionTime?: number;
  readonly ErrorString?: string;
  readonly ResultIds?: readonly string[];
};

export type QualityResult = {
  readonly DataSource: QualityRun["DataSource"];
  readonly RulesetName: string;
  readonly RulesetEvaluationRunId: string;
  readonly StartedOn: number;
  readonly CompletedOn: number;
  /** The share of the rules that passed. */
  readonly Score: number;
  readonly RuleResults: readonly (RuleResult & { readonly Name: string })[];
};

export const rulesetRef = (name: string) => ({ kind: "quality-ruleset", name });
export const qualityRunRef = (id: string) => ({ kind: "quality-run", name: id });
export const qualityResultRef = (id: string) => ({ kind: "quality-result", name: id });
