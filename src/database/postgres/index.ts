import type { DatabaseAddress } from "../address.js";
import type { Database } from "../index.js";
import { PostgresSession } from "./connect.js";
import { postgresDialect } from "./dialect.js";
import { listPostgresTables } from "./list-tables.js";
import { openPostgresRead } from "./read.js";
import { openPostgresWrite } from "./write.js";

export const postgresDatabase = (address: DatabaseAddress): Database => ({
  kind: "postgresql",
  label: address.label,
  dialect: postgresDialect,
  test: async () => {
    const session = await PostgresSession.open(address);
    try {
      return (await session.run("SELECT version()")).rows[0]?.[0] ?? "";
    } finally {
      await session.close();
    }
  },
  listTables: () => listPostgresTables(address),
  openRead: (request, run = {}) => openPostgresRead(address, request, run),
  openWrite: (run = {}) => openPostgresWrite(address, run),
});
