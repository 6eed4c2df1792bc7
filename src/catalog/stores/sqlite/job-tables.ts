/**
 * Bookmarks by job, context and run, and outputs of commits that are still to be put in place (docs/decisions/0070).
 */
export const JOB_TABLES = `
CREATE TABLE job_bookmarks (
  id INTEGER PRIMARY KEY, job TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, run INTEGER NOT NULL, attempt INTEGER NOT NULL
);
CREATE TABLE job_commits (
  bookmark_id INTEGER NOT NULL REFERENCES job_bookmarks ON DELETE CASCADE, run INTEGER NOT NULL, run_id TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (bookmark_id, run)
);
CREATE UNIQUE INDEX job_commit_run_id ON job_commits (bookmark_id, run_id);
CREATE TABLE job_contexts (id INTEGER PRIMARY KEY, bookmark_id INTEGER NOT NULL REFERENCES job_bookmarks ON DELETE CASCADE, ctx TEXT NOT NULL, UNIQUE (bookmark_id, ctx));
CREATE TABLE job_inputs (
  context_id INTEGER NOT NULL REFERENCES job_contexts ON DELETE CASCADE, path TEXT NOT NULL, run INTEGER NOT NULL, etag TEXT NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (context_id, path, run)
) WITHOUT ROWID;
CREATE TABLE job_context_states (
  context_id INTEGER NOT NULL REFERENCES job_contexts ON DELETE CASCADE, run INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (context_id, run)
) WITHOUT ROWID;
CREATE TABLE job_publications (run_id TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, staged TEXT, final TEXT NOT NULL, PRIMARY KEY (run_id, seq)) WITHOUT ROWID;
`;
