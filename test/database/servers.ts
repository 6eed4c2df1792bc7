/**
 * What the tests of all databases share: a context, options to reach the server, and raw SQL by another way than the
 * code under test.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import mysql from "mysql2/promise";
import { Client } from "pg";
import { GlueContext, type DatabaseConnectionOptions, type DatabaseConnectionType } from "../../src/index.js";
import { startMariadb } from "../servers/mariadb.js";
import { startMysql } from "../servers/mysql.js";
import { startPostgres } from "../servers/postgres.js";
import type { DatabaseServer } from "../servers/server-process.js";

export type TestDatabase = {
  readonly kind: DatabaseConnectionType;
  readonly glue: GlueContext;
  readonly folder: string;
  readonly server: DatabaseServer | undefined;
  readonly options: DatabaseConnectionOptions & { readonly url: string };
  /** Rows as the plain driver gives them, in the order of the columns. */
  readonly sql: (text: string) => Promise<unknown[][]>;
  readonly stop: () => Promise<void>;
};

type Raw = {
  readonly server: DatabaseServer | undefined;
  readonly options: TestDatabase["options"];
  readonly sql: TestDatabase["sql"];
  readonly close: () => Promise<void>;
};

/** `mysql` is the server of that name, `mariadb` its fork. */
export type TestKind = "postgresql" | "mariadb" | "mysql" | "sqlite";

/** Undefined on a machine without that server. */
export async function startDatabase(kind: TestKind): Promise<TestDatabase | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "dynaframe-db-"));
  const raw =
    kind === "postgresql"
      ? await postgres()
      : kind === "mariadb" || kind === "mysql"
        ? await mariadb(kind)
        : sqlite(join(folder, "shop.db"));
  if (raw === undefined) {
    await rm(folder, { recursive: true });
    return undefined;
  }
  const glue = await GlueContext.open({ catalog: join(folder, "catalog"), threads: 2 });
  return {
    kind,
    glue,
    folder,
    server: raw.server,
    options: raw.options,
    sql: raw.sql,
    stop: async () => {
      await glue.close();
      await raw.close();
      await raw.server?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function postgres(): Promise<Raw | undefined> {
  const server = await startPostgres();
  if (server === undefined) return undefined;
  const { port, user, password } = server;
  const client = new Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
  client.on("error", () => undefined);
  await client.connect();
  return {
    server,
    options: { url: `jdbc:postgresql://127.0.0.1:${port}/postgres`, user, password },
    sql: async (text) => {
      const result = await client.query<unknown[]>({
        text,
        rowMode: "array",
        types: { getTypeParser: () => (value: string) => value },
      });
      return Array.isArray(result) ? [] : result.rows;
    },
    close: () => client.end().catch(() => undefined),
  };
}

async function mariadb(kind: "mariadb" | "mysql"): Promise<Raw | undefined> {
  const server = await (kind === "mysql" ? startMysql() : startMariadb());
  if (server === undefined) return undefined;
  const { port, user, password } = server;
  const connection = await mysql.createConnection({
    host: "127.0.0.1",
    port,
    user,
    password,
    database: "shop",
    multipleStatements: true,
    timezone: "Z",
  });
  connection.on("error", () => undefined);
  return {
    server,
    options: { url: `jdbc:${kind}://127.0.0.1:${port}/shop`, user, password },
    sql: async (text) => {
      const [rows] = await connection.query({
        sql: text,
        rowsAsArray: true,
        typeCast: (field) => field.string("utf8"),
      });
      return Array.isArray(rows) ? (rows as unknown[][]) : [];
    },
    close: () => connection.end().catch(() => undefined),
  };
}

function sqlite(file: string): Raw {
  const db = new DatabaseSync(file);
  return {
    server: undefined,
    options: { url: `jdbc:sqlite:${file}` },
    sql: async (text) => {
      if (!/^\s*(select|with|pragma)/i.test(text)) {
        db.exec(text);
        return [];
      }
      const statement = db.prepare(text);
      statement.setReturnArrays(true);
      return (statement.all() as unknown[][]).map((row) =>
        row.map((cell) => (cell === null || cell instanceof Uint8Array ? cell : String(cell))),
      );
    },
    close: async () => {
      db.close();
    },
  };
}
