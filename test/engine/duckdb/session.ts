/** A DuckDB session over a temporary folder, for tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duckdbEngine } from "../../../src/engine/duckdb/index.js";
import type { EngineEnvironment, EngineSession } from "../../../src/engine/index.js";
import type { Relation } from "../../../src/plan/ir/relation.js";
import type { Storage } from "../../../src/storage/index.js";
import type { Row } from "../../../src/types/value.js";
import { fileStorage } from "../../../src/storage/file.js";

export type Opened = {
  readonly session: EngineSession;
  readonly directory: string;
  readonly close: () => Promise<void>;
};

export async function openSession(more: Partial<EngineEnvironment> = {}): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), "dynaframe-duckdb-"));
  const storage: Storage = fileStorage();
  const session = await duckdbEngine.open({
    storage,
    stagingDirectory: join(directory, "staging"),
    threads: 2,
    ...more,
  });
  return {
    session,
    directory,
    close: async () => {
      await session.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function collect(session: EngineSession, relation: Relation): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of session.rows(relation)) rows.push(...batch);
  return rows;
}
