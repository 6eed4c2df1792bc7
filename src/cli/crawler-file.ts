import type { CrawlOptions } from "../index.js";
import { type FileKind, readJsonFile } from "./json-file.js";

const texts = { type: "array", items: { type: "string" } };
const CRAWLER: FileKind = {
  what: "the crawler file",
  code: "INVALID_CRAWLER",
  expected: "an object of crawler settings",
  hint: "see dynaframe crawl --help",
  // the settings themselves are checked by the crawler, as Glue checks them
  schema: {
    type: "object",
    additionalProperties: false,
    properties: {
      exclusions: texts,
      tablePrefix: { type: "string" },
      crawlerName: { type: "string" },
      bucket: { type: "string" },
      classifiers: { type: "array", items: { type: "object" } },
      jdbcTargets: {
        type: "array",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["connectionName", "path"],
          properties: { connectionName: { type: "string" }, path: { type: "string" }, exclusions: texts },
        },
      },
      schemaChangePolicy: { type: "object" },
      recrawlPolicy: { type: "object" },
      configuration: { type: ["object", "string"] },
    },
  },
};

/** Crawler settings from a file: everything of a crawl but its paths and its database. */
export function readCrawlerFile(file: string): Promise<Omit<CrawlOptions, "database" | "includes">> {
  return readJsonFile(file, CRAWLER);
}
