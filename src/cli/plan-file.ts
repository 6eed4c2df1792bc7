import type { CrawlPlan } from "../index.js";
import { type FileKind, readJsonFile } from "./json-file.js";

const list = { type: "array", items: { type: "object" } };
const PLAN: FileKind = {
  what: "the plan",
  code: "PLAN_INVALID",
  expected: "a plan of dynaframe crawl --dry-run --out",
  hint: "make it again with dynaframe crawl --dry-run --out",
  schema: {
    type: "object",
    required: [
      "version",
      "options",
      "config",
      "createDatabase",
      "includes",
      "tables",
      "tableVersions",
      "changes",
      "deletions",
      "skipped",
      "problems",
    ],
    properties: {
      version: { const: 1 },
      createDatabase: { type: "boolean" },
      config: { type: "object" },
      tables: list,
      skipped: list,
      problems: list,
      options: {
        type: "object",
        required: ["database", "includes"],
        properties: {
          database: { type: "string", minLength: 1 },
          includes: { type: "array", minItems: 1, items: { type: ["string", "object"] } },
        },
      },
      includes: {
        type: "array",
        items: {
          type: "object",
          required: ["root", "fingerprint"],
          properties: { root: { type: "string" }, fingerprint: { type: "string" } },
        },
      },
      tableVersions: { type: "object", additionalProperties: { type: "string" } },
      changes: {
        type: "array",
        items: {
          type: "object",
          required: ["database", "table"],
          properties: {
            database: { type: "string" },
            table: { type: "object", required: ["Name"], properties: { Name: { type: "string" } } },
          },
        },
      },
      deletions: { type: "array", items: { type: "string" } },
    },
  },
};

/** A plan kept by `dynaframe crawl --dry-run --out`. */
export function readPlan(file: string): Promise<CrawlPlan> {
  return readJsonFile(file, PLAN);
}
