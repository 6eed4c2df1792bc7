import { takeLease, type Holder, type Lease } from "../storage/lease.js";
import { DynaframeError } from "../types/error.js";

/** One crawl of a database at a time. While another process crawls it: CRAWLER_RUNNING (CrawlerRunningException). */
export const takeCrawlLease = (folder: string, database: string): Promise<Lease> =>
  takeLease(folder, database, (holder) => running(database, holder));

const running = (name: string, holder: Holder | undefined): DynaframeError =>
  new DynaframeError("CRAWLER_RUNNING", `a crawl of ${name} is running`, {
    name: "CrawlerRunningException",
    path: name,
    ...(holder === undefined ? {} : { found: `process ${holder.pid} on ${holder.host} since ${holder.started}` }),
    hint: "Wait until it has finished.",
  });
