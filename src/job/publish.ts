/**
 * Puts the outputs of committed runs in place. The commit is a record in the catalog, so what a killed process left is
 * finished by the next.
 */
import { realpath } from "node:fs/promises";
import { dirname, sep } from "node:path";
import type { Catalog, OpenPublication, Publication } from "../catalog/index.js";
import type { Storage } from "../storage/index.js";
import { DynaframeError } from "../types/error.js";

/**
 * Finishes all commits that are not published in full; returns their runs. Safe to call at any time and from several
 * processes.
 */
export async function finishPublications(catalog: Catalog, storage: Storage): Promise<readonly string[]> {
  const open = (await catalog.jobState?.openPublications()) ?? [];
  for (const publication of open) await finishPublication(catalog, storage, publication);
  return open.map(({ runId }) => runId);
}

async function finishPublication(
  catalog: Catalog,
  storage: Storage,
  { runId, publications }: OpenPublication,
): Promise<void> {
  for (const publication of publications) await publish(storage, publication, runId);
  await catalog.jobState?.publicationDone(runId);
}

async function publish(storage: Storage, publication: Publication, runId: string): Promise<void> {
  if (publication.kind === "remove") return storage.remove(publication.final);
  await checkStaged(publication.staged, runId);
  try {
    await storage.publish(publication.staged, publication.final);
  } catch (cause) {
    // another process may have been here, or this one before it was killed
    if (await storage.stat(publication.final)) return;
    throw new DynaframeError(
      "PUBLISH_FAILED",
      `An output of the committed run ${runId} cannot be put in place: ${publication.final}.`,
      {
        file: publication.final,
        cause,
        hint: "Free the target (space, permissions), then run the job or `dynaframe job gc` again: the commit is kept and will be finished.",
      },
    );
  }
}

/**
 * A commit may come from a session, which must not have another process move, on its behalf, what it cannot reach
 * itself: runs stage in folders of their own.
 */
async function checkStaged(staged: string, runId: string): Promise<void> {
  const folder = await realpath(dirname(staged)).catch(() => undefined);
  if (folder === undefined || folder.split(sep).some((part) => part.startsWith(`run-${runId}-`))) return;
  throw new DynaframeError("PUBLISH_FAILED", `The commit of the run ${runId} names what no run staged: ${staged}.`, {
    file: staged,
    expected: `a file in a folder run-${runId}-…`,
    hint: "Nothing was moved, and the commit is kept. Look into what made it: it is none of a job's.",
  });
}
