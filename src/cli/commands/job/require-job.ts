import type { Catalog } from "../../../catalog/index.js";

/**
 * A job that the catalog knows: by its definition, or by the bookmark of a script that ran without one. Asked where
 * there is nothing of it to show.
 * @throws EntityNotFoundException with the nearest name
 */
export async function requireJob(catalog: Catalog, job: string): Promise<void> {
  if ((await catalog.jobState?.getBookmark(job)) !== undefined) return;
  const { getDefinition } = await import("../../../catalog/definitions/definition.js");
  const { jobRef } = await import("../../../job/definition/job-record.js");
  await getDefinition(catalog, jobRef(job));
}
