/** What one run of a job reads and writes, between `Job.init` and `commit()`. */
import type { ContextState, InputKey, JobStateStore } from "../catalog/index.js";
import { boundedFiles } from "../dynamicframe/sources/bounded-files.js";
import type { InputBound, RunScope, RunWrite } from "../dynamicframe/run-scope.js";
import type { ScanFile } from "../plan/ir/relation.js";
import { DynaframeError } from "../types/error.js";
import type { Storage } from "../storage/index.js";
import type { RunDatabases } from "./databases/run-databases.js";
import type { BookmarkOption } from "./job.js";
import { replayedFiles, type ReplayPlan } from "./replay.js";
import type { RunFiles } from "./run-files.js";

export type RunScopeOptions = {
  readonly job: string;
  readonly option: BookmarkOption;
  readonly store: JobStateStore;
  readonly files: RunFiles;
  readonly databases: RunDatabases;
  /** A paused run reads what the runs after `from`, up to and with `to`, read. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Takes repaired records in place of the sources' files. */
  readonly replay?: { readonly plan: ReplayPlan; readonly storage: Storage };
};

export type RunScopeState = {
  readonly scope: RunScope;
  readonly writes: readonly RunWrite[];
  /** Files read, by transformationCtx. */
  readonly inputs: ReadonlyMap<string, readonly InputKey[]>;
  /** Every file read, remembered or not. */
  readonly read: readonly InputKey[];
  /** The same by source, as the call named it. */
  readonly sources: ReadonlyMap<string, readonly InputKey[]>;
  readonly contexts: () => Promise<ReadonlyMap<string, ContextState>>;
  /** Whether a commit remembers what was read. */
  readonly saves: boolean;
};

export function createRunScope(options: RunScopeOptions): RunScopeState {
  const { job, option, store } = options;
  const inputs = new Map<string, readonly InputKey[]>();
  const keys = new Map<string, { readonly start: number; readonly counts: readonly (() => Promise<number>)[] }>();
  const writes: RunWrite[] = [];
  const lastKeys = new Map<string, string>();
  const read = new Map<string, InputKey>();
  const sources = new Map<string, readonly InputKey[]>();
  const remembers = option !== "job-bookmark-disable";

  const told = new Set<string>();
  const unknown = (source: string): { readonly note: string; readonly warning?: string } => {
    const note = `${source} has no transformationCtx: the bookmark does not know it, and all of it is read.`;
    return { note, ...(told.size === told.add(source).size ? {} : { warning: note }) };
  };
  const select = async (
    ctx: string,
    source: string,
    files: readonly ScanFile[],
    bound: InputBound | undefined,
  ): ReturnType<RunScope["selectInputs"]> => {
    requireBookmark(bound, remembers, source);
    if (options.replay) return { files: ctx === "" ? files : await replayed(options.replay, ctx, files) };
    if (!remembers) return { files };
    if (ctx === "") return { files, ...unknown(source) };
    const known = await knownPaths(options, ctx, files);
    const fresh = files.filter(({ path }) => (options.from === undefined ? !known.has(path) : known.has(path)));
    const taken = boundedFiles(fresh, bound);
    inputs.set(ctx, [...(inputs.get(ctx) ?? []), ...taken.map(({ path, etag, size }) => ({ path, etag, size }))]);
    return {
      files: taken,
      note: `The bookmark of ${job} leaves ${taken.length} of ${files.length} files to read${taken.length < fresh.length ? `, and ${fresh.length - taken.length} for later runs` : ""}.`,
    };
  };
  const replayed = async (
    { plan, storage }: NonNullable<RunScopeOptions["replay"]>,
    ctx: string,
    files: readonly ScanFile[],
  ): Promise<readonly ScanFile[]> => {
    const known = plan.files.flatMap((file) => (file.ctx === ctx && file.now ? [file.now] : []));
    if (remembers && known.length > 0) inputs.set(ctx, known);
    return replayedFiles(plan, ctx, files, storage);
  };

  const scope: RunScope = {
    async selectInputs(ctx, source, files, bound) {
      const selected = await select(ctx, source, files, bound);
      for (const file of selected.files) read.set(file.path, file);
      sources.set(source, selected.files);
      return selected;
    },
    async keysFrom(ctx, count) {
      if (!remembers || ctx === "") return 1;
      const start = Number((await store.contextState(job, ctx))?.["nextKey"] ?? 1);
      keys.set(ctx, { start, counts: [...(keys.get(ctx)?.counts ?? []), count] });
      return start;
    },
    async selectKeys(ctx, source) {
      if (!remembers) return { kind: "all" };
      if (ctx === "") return { kind: "all", ...unknown(source) };
      if (options.from !== undefined) {
        throw new DynaframeError(
          "UNSUPPORTED",
          `${source}: a range of runs is read again from files, not from a database.`,
          { path: source, hint: "Rewind the bookmark, or leave --job-bookmark-from and -to out." },
        );
      }
      const state = (await store.contextState(job, ctx))?.["lastKeys"];
      return { kind: options.replay ? "none" : "after", state: typeof state === "string" ? state : undefined };
    },
    keepKeys: (ctx, state) => void lastKeys.set(ctx, state),
    stagingFolder: (beside) => options.files.folder(beside),
    keepWrite: (write) => void writes.push(write),
    writeDatabase: (address, write) => options.databases.write(address, write),
  };
  return {
    scope,
    writes,
    inputs,
    sources,
    get read() {
      return [...read.values()];
    },
    saves: option === "job-bookmark-enable",
    contexts: async () => {
      const contexts = new Map<string, ContextState>([...lastKeys].map(([ctx, state]) => [ctx, { lastKeys: state }]));
      for (const [ctx, { start, counts }] of keys)
        contexts.set(ctx, { nextKey: start + Math.max(...(await Promise.all(counts.map((count) => count())))) });
      return contexts;
    },
  };
}

const knownPaths = (
  { job, store, from, to }: RunScopeOptions,
  ctx: string,
  files: readonly InputKey[],
): Promise<ReadonlySet<string>> =>
  from === undefined || to === undefined ? store.knownInputs(job, ctx, files) : store.inputsOfRuns(job, ctx, from, to);

function requireBookmark(bound: InputBound | undefined, remembers: boolean, source: string): void {
  if (!bound || remembers) return;
  throw new DynaframeError(
    "BAD_ARGUMENT",
    `${source}: ${bound.kind === "files" ? "boundedFiles" : "boundedSize"} needs a bookmark, or every run would read the same files.`,
    { path: source, hint: "Start the job with --job-bookmark-option job-bookmark-enable." },
  );
}
