import type { CrawlerConfigArgs, EffectiveCrawlerConfig } from "./crawler-config.js";

/**
 * Checks a crawler's settings and fills in Glue's defaults; what Glue refuses rejects with INVALID_CRAWLER and the path
 * of the setting. A promise, because the validator is loaded with the first call: whoever imports the package for
 * something else does not wait for it.
 */
export async function effectiveCrawlerConfig(args: CrawlerConfigArgs): Promise<EffectiveCrawlerConfig> {
  const { effectiveCrawlerConfig: effective } = await import("./crawler-config.js");
  return effective(args);
}
