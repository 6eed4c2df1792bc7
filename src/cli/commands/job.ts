import type { Command } from "commander";
import type { JobBookmarkEntry, JobStateStore } from "../../catalog/index.js";
import type { GlueContext } from "../../index.js";
import { DynaframeError } from "../../types/error.js";
import type { ActionRunner, CommandDefinition, Invocation } from "../command.js";
import { withContext } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { counted, grouped } from "../print/number.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";

export const jobCommand: CommandDefinition = (program, run) => {
  const job = program.command("job").description("bookmarks of jobs, and what their runs left behind")
    .addHelpText("after", "\nExamples:\n  $ dynaframe job bookmark show orders-etl\n  $ dynaframe job gc --dry-run");
  const bookmark = job.command("bookmark").description("what a job remembers to have read")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark show orders-etl");
  showBookmark(bookmark, run);
  resetBookmark(bookmark, run);
  rewindBookmark(bookmark, run);
  collectGarbage(job, run);
};

function showBookmark(parent: Command, run: ActionRunner): void {
  parent.command("show").argument("<job>", "name of the job")
    .description("runs and attempts, and by transformationCtx the files and keys remembered")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark show orders-etl")
    .action(run(async (invocation, job: string) => withContext(invocation, async (glue) => {
      const entry = await stateOf(glue).getBookmark(job);
      if (!entry) throw new DynaframeError("BOOKMARK_NOT_FOUND", `Job ${job} has no bookmark.`, { name: "EntityNotFoundException", path: job, hint: "A bookmark is written by the first commit of a run." });
      await printBookmark(invocation, entry);
    })));
}

function resetBookmark(parent: Command, run: ActionRunner): void {
  parent.command("reset").argument("<job>", "name of the job")
    .description("forget everything: the next run reads all of its sources again; what runs wrote stays")
    .option("--dry-run", "show what would be forgotten")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark reset orders-etl --dry-run")
    .action(run(async (invocation, job: string, options: { readonly dryRun?: boolean }) => withContext(invocation, async (glue) => {
      const state = stateOf(glue);
      const entry = options.dryRun ? await state.getBookmark(job) : await state.resetBookmark(job);
      if (entry) await printBookmark(invocation, entry);
    })));
}

function rewindBookmark(parent: Command, run: ActionRunner): void {
  parent.command("rewind").argument("<job>", "name of the job").argument("<run>", "id of the run to go back to")
    .description("forget what was read after a run; the next run reads it again; what runs wrote stays")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark rewind orders-etl jr_5f0c…")
    .action(run(async (invocation, job: string, runId: string) => withContext(invocation, async (glue) => {
      await printBookmark(invocation, await stateOf(glue).resetBookmark(job, runId));
    })));
}

function collectGarbage(parent: Command, run: ActionRunner): void {
  parent.command("gc")
    .description("finish what killed runs committed, and remove what others left; runs that live are not touched")
    .option("--dry-run", "show what would be removed")
    .addHelpText("after", "\nExample:\n  $ dynaframe job gc --dry-run")
    .action(run(async (invocation, options: { readonly dryRun?: boolean }) => withContext(invocation, async (glue) => {
      const { tidyRuns } = await import("../../job/job.js");
      const open = await stateOf(glue).openPublications();
      const removed = await tidyRuns(glue.catalog, glue.storage, options.dryRun === true);
      const finished = open.map(({ runId }) => runId);
      const { terminal, global } = invocation;
      if (global.json) return terminal.out(jsonDocument({ dryRun: options.dryRun === true, finished, removed }));
      const [finish, remove] = options.dryRun ? ["would finish", "would remove"] : ["finished", "removed"];
      return terminal.out(`${[...finished.map((runId) => `${finish} the commit of ${runId}`), ...removed.map((path) => `${remove} ${path}`)].map((line) => `${printable(line)}\n`).join("")}${finish} ${counted(finished.length, "commit")}, ${remove} ${counted(removed.length, "folder")}\n`);
    })));
}

function stateOf({ catalog }: GlueContext): JobStateStore {
  if (catalog.jobState) return catalog.jobState;
  throw new DynaframeError("UNSUPPORTED_CATALOG", `The catalog at ${catalog.address} keeps no bookmarks.`, { found: catalog.address, hint: "Use a catalog in a folder." });
}

type Remembered = { readonly files: number; readonly nextKey?: number };

async function printBookmark({ terminal, global, style }: Invocation, entry: JobBookmarkEntry): Promise<void> {
  const remembered = JSON.parse(entry.JobBookmark) as { readonly [ctx: string]: Remembered };
  if (global.json) return terminal.out(jsonDocument({ ...entry, JobBookmark: remembered }));
  const last = entry.RunId === undefined ? "no run committed" : `last ${entry.RunId}${entry.PreviousRunId === undefined ? "" : `, before it ${entry.PreviousRunId}`}`;
  await terminal.out(`${style.name(printable(entry.JobName))}: run ${entry.Run}, attempt ${entry.Attempt}, version ${entry.Version}; ${last}\n`);
  const rows = Object.entries(remembered).map(([ctx, { files, nextKey }]) => [printable(ctx), grouped(files), nextKey === undefined ? "" : grouped(nextKey)]);
  if (rows.length > 0) await terminal.out(printTable([{ title: "CONTEXT" }, { title: "FILES", align: "right" }, { title: "NEXT KEY", align: "right" }], rows, style));
}
