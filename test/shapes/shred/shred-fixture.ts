import type { DuckDBConnection } from "@duckdb/node-api";
import { makeFixture, type Fixture } from "../scan-fixture.js";
import { connect } from "./read-parquet.js";

/** A folder of files and a connection to DuckDB, for the tests of one file. */
export function shredFixture(): { readonly fixture: Fixture; readonly connection: DuckDBConnection } {
  const fixture = makeFixture();
  const opened: { connection?: DuckDBConnection } = {};
  beforeAll(async () => {
    opened.connection = await connect();
  });
  afterAll(() => {
    opened.connection?.closeSync();
    fixture.remove();
  });
  return {
    fixture,
    get connection() {
      return opened.connection!;
    },
  };
}
