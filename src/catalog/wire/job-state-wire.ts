/**
 * The state of jobs over the wire: one operation for each call of the port, with lists where the port has maps and
 * sets.
 */
import type {
  ContextState,
  InputKey,
  JobBookmarkEntry,
  JobStateStore,
  OpenPublication,
  RunCommit,
} from "../job-state.js";

export type WireCommit = Omit<RunCommit, "inputs" | "contexts"> & {
  readonly inputs: readonly (readonly [string, readonly InputKey[]])[];
  readonly contexts: readonly (readonly [string, ContextState])[];
};

type OfJob = { readonly Job: string };
type OfContext = OfJob & { readonly Context: string };

export type JobStateOperations = {
  readonly GetBookmarkState: { readonly input: OfJob; readonly output: { readonly Entry?: JobBookmarkEntry } };
  readonly BeginAttempt: { readonly input: OfJob; readonly output: { readonly Entry: JobBookmarkEntry } };
  readonly GetKnownInputs: {
    readonly input: OfContext & { readonly Files: readonly InputKey[] };
    readonly output: { readonly Paths: readonly string[] };
  };
  readonly GetInputsOfRuns: {
    readonly input: OfContext & { readonly From: string; readonly To: string };
    readonly output: { readonly Paths: readonly string[] };
  };
  readonly GetContextState: { readonly input: OfContext; readonly output: { readonly State?: ContextState } };
  readonly CommitRun: {
    readonly input: { readonly Commit: WireCommit };
    readonly output: { readonly Entry: JobBookmarkEntry };
  };
  readonly ListOpenPublications: {
    readonly input: Record<string, never>;
    readonly output: { readonly Open: readonly OpenPublication[] };
  };
  readonly FinishPublication: { readonly input: { readonly RunId: string }; readonly output: Record<string, never> };
  readonly ResetBookmarkState: {
    readonly input: OfJob & { readonly RunId?: string };
    readonly output: { readonly Entry: JobBookmarkEntry };
  };
};

export type JobStateCall = <N extends keyof JobStateOperations>(
  operation: N,
  input: JobStateOperations[N]["input"],
) => Promise<JobStateOperations[N]["output"]>;

/** The port at the client's end. */
export const wireJobState = (call: JobStateCall): JobStateStore =>
  Object.freeze({
    getBookmark: async (job) => (await call("GetBookmarkState", { Job: job })).Entry,
    beginAttempt: async (job) => (await call("BeginAttempt", { Job: job })).Entry,
    knownInputs: async (job, ctx, files) =>
      new Set((await call("GetKnownInputs", { Job: job, Context: ctx, Files: files.map(keyOf) })).Paths),
    inputsOfRuns: async (job, ctx, from, to) =>
      new Set((await call("GetInputsOfRuns", { Job: job, Context: ctx, From: from, To: to })).Paths),
    contextState: async (job, ctx) => (await call("GetContextState", { Job: job, Context: ctx })).State,
    commitRun: async (commit) => (await call("CommitRun", { Commit: wireCommit(commit) })).Entry,
    openPublications: async () => (await call("ListOpenPublications", {})).Open,
    publicationDone: async (runId) => {
      await call("FinishPublication", { RunId: runId });
    },
    resetBookmark: async (job, runId) =>
      (await call("ResetBookmarkState", { Job: job, ...(runId === undefined ? {} : { RunId: runId }) })).Entry,
  } satisfies JobStateStore);

/** A commit as JSON. */
export const wireCommit = (commit: RunCommit): WireCommit => ({
  ...commit,
  inputs: [...commit.inputs],
  contexts: [...commit.contexts],
});
/** A commit as the server's store takes it. */
export const commitOf = ({ inputs, contexts, ...commit }: WireCommit): RunCommit => ({
  ...commit,
  inputs: new Map(inputs),
  contexts: new Map(contexts),
});

/** A caller's files may say more. */
const keyOf = ({ path, etag, size }: InputKey): InputKey => ({ path, etag, size });
