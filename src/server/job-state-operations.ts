/** The state of jobs for catalogs at `http:`: the server's end of `job-state-wire.ts`. */
import type { Catalog, JobStateStore } from "../catalog/index.js";
import { commitOf, type JobStateOperations } from "../catalog/wire/job-state-wire.js";
import { DynaframeError } from "../types/error.js";
import type { OperationContext } from "./operation.js";

type Handlers = {
  readonly [N in keyof JobStateOperations]: (
    input: JobStateOperations[N]["input"],
    context: OperationContext,
  ) => Promise<JobStateOperations[N]["output"]>;
};

export const JOB_STATE_HANDLERS: Handlers = {
  GetBookmarkState: async ({ Job }, { catalog }) => given("Entry", await storeOf(catalog).getBookmark(Job)),
  BeginAttempt: async ({ Job }, { catalog }) => ({ Entry: await storeOf(catalog).beginAttempt(Job) }),
  GetKnownInputs: async ({ Job, Context, Files }, { catalog }) => ({
    Paths: [...(await storeOf(catalog).knownInputs(Job, Context, Files))],
  }),
  GetInputsOfRuns: async ({ Job, Context, From, To }, { catalog }) => ({
    Paths: [...(await storeOf(catalog).inputsOfRuns(Job, Context, From, To))],
  }),
  GetContextState: async ({ Job, Context }, { catalog }) =>
    given("State", await storeOf(catalog).contextState(Job, Context)),
  CommitRun: async ({ Commit }, { catalog }) => ({ Entry: await storeOf(catalog).commitRun(commitOf(Commit)) }),
  ListOpenPublications: async (_, { catalog }) => ({ Open: await storeOf(catalog).openPublications() }),
  FinishPublication: async ({ RunId }, { catalog }) => {
    await storeOf(catalog).publicationDone(RunId);
    return {};
  },
  ResetBookmarkState: async ({ Job, RunId }, { catalog }) => ({
    Entry: await storeOf(catalog).resetBookmark(Job, RunId),
  }),
};

/** The store of a served catalog. @throws OperationNotSupportedException where it keeps none. */
export function storeOf({ jobState: store, address }: Catalog): JobStateStore {
  if (store === undefined)
    throw new DynaframeError("UNSUPPORTED_CATALOG", `The catalog ${address} keeps no bookmarks`, {
      name: "OperationNotSupportedException",
      path: "JobName",
    });
  return store;
}

const given = <M extends string, T>(member: M, value: T | undefined): { readonly [K in M]?: T } =>
  (value === undefined ? {} : { [member]: value }) as { readonly [K in M]?: T };
