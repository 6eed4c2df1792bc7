/** Bookmarks and publications in the SQLite catalog. Each function runs inside a transaction of its caller. */
import { DynaframeError } from "../../../types/error.js";
import type {
  ContextState,
  InputKey,
  JobBookmarkEntry,
  OpenPublication,
  Publication,
  RunCommit,
} from "../../job-state.js";
import { changeEntity } from "./entities.js";
import { numberOf, textOf, type Session, type SqlRow } from "./session.js";
import { applyTableChange } from "./table-changes.js";

export function getBookmark(session: Session, job: string): JobBookmarkEntry | undefined {
  const row = session.row("SELECT * FROM job_bookmarks WHERE job = ?", job);
  return row && entryOf(session, row);
}

export function beginAttempt(session: Session, job: string): JobBookmarkEntry {
  session.run(
    "INSERT INTO job_bookmarks (job, version, run, attempt) VALUES (?, 0, 0, 0) ON CONFLICT (job) DO NOTHING",
    job,
  );
  session.run("UPDATE job_bookmarks SET attempt = attempt + 1 WHERE job = ?", job);
  return entryOf(session, bookmarkRow(session, job));
}

export function knownInputs(
  session: Session,
  job: string,
  ctx: string,
  files: readonly InputKey[],
): ReadonlySet<string> {
  const context = contextId(session, job, ctx);
  const known = new Set<string>();
  if (context === undefined) return known;
  for (const { path, etag, size } of files) {
    const last = session.row(
      "SELECT etag, size FROM job_inputs WHERE context_id = ? AND path = ? ORDER BY run DESC LIMIT 1",
      context,
      path,
    );
    if (last && textOf(last, "etag") === etag && numberOf(last, "size") === size) known.add(path);
  }
  return known;
}

export function inputsOfRuns(
  session: Session,
  job: string,
  ctx: string,
  from: string,
  to: string,
): ReadonlySet<string> {
  const context = contextId(session, job, ctx);
  const row = bookmarkRow(session, job);
  const [after, upTo] = [from, to].map((runId) => runOf(session, row, runId));
  if (context === undefined || after === undefined || upTo === undefined) return new Set();
  return new Set(
    session
      .rows("SELECT path FROM job_inputs WHERE context_id = ? AND run > ? AND run <= ?", context, after, upTo)
      .map((r) => textOf(r, "path")),
  );
}

export function contextState(session: Session, job: string, ctx: string): ContextState | undefined {
  const context = contextId(session, job, ctx);
  const { files: _, ...state } = (context === undefined ? undefined : stateOf(session, context)) ?? {};
  return Object.keys(state).length === 0 ? undefined : state;
}

export function commitRun(session: Session, commit: RunCommit): JobBookmarkEntry {
  const row = bookmarkRow(session, commit.job);
  if (numberOf(row, "version") !== commit.version) throw mismatch(commit.job, commit.version, numberOf(row, "version"));
  for (const change of commit.changes) applyTableChange(session, change);
  for (const change of commit.entities ?? []) changeEntity(session, change);
  commit.publications.forEach((publication, seq) => {
    session.run(
      "INSERT INTO job_publications (run_id, seq, kind, staged, final) VALUES (?, ?, ?, ?, ?)",
      commit.runId,
      seq,
      publication.kind,
      publication.kind === "publish" ? publication.staged : null,
      publication.final,
    );
  });
  if (commit.saveBookmark) saveBookmark(session, row, commit);
  return entryOf(session, bookmarkRow(session, commit.job));
}

function saveBookmark(session: Session, row: SqlRow, commit: RunCommit): void {
  const id = numberOf(row, "id");
  const run = numberOf(row, "run") + 1;
  session.run("UPDATE job_bookmarks SET version = version + 1, run = ?, attempt = 0 WHERE id = ?", run, id);
  session.run(
    "INSERT INTO job_commits (bookmark_id, run, run_id, at) VALUES (?, ?, ?, ?)",
    id,
    run,
    commit.runId,
    session.now(),
  );
  for (const ctx of new Set([...commit.inputs.keys(), ...commit.contexts.keys()])) {
    const context = makeContext(session, id, ctx);
    const before = stateOf(session, context);
    const known = filesOf(session, context, before);
    const files = known + saveInputs(session, context, run, commit.inputs.get(ctx) ?? []);
    // the number of files is part of the state, so that a bookmark of a million is not counted for each run
    session.run(
      "INSERT INTO job_context_states (context_id, run, doc) VALUES (?, ?, ?)",
      context,
      run,
      JSON.stringify({ ...before, ...commit.contexts.get(ctx), files }),
    );
  }
}

/** Rows of one statement: a call for each row would cost more than the row. */
const ROWS_AT_ONCE = 10_000;

/** Returns how many of them were not remembered before, in any form. */
function saveInputs(session: Session, context: number, run: number, inputs: readonly InputKey[]): number {
  let added = 0;
  for (let from = 0; from < inputs.length; from += ROWS_AT_ONCE) {
    const rows = JSON.stringify(
      inputs.slice(from, from + ROWS_AT_ONCE).map(({ path, etag, size }) => [path, etag, size]),
    );
    added += numberOf(
      session.row(
        "SELECT count(DISTINCT value ->> 0) AS n FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM job_inputs WHERE context_id = ? AND path = value ->> 0)",
        rows,
        context,
      ) ?? { n: 0 },
      "n",
    );
    session.run(
      "INSERT OR REPLACE INTO job_inputs (context_id, path, run, etag, size) SELECT ?, value ->> 0, ?, value ->> 1, value ->> 2 FROM json_each(?)",
      context,
      run,
      rows,
    );
  }
  return added;
}

function stateOf(session: Session, context: number): ContextState | undefined {
  const row = session.row("SELECT doc FROM job_context_states WHERE context_id = ? ORDER BY run DESC LIMIT 1", context);
  return row && (JSON.parse(textOf(row, "doc")) as ContextState);
}

/** Counted only where a state of an earlier version does not say it. */
function filesOf(session: Session, context: number, state: ContextState | undefined): number {
  const files = state?.["files"];
  return typeof files === "number"
    ? files
    : numberOf(
        session.row("SELECT count(DISTINCT path) AS files FROM job_inputs WHERE context_id = ?", context) ?? {
          files: 0,
        },
        "files",
      );
}

export function openPublications(session: Session): readonly OpenPublication[] {
  const runs = new Map<string, Publication[]>();
  for (const row of session.rows("SELECT * FROM job_publications ORDER BY run_id, seq")) {
    const runId = textOf(row, "run_id");
    const final = textOf(row, "final");
    const publication: Publication =
      textOf(row, "kind") === "publish"
        ? { kind: "publish", staged: textOf(row, "staged"), final }
        : { kind: "remove", final };
    runs.set(runId, [...(runs.get(runId) ?? []), publication]);
  }
  return [...runs].map(([runId, publications]) => ({ runId, publications }));
}

export function publicationDone(session: Session, runId: string): void {
  session.run("DELETE FROM job_publications WHERE run_id = ?", runId);
}

export function resetBookmark(session: Session, job: string, runId: string | undefined): JobBookmarkEntry {
  const row = session.row("SELECT * FROM job_bookmarks WHERE job = ?", job);
  if (!row)
    throw new DynaframeError("BOOKMARK_NOT_FOUND", `Job ${job} has no bookmark.`, {
      name: "EntityNotFoundException",
      path: job,
      hint: "A bookmark is written by the first commit of a run.",
    });
  const id = numberOf(row, "id");
  const run = runId === undefined ? 0 : runOf(session, row, runId);
  session.run("DELETE FROM job_commits WHERE bookmark_id = ? AND run > ?", id, run);
  session.run(
    "DELETE FROM job_inputs WHERE run > ? AND context_id IN (SELECT id FROM job_contexts WHERE bookmark_id = ?)",
    run,
    id,
  );
  session.run(
    "DELETE FROM job_context_states WHERE run > ? AND context_id IN (SELECT id FROM job_contexts WHERE bookmark_id = ?)",
    run,
    id,
  );
  session.run("UPDATE job_bookmarks SET version = version + 1, run = ?, attempt = 0 WHERE id = ?", run, id);
  return entryOf(session, bookmarkRow(session, job));
}

function bookmarkRow(session: Session, job: string): SqlRow {
  const row = session.row("SELECT * FROM job_bookmarks WHERE job = ?", job);
  if (row) return row;
  throw new DynaframeError("BOOKMARK_NOT_FOUND", `Job ${job} has no bookmark.`, {
    name: "EntityNotFoundException",
    path: job,
    hint: "A bookmark is written by the first commit of a run.",
  });
}

function runOf(session: Session, bookmark: SqlRow, runId: string): number {
  const row = session.row(
    "SELECT run FROM job_commits WHERE bookmark_id = ? AND run_id = ?",
    numberOf(bookmark, "id"),
    runId,
  );
  if (row) return numberOf(row, "run");
  throw new DynaframeError("RUN_NOT_FOUND", `The bookmark of ${textOf(bookmark, "job")} remembers no run ${runId}.`, {
    name: "EntityNotFoundException",
    path: textOf(bookmark, "job"),
    found: runId,
    hint: "Only runs that committed are remembered; list them with `dynaframe job bookmark show`.",
  });
}

function contextId(session: Session, job: string, ctx: string): number | undefined {
  const row = session.row(
    "SELECT c.id FROM job_contexts c JOIN job_bookmarks b ON b.id = c.bookmark_id WHERE b.job = ? AND c.ctx = ?",
    job,
    ctx,
  );
  return row && numberOf(row, "id");
}

function makeContext(session: Session, bookmark: number, ctx: string): number {
  session.run("INSERT INTO job_contexts (bookmark_id, ctx) VALUES (?, ?) ON CONFLICT DO NOTHING", bookmark, ctx);
  const row = session.row("SELECT id FROM job_contexts WHERE bookmark_id = ? AND ctx = ?", bookmark, ctx);
  return row ? numberOf(row, "id") : 0;
}

function entryOf(session: Session, row: SqlRow): JobBookmarkEntry {
  const id = numberOf(row, "id");
  const [last, previous] = session
    .rows("SELECT run_id FROM job_commits WHERE bookmark_id = ? ORDER BY run DESC LIMIT 2", id)
    .map((r) => textOf(r, "run_id"));
  const contexts = session.rows("SELECT id, ctx FROM job_contexts WHERE bookmark_id = ? ORDER BY ctx", id);
  const remembered = Object.fromEntries(
    contexts.map((c) => {
      const state = stateOf(session, numberOf(c, "id"));
      return [textOf(c, "ctx"), { files: filesOf(session, numberOf(c, "id"), state), ...state }];
    }),
  );
  return {
    JobName: textOf(row, "job"),
    Version: numberOf(row, "version"),
    Run: numberOf(row, "run"),
    Attempt: numberOf(row, "attempt"),
    ...(previous === undefined ? {} : { PreviousRunId: previous }),
    ...(last === undefined ? {} : { RunId: last }),
    JobBookmark: JSON.stringify(remembered),
  };
}

const mismatch = (job: string, expected: number, found: number): DynaframeError =>
  new DynaframeError("VERSION_MISMATCH", `The bookmark of ${job} was changed by another run.`, {
    name: "ConcurrentModificationException",
    path: job,
    expected: `version ${expected}`,
    found: `version ${found}`,
    hint: "A job with bookmarks runs once at a time; run it again.",
  });
