/** A workflow run as the catalog keeps it: plain JSON, with the runner that has it and the runs of its nodes. */
import type { ChainState, NodeRun } from "../chain.js";
import type { NodeId } from "../model.js";
import type { WorkflowRun } from "../run.js";

/** Who drives a run. `fence` grows with each that takes it over: only a change made under the present fence counts. */
export type RunLease = {
  readonly runner: string;
  readonly host: string;
  readonly pid: number;
  readonly fence: number;
  /** Milliseconds since the epoch. */ readonly until: number;
};

export type StoredRun = Omit<WorkflowRun, "chain"> & {
  readonly chain: { readonly nodes: readonly (readonly [NodeId, NodeRun])[]; readonly fired: readonly string[] };
  /** The last run of each job node. */
  readonly jobRuns: { readonly [node: string]: string };
  /** Why nodes could not be run. */
  readonly errors?: { readonly [node: string]: string };
  /** Whether it is of triggers that belong to no workflow; then `Name` is that of the trigger that began it. */
  readonly isChain: boolean;
  readonly lease?: RunLease;
};

export function toStored(
  { chain, ...run }: WorkflowRun,
  rest: Pick<StoredRun, "jobRuns" | "isChain" | "lease" | "errors">,
): StoredRun {
  return { ...run, chain: { nodes: [...chain.nodes], fired: [...chain.fired] }, ...rest };
}

export function fromStored({
  chain,
  jobRuns: _,
  isChain: __,
  lease: ___,
  errors: ____,
  ...run
}: StoredRun): WorkflowRun {
  const state: ChainState = { nodes: new Map(chain.nodes), fired: new Set(chain.fired) };
  return { ...run, chain: state };
}

export const isRunning = ({ Status }: StoredRun): boolean => Status === "RUNNING" || Status === "STOPPING";
