/** The filters of ListCrawls (API reference, "CrawlsFilter"). */
import { invalidInput } from "../../catalog/catalog-errors.js";
import type { NamedCrawl } from "./crawler-record.js";

export type CrawlFilter = {
  readonly FieldName?: "CRAWL_ID" | "STATE" | "START_TIME" | "END_TIME" | "DPU_HOUR";
  readonly FilterOperator?: "GT" | "GE" | "LT" | "LE" | "EQ" | "NE";
  /** Times in seconds or milliseconds since the epoch. */
  readonly FieldValue?: string;
};

/** All filters hold. @throws InvalidInputException for one that cannot be judged. */
export const matchesFilters = (crawl: NamedCrawl, filters: readonly CrawlFilter[]): boolean =>
  filters.every((filter) => matches(crawl, filter));

function matches(
  crawl: NamedCrawl,
  { FieldName: field, FilterOperator: operator = "EQ", FieldValue: value = "" }: CrawlFilter,
): boolean {
  switch (field) {
    case "CRAWL_ID":
      return holds(operator, crawl.CrawlId < value ? -1 : crawl.CrawlId > value ? 1 : 0);
    case "STATE":
      return holds(operator, crawl.State < value ? -1 : crawl.State > value ? 1 : 0);
    case "START_TIME":
      return holds(operator, crawl.StartTime - secondsOf(value));
    case "END_TIME":
      return crawl.EndTime !== undefined && holds(operator, crawl.EndTime - secondsOf(value));
    default:
      throw invalidInput("Crawls cannot be filtered by this field", {
        path: "Filters.FieldName",
        found: field ?? "nothing",
        expected: "CRAWL_ID, STATE, START_TIME or END_TIME",
      });
  }
}

function holds(operator: NonNullable<CrawlFilter["FilterOperator"]>, difference: number): boolean {
  switch (operator) {
    case "GT":
      return difference > 0;
    case "GE":
      return difference >= 0;
    case "LT":
      return difference < 0;
    case "LE":
      return difference <= 0;
    case "EQ":
      return difference === 0;
    case "NE":
      return difference !== 0;
  }
}

/** Past the year 5000 in seconds it is milliseconds. */
const MOST_SECONDS = 1e11;

function secondsOf(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw invalidInput("A time is seconds or milliseconds since the epoch", {
      path: "Filters.FieldValue",
      found: text,
    });
  return value > MOST_SECONDS ? value / 1000 : value;
}
