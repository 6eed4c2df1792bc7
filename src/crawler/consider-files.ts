/**
 * Which files a crawl looks at, by its recrawl policy: all that are there, those of new folders, or those that events
 * name.
 */
import type { FileRef } from "../storage/index.js";
import type { CrawlOptions, CrawlServices, FileProblem } from "./crawl-options.js";
import type { CrawlEvents } from "./crawl-plan.js";
import type { EffectiveCrawlerConfig } from "./crawler-config.js";
import { eventQueueOf } from "./events/open-queue.js";
import { readEvents } from "./events/read-event.js";
import { isBelow, type KnownFile } from "./known-tables.js";
import { includeListing, listIncludes, type Listing, whyNotIn } from "./list-includes.js";
import { resolveTargets } from "./crawl-target.js";
import { DynaframeError } from "../types/error.js";

/** A listing, and the files of it that the crawl takes for there. */
export type Considered = {
  readonly listing: Listing;
  /** By include path. Files that the policy does not look at are as the catalog knows them. */
  readonly files: readonly { readonly root: string; readonly files: readonly FileRef[] }[];
  readonly events?: CrawlEvents;
};

export async function considerFiles(
  options: CrawlOptions,
  config: EffectiveCrawlerConfig,
  services: CrawlServices,
  known: (roots: readonly string[]) => Promise<ReadonlyMap<string, KnownFile>>,
): Promise<Considered> {
  const roots = resolveTargets(options, services.storage).map(({ root }) => root);
  switch (config.recrawlBehavior) {
    case "CRAWL_EVERYTHING": {
      const listing = await listIncludes(options, services);
      return { listing, files: listing.includes };
    }
    case "CRAWL_NEW_FOLDERS_ONLY":
      return newFolders(await listIncludes(options, services), await known(roots));
    case "CRAWL_EVENT_MODE":
      return eventFiles(options, services, await known(roots));
  }
}

/**
 * New files, rewritten ones and those that went are passed over where a folder was crawled before (developer guide,
 * "Incremental crawls").
 */
function newFolders(listing: Listing, known: ReadonlyMap<string, KnownFile>): Considered {
  const crawled = new Set([...known.keys()].map(folderOf));
  const files = listing.includes.map(({ root, files: listed }) => ({
    root,
    files: inOrder([...knownBelow(root, listing, known), ...listed.filter(({ path }) => !crawled.has(folderOf(path)))]),
  }));
  const passed = listing.includes
    .flatMap(({ files: listed }) => listed)
    .filter(({ path, etag, size }) => {
      const key = known.get(path)?.key;
      return crawled.has(folderOf(path)) && (key?.etag !== etag || key.size !== size);
    });
  return {
    listing: {
      ...listing,
      skipped: [...listing.skipped, ...passed.map(({ path }) => ({ file: path, why: "OLD_FOLDER" as const }))],
    },
    files,
  };
}

/** The first crawl lists everything; later ones look only at what events name. */
async function eventFiles(
  options: CrawlOptions,
  services: CrawlServices,
  known: ReadonlyMap<string, KnownFile>,
): Promise<Considered> {
  const queue = eventQueueOf(options, services);
  if (queue === undefined) {
    throw new DynaframeError("INVALID_CRAWLER", "CRAWL_EVENT_MODE needs a queue of events", {
      name: "InvalidInputException",
      path: "recrawlPolicy",
      hint: "Give eventQueues with the ARN of an SQS queue, events: fileQueue('events.ndjson'), or --events.",
    });
  }
  const messages = await queue.receive();
  const receipts = messages.map(({ receipt }) => receipt);
  if (known.size === 0) {
    const listing = await listIncludes(options, services);
    return { listing, files: listing.includes, events: { receipts } };
  }
  const problems: FileProblem[] = [];
  const touched = new Set<string>();
  for (const { body } of messages) {
    const events = readEvents(body);
    if (events === undefined)
      problems.push({
        file: "events",
        code: "EVENT_UNREADABLE",
        message: `a message is no event of objects: ${body.slice(0, 200)}`,
        hint: "It is taken out of the queue with the others.",
      });
    for (const { path } of events ?? [])
      if (services.storage.accepts(path)) touched.add(services.storage.resolve(path));
  }
  const { listing, files } = await lookAt([...touched].sort(), options, services, known);
  return {
    listing: { ...listing, problems: [...problems, ...listing.problems] },
    files,
    events: { receipts, touched: [...touched].sort() },
  };
}

/** What is at the touched paths now: an event may be old, so that what it said then does not count. */
export async function lookAt(
  touched: readonly string[],
  options: CrawlOptions,
  services: CrawlServices,
  known: ReadonlyMap<string, KnownFile>,
): Promise<Considered> {
  const targets = resolveTargets(options, services.storage);
  const why = whyNotIn(targets);
  const found = new Map<string, FileRef[]>(targets.map(({ root }) => [root, []]));
  const skipped: Listing["skipped"][number][] = [];
  for (const path of touched) {
    services.signal?.throwIfAborted();
    const ref = await services.storage.stat(path);
    if (ref === undefined) continue;
    for (const { root } of targets.filter((target) => isBelow(path, target.root))) {
      const skip = why(ref, root);
      if (skip === undefined) found.get(root)?.push(ref);
      else if (skip !== "ELSEWHERE") skipped.push(skip);
    }
  }
  const listing: Listing = {
    includes: targets.map(({ root }) => includeListing(root, found.get(root) ?? [])),
    skipped,
    problems: [],
  };
  const changed = new Set(touched);
  const files = listing.includes.map(({ root, files: now }) => ({
    root,
    files: inOrder([...knownBelow(root, listing, known).filter(({ path }) => !changed.has(path)), ...now]),
  }));
  return { listing, files };
}

/** The files that the catalog knows below an include path and not below an inner one. */
function knownBelow(root: string, { includes }: Listing, known: ReadonlyMap<string, KnownFile>): readonly FileRef[] {
  const inner = includes.filter((other) => other.root !== root && isBelow(other.root, root));
  return [...known.values()]
    .filter(({ key: { file } }) => isBelow(file, root) && !inner.some((other) => isBelow(file, other.root)))
    .map(({ key: { file, etag, size } }) => ({ path: file, etag, size, modified: 0 }));
}

const inOrder = (files: readonly FileRef[]): readonly FileRef[] =>
  [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));
