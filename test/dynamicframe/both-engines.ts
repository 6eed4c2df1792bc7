import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GlueContext, type OpenOptions } from "../../src/index.js";

/**
 * A folder, and over it DuckDB's engine and the oracle, in this order, each with a catalog of its own: there while the
 * tests of one file run.
 */
export function bothEngines(options: OpenOptions = {}): {
  readonly folder: string;
  readonly engines: readonly GlueContext[];
} {
  const folder = mkdtempSync(join(tmpdir(), "dynaframe-both-"));
  const engines: GlueContext[] = [];
  beforeAll(async () => {
    engines.push(
      await GlueContext.open({ ...options, catalog: join(folder, "d"), engine: "duckdb" }),
      await GlueContext.open({ ...options, catalog: join(folder, "r"), engine: "reference" }),
    );
  });
  afterAll(async () => {
    for (const glue of engines) await glue.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, engines };
}
