import type { Storage } from "../storage/index.js";
import { requireTexts } from "../dynamicframe/require-text.js";
import { throughConnection } from "../storage/s3/address.js";
import { DynaframeError } from "../types/error.js";
import type { CrawlOptions } from "./crawl-options.js";

/** An include path with settings of its own (S3Target of the Glue API). */
export type CrawlTarget = {
  readonly path: string;
  /** Beside those of the crawl, relative to this path. */
  readonly exclusions?: readonly string[];
  /** Files crawled of each leaf folder, 1–249, the first by name; the others belong to the table unread. */
  readonly sampleSize?: number;
  /** False: only the files directly in the folder. Default true. */
  readonly recurse?: boolean;
};

/** A target with canonical path and all its patterns. */
export type ResolvedTarget = {
  readonly root: string;
  readonly exclusions: readonly string[];
  readonly sampleSize?: number;
  readonly recurse: boolean;
};

const MAX_SAMPLE = 249;

/**
 * The targets of a crawl by path, each path once.
 * @throws INVALID_CRAWLER for none, a path with two settings, or a sample size out of range.
 */
export function resolveTargets(
  {
    includes,
    exclusions = [],
    connectionName,
    jdbcTargets = [],
  }: Pick<CrawlOptions, "includes" | "exclusions" | "connectionName" | "jdbcTargets">,
  storage: Pick<Storage, "resolve">,
): readonly ResolvedTarget[] {
  const byRoot = new Map<string, ResolvedTarget>();
  for (const [i, include] of includes.entries()) {
    const given = typeof include === "string" ? { path: include } : include;
    requireTexts("crawl: includes", given, "path");
    const target = resolved(
      { ...given, path: throughConnection(given.path, connectionName) },
      `includes.${i}`,
      exclusions,
      storage,
    );
    const known = byRoot.get(target.root);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(target))
      throw invalid(`includes.${i}`, `${target.root} is named twice with different settings`);
    byRoot.set(target.root, target);
  }
  if (byRoot.size === 0 && jdbcTargets.length === 0)
    throw invalid("includes", "a crawl needs at least one include path");
  return [...byRoot.values()].sort((a, b) => (a.root < b.root ? -1 : 1));
}

function resolved(
  { path, exclusions = [], sampleSize, recurse = true }: CrawlTarget,
  place: string,
  all: readonly string[],
  storage: Pick<Storage, "resolve">,
): ResolvedTarget {
  if (sampleSize !== undefined && !(Number.isInteger(sampleSize) && sampleSize >= 1 && sampleSize <= MAX_SAMPLE)) {
    throw invalid(`${place}.sampleSize`, `it is a whole number from 1 to ${MAX_SAMPLE}, not ${String(sampleSize)}`);
  }
  return {
    root: storage.resolve(path),
    exclusions: [...new Set([...all, ...exclusions])],
    recurse,
    ...(sampleSize === undefined ? {} : { sampleSize }),
  };
}

const invalid = (path: string, what: string): DynaframeError =>
  new DynaframeError("INVALID_CRAWLER", `crawler setting ${path}: ${what}`, { name: "InvalidInputException", path });
