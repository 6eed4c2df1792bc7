/** The work of `Job`. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { JobBookmarkEntry, JobStateStore, Publication, RunCommit, TableChange } from "../catalog/index.js";
import type { RunFailures, RunWrite } from "../dynamicframe/run-scope.js";
import { takeLease, type Holder, type Lease } from "../storage/lease.js";
import { DynaframeError } from "../types/error.js";
import { accountOf, metricsOf, type RunAccount, unbalanced } from "./account.js";
import { createRunScope, type RunScopeState } from "./bookmark-scope.js";
import { jobFolder } from "./job-folder.js";
import { RunDatabases } from "./databases/run-databases.js";
import { commitWithDatabases, openIntents } from "./databases/run-intent.js";
import type { BookmarkOption, CommitReport, JobContext, JobInitOptions } from "./job.js";
import { jobNamespace, lineageEvent, lineageSink } from "./lineage.js";
import { finishPublications } from "./publish.js";
import { collectQuarantine } from "./quarantine/collect.js";
import { quarantineFolder, stageQuarantine } from "./quarantine/quarantine-files.js";
import type { QuarantineEntry } from "./quarantine/quarantine-record.js";
import { readReplay, REPLAY_VARIABLE, type ReplayPlan } from "./replay.js";
import { commitUnderClaim } from "./run/run-claim.js";
import { RunFiles } from "./run-files.js";
import { runsFolder, tidyRuns } from "./tidy-runs.js";

/** See `Job`, which is what scripts hold. */
export class JobRun {
  #over = false;
  get isOver(): boolean {
    return this.#over;
  }
  private constructor(
    readonly name: string,
    readonly runId: string,
    private readonly glue: JobContext,
    private readonly store: JobStateStore,
    private readonly state: RunScopeState,
    private readonly files: RunFiles,
    private readonly lease: Lease | undefined,
    private readonly bookmark: JobBookmarkEntry,
    private readonly origin: RunOrigin,
    private readonly databases: RunDatabases,
  ) {}

  static async init(glue: JobContext, name: string, args: JobInitOptions): Promise<JobRun> {
    if (!name)
      throw new DynaframeError("BAD_ARGUMENT", "A job needs a name.", {
        expected: "the job's name",
        hint: "Pass --JOB_NAME, or a name of your own.",
      });
    const store = glue.catalog.jobState;
    if (!store) {
      throw new DynaframeError(
        "UNSUPPORTED_CATALOG",
        `The catalog at ${glue.catalog.address} keeps no bookmarks: it cannot change them and its tables in one step.`,
        { found: glue.catalog.address, hint: "Open a catalog in a folder for jobs." },
      );
    }
    const option = bookmarkOption(args);
    glue.warm?.();
    const origin = await originOf(name, args, process.env);
    const { runId } = origin;
    const folder = runsFolder(glue.catalog);
    const lease =
      option === "job-bookmark-disable"
        ? undefined
        : await takeLease(folder, `job-${name}`, (holder) => running(name, holder));
    let files: RunFiles | undefined;
    try {
      const unsettled = (await tidyRuns(glue.catalog, glue.storage)).unsettled.find(({ job }) => job === name);
      if (unsettled) throw unsettled.error;
      const bookmark = await store.beginAttempt(name);
      const outputs = (files = await RunFiles.open(folder, runId));
      const databases = new RunDatabases(() => outputs.folder());
      const state = createRunScope({
        job: name,
        option,
        store,
        files,
        databases,
        from: args.job_bookmark_from ?? undefined,
        to: args.job_bookmark_to ?? undefined,
        ...(origin.replay ? { replay: { plan: origin.replay, storage: glue.storage } } : {}),
      });
      const job = new JobRun(name, runId, glue, store, state, files, lease, bookmark, origin, databases);
      glue.setResolvedOptions?.(args);
      glue.enterRun(state.scope, () => job.abandon());
      await job.#tell("START");
      return job;
    } catch (error) {
      await files?.close(false);
      await lease?.release();
      throw error;
    }
  }

  async commit(): Promise<CommitReport> {
    this.#begin("commit");
    const { state, store, glue } = this;
    const { catalog, storage } = glue;
    try {
      const account = accountOf(state.writes.map(({ report }) => report));
      if (this.origin.requireBalanced && !account.balanced) throw unbalanced(this.name, account);
      const metrics = metricsOf(account, state.writes, state.read);
      const commit: RunCommit = {
        job: this.name,
        runId: this.runId,
        version: this.bookmark.Version,
        inputs: state.inputs,
        contexts: await state.contexts(),
        saveBookmark: state.saves,
        changes: await changesOf(state.writes),
        publications: await this.#publications(),
        entities: await commitUnderClaim(catalog, this.name, this.runId, this.origin.token, metrics),
      };
      const bookmark = this.databases.isUsed
        ? await commitWithDatabases(catalog, store, this.databases, commit, (staged) => this.files.sync(staged))
        : await store.commitRun(commit);
      await finishPublications(catalog, storage);
      await this.#tell("COMPLETE", account);
      const inputs = [...state.inputs.values()].reduce((n, files) => n + files.length, 0);
      return {
        ...account,
        jobName: this.name,
        runId: this.runId,
        inputs,
        writes: state.writes.map(({ report }) => report),
        metrics,
        bookmark,
      };
    } finally {
      await this.#end();
    }
  }

  async #publications(): Promise<readonly Publication[]> {
    const publications = [...publicationsOf(this.state.writes), ...(await this.#quarantine())];
    await this.files.sync(publications.flatMap((each) => (each.kind === "publish" ? [each.staged] : [])));
    return publications;
  }

  /** The records that the writes could not take, and those that a replay has taken. */
  async #quarantine(): Promise<readonly Publication[]> {
    const { state, origin, glue } = this;
    const failures: RunFailures[] = [];
    for (const { failures: of } of state.writes) if (of) failures.push(await of());
    const entries: QuarantineEntry[] = [
      ...(await collectQuarantine(this.runId, Date.now() / 1000, failures, glue.storage)),
    ];
    if (origin.replay) entries.push({ kind: "replay", runId: this.runId, ids: origin.replay.ids });
    if (entries.length === 0) return [];
    const folder = quarantineFolder(jobFolder(glue.catalog), this.name);
    return [
      {
        kind: "publish",
        ...(await stageQuarantine(
          await this.files.folder(folder),
          join(folder, `${encodeURIComponent(this.runId)}.jsonl`),
          entries,
        )),
      },
    ];
  }

  async abandon(): Promise<void> {
    this.#begin("abandon");
    await this.#end();
    await this.#tell("ABORT");
  }

  /** A lineage event, where one is asked for. */
  async #tell(type: "START" | "COMPLETE" | "ABORT", account?: RunAccount): Promise<void> {
    const { env } = process;
    const sink = lineageSink(env, (message) => void process.stderr.write(`warning LINEAGE_FAILED: ${message}\n`));
    if (!sink) return;
    const size = (files: readonly { readonly size: number }[]): number =>
      files.reduce((sum, file) => sum + file.size, 0);
    const inputs = [...this.state.sources].map(([source, files]) => ({
      source,
      files: files.length,
      bytes: size(files),
    }));
    const outputs = this.state.writes.map(({ target, report: { written, files } }) => ({
      target,
      rows: written,
      files: files.length,
      bytes: size(files),
    }));
    const run = { job: this.name, runId: this.runId, catalog: this.glue.catalog.address, namespace: jobNamespace(env) };
    await sink(
      lineageEvent(
        type,
        run,
        new Date(),
        type === "START" ? undefined : { inputs, outputs, ...(account ? { account } : {}) },
      ),
    );
  }

  #begin(what: string): void {
    if (this.#over)
      throw new DynaframeError("JOB_OVER", `Run ${this.runId} of ${this.name} is over: it cannot ${what} again.`, {
        path: this.name,
        hint: "Begin another run with Job.init.",
      });
    this.#over = true;
  }

  async #end(): Promise<void> {
    this.glue.leaveRun();
    await this.databases.rollback();
    const open = await this.store.openPublications();
    const intents = (await openIntents(this.glue.catalog)).map(({ intent }) => intent);
    await this.files.close([...open, ...intents].some(({ runId }) => runId === this.runId));
    await this.lease?.release();
  }
}

/** Who asked for the run, and for what. */
type RunOrigin = {
  readonly runId: string;
  /** Of the claim under which it commits, see `run-claim.ts`. */
  readonly token: string | undefined;
  readonly replay: ReplayPlan | undefined;
  readonly requireBalanced: boolean;
};

/**
 * A script that `dynaframe job start` or a scheduler runs belongs to their run; what was started by hand is a run of
 * its own.
 */
async function originOf(name: string, args: JobInitOptions, env: NodeJS.ProcessEnv): Promise<RunOrigin> {
  const given = env["DYNAFRAME_RUN_JOB"] === name ? env : {};
  const runId = args.JOB_RUN_ID ?? given["DYNAFRAME_RUN_ID"] ?? `jr_${randomBytes(16).toString("hex")}`;
  return {
    runId,
    token: given["DYNAFRAME_RUN_ID"] === runId ? given["DYNAFRAME_RUN_TOKEN"] : undefined,
    replay: await readReplay(given[REPLAY_VARIABLE], name),
    requireBalanced: args["requireBalanced"] === true || args["require_balanced"] === "true",
  };
}

async function changesOf(writes: readonly RunWrite[]): Promise<readonly TableChange[]> {
  const changes: TableChange[] = [];
  for (const { change } of writes) if (change) changes.push(await change(changes));
  return changes;
}

const publicationsOf = (writes: readonly RunWrite[]): readonly Publication[] =>
  writes.flatMap(({ files, removed }) => [
    ...files.map(({ staged, final }): Publication => ({ kind: "publish", staged, final })),
    ...removed.map((final): Publication => ({ kind: "remove", final })),
  ]);

const OPTIONS: readonly string[] = [
  "job-bookmark-enable",
  "job-bookmark-pause",
  "job-bookmark-disable",
] satisfies BookmarkOption[];

function bookmarkOption(args: JobInitOptions): BookmarkOption {
  const option = args.job_bookmark_option ?? "job-bookmark-disable";
  if (OPTIONS.includes(option)) return option as BookmarkOption;
  throw new DynaframeError("BAD_ARGUMENT", `job_bookmark_option ${option} is not known.`, {
    expected: OPTIONS.join(", "),
    found: option,
  });
}

const running = (name: string, holder: Holder | undefined): DynaframeError =>
  new DynaframeError("CONCURRENT_RUNS", `Job ${name} is running already.`, {
    name: "ConcurrentRunsExceededException",
    path: name,
    ...(holder ? { found: `process ${holder.pid} on ${holder.host} since ${holder.started}` } : {}),
    hint: "With bookmarks a job runs once at a time: wait until that run has ended.",
  });
