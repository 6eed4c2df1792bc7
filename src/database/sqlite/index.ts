import type { DatabaseAddress } from "../address.js";
import type { Database } from "../index.js";
import { sqliteDialect } from "./dialect.js";
import { sqliteFailure } from "./failure.js";
import { openFile } from "./open-file.js";
import { listSqliteTables } from "./list-tables.js";
import { openSqliteRead } from "./read.js";
import { openSqliteWrite } from "./write.js";

export const sqliteDatabase = (address: DatabaseAddress): Database => ({
  kind: "sqlite",
  label: address.label,
  dialect: sqliteDialect,
  test: async () => {
    const db = await openFile(address, "read");
    try {
      // a file that is no database says so when it is read
      return String(
        (
          db.prepare("SELECT 'SQLite ' || sqlite_version() AS version, count(*) FROM sqlite_schema").get() as {
            version: unknown;
          }
        ).version,
      );
    } catch (error) {
      throw sqliteFailure(error, address);
    } finally {
      db.close();
    }
  },
  listTables: () => listSqliteTables(address),
  openRead: (request, run = {}) => openSqliteRead(address, request, run),
  openWrite: (run = {}) => openSqliteWrite(address, run),
});
