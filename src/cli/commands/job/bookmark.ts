import type { Command } from "commander";
import type { InputKey, JobBookmarkEntry, JobStateStore } from "../../../catalog/index.js";
import { isDataFile } from "../../../storage/data-file.js";
import type { GlueContext } from "../../../index.js";
import { DynaframeError } from "../../../types/error.js";
import type { ActionRunner, Invocation } from "../../command.js";
import { withContext, withExisting } from "../../open-context.js";
import { jsonDocument } from "../../print/json.js";
import { grouped } from "../../print/number.js";
import { printTable } from "../../print/table.js";
import { printable } from "../../print/text.js";
import { requireJob } from "./require-job.js";

/** `dynaframe job bookmark …` */
export function bookmarkCommands(job: Command, run: ActionRunner): void {
  const bookmark = job
    .command("bookmark")
    .description("what a job remembers to have read")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark show orders-etl");
  showBookmark(bookmark, run);
  resetBookmark(bookmark, run);
  rewindBookmark(bookmark, run);
  setBookmark(bookmark, run);
}

function showBookmark(parent: Command, run: ActionRunner): void {
  parent
    .command("show")
    .argument("<job>", "name of the job")
    .description("runs and attempts, and by transformationCtx the files and keys remembered")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark show orders-etl")
    .action(
      run(async (invocation, job: string) =>
        withExisting(invocation, async (glue) => {
          await printBookmark(invocation, await bookmarkOf(glue, job));
        }),
      ),
    );
}

function resetBookmark(parent: Command, run: ActionRunner): void {
  parent
    .command("reset")
    .argument("<job>", "name of the job")
    .description("forget everything: the next run reads all of its sources again; what runs wrote stays")
    .option("--dry-run", "show what would be forgotten")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark reset orders-etl --dry-run")
    .action(
      run(async (invocation, job: string, options: { readonly dryRun?: boolean }) =>
        withExisting(invocation, async (glue) => {
          const found = await bookmarkOf(glue, job);
          await printBookmark(invocation, options.dryRun === true ? found : await stateOf(glue).resetBookmark(job));
        }),
      ),
    );
}

function rewindBookmark(parent: Command, run: ActionRunner): void {
  parent
    .command("rewind")
    .argument("<job>", "name of the job")
    .argument("<run>", "id of the run to go back to")
    .description("forget what was read after a run; the next run reads it again; what runs wrote stays")
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark rewind orders-etl jr_5f0c…")
    .action(
      run(async (invocation, job: string, runId: string) =>
        withExisting(invocation, async (glue) => {
          await bookmarkOf(glue, job);
          await printBookmark(invocation, await stateOf(glue).resetBookmark(job, runId));
        }),
      ),
    );
}

function setBookmark(parent: Command, run: ActionRunner): void {
  parent
    .command("set")
    .argument("<job>", "name of the job")
    .argument("<context>", "transformationCtx of the source")
    .argument("<paths...>", "folders or files")
    .description(
      "remember the files that are there now as read, without reading them; the next run takes what comes after",
    )
    .addHelpText("after", "\nExample:\n  $ dynaframe job bookmark set orders-etl orders ./data/orders")
    .action(
      run(async (invocation, job: string, context: string, paths: readonly string[]) =>
        withContext(invocation, async (glue) => {
          const inputs: InputKey[] = [];
          for (const address of paths) {
            const base = glue.storage.resolve(address);
            for await (const file of glue.storage.list(address))
              if (file.path === base || isDataFile(file, base))
                inputs.push({ path: file.path, etag: file.etag, size: file.size });
          }
          const state = stateOf(glue);
          const { Version } = await state.beginAttempt(job);
          await printBookmark(
            invocation,
            await state.commitRun({
              job,
              runId: `set_${new Date().toISOString()}`,
              version: Version,
              inputs: new Map([[context, inputs]]),
              contexts: new Map(),
              changes: [],
              publications: [],
              saveBookmark: true,
            }),
          );
        }),
      ),
    );
}

export function stateOf({ catalog }: GlueContext): JobStateStore {
  if (catalog.jobState) return catalog.jobState;
  throw new DynaframeError("UNSUPPORTED_CATALOG", `The catalog at ${catalog.address} keeps no bookmarks.`, {
    found: catalog.address,
    hint: "Use a catalog in a folder.",
  });
}

/** @throws BOOKMARK_NOT_FOUND; EntityNotFoundException for a job that is not there */
async function bookmarkOf(glue: GlueContext, job: string): Promise<JobBookmarkEntry> {
  const entry = await stateOf(glue).getBookmark(job);
  if (entry !== undefined) return entry;
  await requireJob(glue.catalog, job);
  throw new DynaframeError("BOOKMARK_NOT_FOUND", `Job ${job} has no bookmark.`, {
    name: "EntityNotFoundException",
    path: job,
    hint: "A bookmark is written by the first commit of a run.",
  });
}

type Remembered = { readonly files: number; readonly nextKey?: number };

async function printBookmark({ terminal, global, style }: Invocation, entry: JobBookmarkEntry): Promise<void> {
  const remembered = JSON.parse(entry.JobBookmark) as { readonly [ctx: string]: Remembered };
  if (global.json) return terminal.out(jsonDocument({ ...entry, JobBookmark: remembered }));
  const last =
    entry.RunId === undefined
      ? "no run committed"
      : `last ${entry.RunId}${entry.PreviousRunId === undefined ? "" : `, before it ${entry.PreviousRunId}`}`;
  await terminal.out(
    `${style.name(printable(entry.JobName))}: run ${entry.Run}, attempt ${entry.Attempt}, version ${entry.Version}; ${last}\n`,
  );
  const rows = Object.entries(remembered).map(([ctx, { files, nextKey }]) => [
    printable(ctx),
    grouped(files),
    nextKey === undefined ? "" : grouped(nextKey),
  ]);
  if (rows.length > 0)
    await terminal.out(
      printTable(
        [{ title: "CONTEXT" }, { title: "FILES", align: "right" }, { title: "NEXT KEY", align: "right" }],
        rows,
        style,
      ),
    );
}
