import type { DatabaseAddress } from "../address.js";
import type { Database } from "../index.js";
import { MysqlSession } from "./connect.js";
import { texts } from "./describe.js";
import { mysqlDialect } from "./dialect.js";
import { listMysqlTables } from "./list-tables.js";
import { openMysqlRead } from "./read.js";
import { openMysqlWrite } from "./write.js";

export const mysqlDatabase = (address: DatabaseAddress): Database => ({
  kind: "mysql",
  label: address.label,
  dialect: mysqlDialect,
  test: async () => {
    const session = await MysqlSession.open(address);
    try {
      return texts(await session.run("SELECT VERSION()"))[0]?.[0] ?? "";
    } finally {
      await session.close();
    }
  },
  listTables: () => listMysqlTables(address),
  openRead: (request, run = {}) => openMysqlRead(address, request, run),
  openWrite: (run = {}) => openMysqlWrite(address, run),
});
