/** The database at an address. Its code and driver are loaded when first used. */
import type { DatabaseAddress } from "./address.js";
import type { Database } from "./index.js";

export async function openDatabase(address: DatabaseAddress): Promise<Database> {
  switch (address.kind) {
    case "postgresql":
      return (await import("./postgres/index.js")).postgresDatabase(address);
    case "mysql":
      return (await import("./mysql/index.js")).mysqlDatabase(address);
    case "sqlite":
      return (await import("./sqlite/index.js")).sqliteDatabase(address);
  }
}
