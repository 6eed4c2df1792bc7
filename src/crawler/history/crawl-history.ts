/** The history of crawls: one small file for each, so that a crawl that was killed leaves its trace and no lock. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withFileErrors } from "../../storage/file-error.js";
import { processLives } from "../../storage/lease.js";
import { thisHost } from "../../storage/this-host.js";
import { DynaframeError } from "../../types/error.js";
import type { CrawlReport } from "../crawl-report.js";
import type { CrawlRecord } from "./crawl-record.js";

/** Older records go when a new crawl begins. */
const MAX_RECORDS = 1000;
const SUFFIX = ".crawl.json";

type Stored = CrawlRecord & { readonly pid: number; readonly host: string };

/** Runs a crawl and keeps what became of it. */
export async function withHistory(
  folder: string,
  subject: Pick<CrawlRecord, "crawlerName" | "database">,
  signal: AbortSignal | undefined,
  work: () => Promise<{ readonly report: CrawlReport; readonly resumed: number }>,
): Promise<CrawlReport> {
  const startTime = Date.now() / 1000;
  const begun: Stored = {
    crawlId: `${Date.now().toString(36).padStart(9, "0")}-${randomBytes(4).toString("hex")}`,
    ...subject,
    state: "RUNNING",
    startTime,
    pid: process.pid,
    host: thisHost(),
  };
  await withFileErrors(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  await prune(folder);
  await write(folder, begun);
  try {
    const { report, resumed } = await work();
    await write(folder, {
      ...begun,
      state: "COMPLETED",
      endTime: Date.now() / 1000,
      ...summary(report),
      ...(resumed === 0 ? {} : { resumed }),
    });
    return report;
  } catch (error) {
    const failure =
      signal?.aborted === true
        ? { code: "INTERRUPTED", message: "The crawl was interrupted." }
        : error instanceof DynaframeError
          ? { code: error.code, message: error.message }
          : { code: "INTERNAL", message: error instanceof Error ? error.message : String(error) };
    await write(folder, {
      ...begun,
      state: signal?.aborted === true ? "STOPPED" : "FAILED",
      endTime: Date.now() / 1000,
      error: failure,
    }).catch(() => undefined); // the crawl's own error counts
    throw error;
  }
}

function summary({ totals, problems, tables }: CrawlReport): Pick<CrawlRecord, "totals" | "problems" | "tables"> {
  return {
    totals,
    problems: problems.length,
    tables: tables.filter(({ action }) => action !== "keep").map(({ name, action }) => ({ name, action })),
  };
}

/** Newest first; of one database, or all. A crawl whose process is gone is FAILED with PROCESS_ENDED. */
export async function listCrawls(folder: string, database?: string): Promise<readonly CrawlRecord[]> {
  const records: CrawlRecord[] = [];
  for (const name of (await recordFiles(folder)).reverse()) {
    const stored = await read(join(folder, name));
    if (stored !== undefined && (database === undefined || stored.database === database.toLowerCase()))
      records.push(judged(stored));
  }
  return records;
}

function judged({ pid, host, ...record }: Stored): CrawlRecord {
  if (record.state !== "RUNNING" || host !== thisHost() || processLives(pid)) return record;
  return {
    ...record,
    state: "FAILED",
    error: {
      code: "PROCESS_ENDED",
      message: "the process ended before the crawl did; the catalog is as it was before it",
    },
  };
}

async function recordFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(SUFFIX)).sort();
}

async function read(path: string): Promise<Stored | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Stored;
  } catch {
    return undefined; // pruned meanwhile
  }
}

async function write(folder: string, record: Stored): Promise<void> {
  const path = join(folder, `${record.crawlId}${SUFFIX}`);
  await withFileErrors(path, async () => {
    await writeFile(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  });
}

async function prune(folder: string): Promise<void> {
  const names = await recordFiles(folder);
  for (const name of names.slice(0, Math.max(0, names.length - MAX_RECORDS + 1)))
    await rm(join(folder, name), { force: true });
}
