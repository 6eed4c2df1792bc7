import { readFileSync } from "node:fs";
import { join } from "node:path";
import { coverage, coverageMarkdown } from "../../src/server/index.js";
import { GLUE_OPERATIONS } from "../../src/server/generated/glue-shapes.js";
import { GLUE_HANDLERS } from "../../src/server/operations/index.js";

test("docs/glue-api-coverage.md is what the server's table says: node scripts/glue-coverage.mjs writes it", () => {
  expect(readFileSync(join(__dirname, "..", "..", "docs", "glue-api-coverage.md"), "utf8")).toBe(coverageMarkdown());
});

test("every handler is of an operation of the service", () => {
  expect(Object.keys(GLUE_HANDLERS).filter((name) => GLUE_OPERATIONS[name] === undefined)).toEqual([]);
  expect(coverage().filter(({ implemented }) => implemented)).toHaveLength(Object.keys(GLUE_HANDLERS).length);
});
