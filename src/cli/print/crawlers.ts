import type { CrawlerMetrics, NamedCrawl, NamedCrawler } from "../../index.js";
import { clockTime, duration, grouped } from "./number.js";
import type { Style } from "./style.js";
import { printTable } from "./table.js";
import { clipped, printable } from "./text.js";

export function printCrawlers(crawlers: readonly NamedCrawler[], style: Style): string {
  if (crawlers.length === 0) return "no crawlers\n";
  const rows = crawlers.map(({ Name, DatabaseName = "default", State, Schedule, LastCrawl, Targets }) => [
    style.name(printable(Name)),
    printable(DatabaseName),
    State === "READY" ? State : style.warning(State),
    clipped(printable(targetText(Targets)), 60),
    Schedule === undefined
      ? ""
      : `${printable(Schedule.ScheduleExpression)}${Schedule.State === "SCHEDULED" ? "" : " (off)"}`,
    LastCrawl === undefined
      ? ""
      : `${LastCrawl.Status === "SUCCEEDED" ? style.good(LastCrawl.Status) : style.bad(LastCrawl.Status)} ${clockTime(LastCrawl.StartTime)}`,
  ]);
  return printTable(
    [
      { title: "CRAWLER" },
      { title: "DATABASE" },
      { title: "STATE" },
      { title: "TARGETS" },
      { title: "SCHEDULE" },
      { title: "LAST CRAWL" },
    ],
    rows,
    style,
  );
}

function targetText(targets: NamedCrawler["Targets"]): string {
  return Object.values(targets)
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .map((target: { readonly [member: string]: unknown }) =>
      JSON.stringify(target["Path"] ?? target["DatabaseName"] ?? target),
    )
    .join(", ")
    .replaceAll('"', "");
}

export function printNamedCrawls(crawls: readonly NamedCrawl[], style: Style): string {
  if (crawls.length === 0) return "no crawls yet\n";
  const rows = crawls.map(({ CrawlId, State, StartTime, EndTime, ErrorMessage = "", Summary }) => [
    clockTime(StartTime),
    State === "COMPLETED" ? style.good(State) : State === "RUNNING" ? State : style.bad(State),
    EndTime === undefined ? "" : duration((EndTime - StartTime) * 1000),
    ...counts(Summary),
    clipped(printable(ErrorMessage), 80),
    style.faint(CrawlId),
  ]);
  return printTable(
    [
      { title: "STARTED" },
      { title: "STATE" },
      { title: "TOOK", align: "right" },
      { title: "CREATED", align: "right" },
      { title: "UPDATED", align: "right" },
      { title: "DELETED", align: "right" },
      { title: "ERROR" },
      { title: "ID" },
    ],
    rows,
    style,
  );
}

function counts(summary: string | undefined): readonly string[] {
  if (summary === undefined) return ["", "", ""];
  const {
    tablesCreated = 0,
    tablesUpdated = 0,
    tablesDeleted = 0,
  } = JSON.parse(summary) as { readonly [count: string]: number };
  return [tablesCreated, tablesUpdated, tablesDeleted].map(grouped);
}

export function printCrawlerMetrics(metrics: readonly CrawlerMetrics[], style: Style): string {
  if (metrics.length === 0) return "no crawlers\n";
  const rows = metrics.map(
    ({ CrawlerName, TablesCreated, TablesUpdated, TablesDeleted, LastRuntimeSeconds, MedianRuntimeSeconds }) => [
      style.name(printable(CrawlerName)),
      ...[TablesCreated, TablesUpdated, TablesDeleted].map(grouped),
      duration(LastRuntimeSeconds * 1000),
      duration(MedianRuntimeSeconds * 1000),
    ],
  );
  const right = (title: string) => ({ title, align: "right" as const });
  return printTable(
    [
      { title: "CRAWLER" },
      right("CREATED"),
      right("UPDATED"),
      right("DELETED"),
      right("LAST RUN"),
      right("MEDIAN RUN"),
    ],
    rows,
    style,
  );
}
