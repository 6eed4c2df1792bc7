/** The part of the server that crawls: a context of its own on the same catalog. */
import type { SecretResolver } from "../catalog/secret-resolver.js";
import { GlueContext } from "../open.js";
import type { RunCrawler } from "./server-parts.js";

/** @throws as `GlueContext.crawl`. */
export function crawlPart(catalog: string, secrets: SecretResolver): RunCrawler {
  return async (options, signal) => {
    const glue = await GlueContext.open({ catalog, secrets });
    try {
      return await glue.crawl(options, { signal });
    } finally {
      await glue.close();
    }
  };
}
