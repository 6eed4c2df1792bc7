/** The part of the server that crawls: a context of its own on the same catalog, one crawl for each set of exclusions. */
import type { SecretResolver } from "../catalog/secret-resolver.js";
import { GlueContext } from "../open.js";
import { DynaframeError } from "../types/error.js";
import type { CrawlOutcome, RunCrawler } from "./server-parts.js";

/** @throws as `GlueContext.crawl`, and PARTLY_CRAWLED when files could not be read; the tables of the others are made then. */
export function crawlPart(catalog: string, secrets: SecretResolver): RunCrawler {
  return async (request) => {
    const glue = await GlueContext.open({ catalog, secrets });
    try {
      let total: CrawlOutcome = { tablesCreated: 0, tablesUpdated: 0, tablesDeleted: 0 };
      for (const { exclusions, paths } of byExclusions(request.includes)) {
        const report = await glue.crawl({
          database: request.database, includes: paths, exclusions, crawlerName: request.name,
          ...(request.tablePrefix === undefined ? {} : { tablePrefix: request.tablePrefix }),
          ...(request.schemaChangePolicy === undefined ? {} : { schemaChangePolicy: request.schemaChangePolicy as never }),
          ...(request.recrawlBehavior === undefined ? {} : { recrawlPolicy: { recrawlBehavior: request.recrawlBehavior as never } }),
          ...(request.configuration === undefined ? {} : { configuration: request.configuration }),
        }, { signal: request.signal });
        total = {
          tablesCreated: total.tablesCreated + report.totals.created, tablesUpdated: total.tablesUpdated + report.totals.updated,
          tablesDeleted: total.tablesDeleted + report.totals.deleted + report.totals.deprecated,
        };
        const [problem] = report.problems;
        if (problem !== undefined) throw new DynaframeError("PARTLY_CRAWLED", `${report.problems.length} files could not be crawled, the first ${problem.file}: ${problem.message}`, { file: problem.file });
      }
      return total;
    } finally {
      await glue.close();
    }
  };
}

/** Targets with the same exclusions are crawled together, so that none takes another's tables for gone. */
function byExclusions(includes: Parameters<RunCrawler>[0]["includes"]): readonly { readonly exclusions: readonly string[]; readonly paths: readonly string[] }[] {
  const groups = new Map<string, { exclusions: readonly string[]; paths: string[] }>();
  for (const { path, exclusions } of includes) {
    const group = groups.get(JSON.stringify(exclusions)) ?? { exclusions, paths: [] };
    group.paths.push(path);
    groups.set(JSON.stringify(exclusions), group);
  }
  return [...groups.values()];
}
