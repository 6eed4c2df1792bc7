/**
 * Sessions of MySQL and MariaDB: every value travels as bytes of text, times in UTC, and a server that stops answering
 * ends in an error.
 */
import type { Connection, ConnectionOptions, FieldPacket, TypeCastField } from "mysql2";
import { connect, isIP, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { DynaframeError } from "../../types/error.js";
import { loadOptional } from "../../types/load-optional.js";
import type { DatabaseAddress } from "../address.js";
import { answerWithin } from "../answer-within.js";
import { mysqlFailure } from "./failure.js";

/** Values as the server prints them, in UTF-8; of binary columns their bytes. */
export type ByteRow = readonly (Buffer | null)[];
export type ByteResult = {
  readonly rows: readonly ByteRow[];
  readonly fields: readonly ResultField[];
  readonly count: number;
};
export type ResultField = {
  readonly name: string;
  readonly type: number;
  readonly length: number;
  readonly decimals: number;
  readonly flags: number;
  readonly characterSet: number;
};

// without ONLY_FULL_GROUP_BY and its like, which belong to the user's server; strict, so that nothing is cut or nulled
// silently, and 0 stays 0
const STRICT =
  "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO";

export class MysqlSession {
  #broken: unknown;
  #closed = false;
  #stream: Readable | undefined;

  private constructor(
    readonly connection: Connection,
    readonly address: DatabaseAddress,
  ) {
    connection.on("error", (error: unknown) => {
      this.#broken ??= error;
      // the driver does not tell a running stream
      this.#stream?.destroy(error instanceof Error ? error : undefined);
    });
  }

  /** @throws AUTHENTICATION_FAILED, CONNECTION_FAILED, OPTIONAL_DEPENDENCY */
  static async open(address: DatabaseAddress, signal?: AbortSignal): Promise<MysqlSession> {
    signal?.throwIfAborted();
    const { default: mysql } = await loadOptional(
      "mysql2",
      () => import("mysql2"),
      "Reading and writing MySQL and MariaDB",
    );
    let session: MysqlSession;
    try {
      session = await new Promise<MysqlSession>((resolve, reject) => {
        const opening = mysql.createConnection(configOf(address));
        // what is left of it would keep the process from ending
        const failed = (error: unknown): void => {
          opening.destroy();
          reject(error as Error);
        };
        opening.once("error", failed);
        // the session listens before the promise is kept: what a server sends meanwhile would end the process
        opening.connect((error) => {
          if (error) failed(error);
          else resolve(new MysqlSession(opening, address));
        });
      });
    } catch (error) {
      throw mysqlFailure(error, address, "connecting");
    }
    try {
      await session.run(`SET SESSION time_zone = '+00:00', sql_mode = '${STRICT}'`);
    } catch (error) {
      session.drop(error);
      throw error;
    }
    return session;
  }

  run(sql: string): Promise<ByteResult> {
    return this.guard(
      new Promise<ByteResult>((resolve, reject) => {
        this.connection.query({ sql, rowsAsArray: true, typeCast: bytesOf }, (error, rows, fields) => {
          if (error) reject(error);
          else if (Array.isArray(rows))
            resolve({ rows: rows as unknown as ByteRow[], fields: fields.map(fieldOf), count: 0 });
          else resolve({ rows: [], fields: [], count: (rows as { affectedRows?: number }).affectedRows ?? 0 });
        });
      }),
    );
  }

  /** Rows as they come; the server waits while they are not taken. */
  async *stream(sql: string, ahead: number): AsyncGenerator<ByteRow> {
    const stream = this.connection
      .query({ sql, rowsAsArray: true, typeCast: bytesOf })
      .stream({ highWaterMark: ahead });
    this.#stream = stream;
    const rows = stream[Symbol.asyncIterator]() as AsyncIterator<ByteRow>;
    try {
      for (;;) {
        const { done, value } = await this.guard(rows.next());
        if (this.#broken !== undefined) throw mysqlFailure(this.#broken, this.address, "lost");
        if (done === true) return;
        yield value;
      }
    } finally {
      this.#stream = undefined;
    }
  }

  /** Waits for an answer of the server, at most as long as the address allows. */
  async guard<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answerWithin(this.address.readTimeout, answer, (reason) => this.drop(reason));
    } catch (error) {
      throw error instanceof DynaframeError
        ? error
        : mysqlFailure(this.#broken ?? error, this.address, this.#broken === undefined ? "running" : "lost");
    }
  }

  /** Cuts the connection; what waits for it fails with `reason`. */
  drop(reason: unknown): void {
    this.#broken ??= reason;
    this.#stream?.destroy(reason instanceof Error ? reason : undefined);
    this.connection.destroy();
  }

  get broken(): boolean {
    return this.#broken !== undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // a result that was not read to its end would keep `end` waiting
    if (this.broken || this.#stream !== undefined) {
      this.connection.destroy();
      return;
    }
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        this.connection.destroy();
        resolve();
      }, 2000);
      this.connection.end(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }
}

const bytesOf = (field: TypeCastField): Buffer | null => field.buffer();

const fieldOf = (field: FieldPacket): ResultField => ({
  name: field.name,
  type: field.columnType ?? field.type ?? 0,
  length: field.columnLength ?? field.length ?? 0,
  decimals: field.decimals ?? 0,
  flags: typeof field.flags === "number" ? field.flags : 0,
  characterSet: field.characterSet ?? 0,
});

const configOf = (address: DatabaseAddress): ConnectionOptions => ({
  host: address.host,
  port: address.port,
  ...(address.database === "" ? {} : { database: address.database }),
  ...(address.user === undefined ? {} : { user: address.user }),
  password: address.password ?? "",
  connectTimeout: address.connectTimeout,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  charset: "utf8mb4_general_ci",
  ...(address.ssl === "off"
    ? {}
    : {
        ssl: {
          rejectUnauthorized: address.ssl === "verify",
          verifyIdentity: address.ssl === "verify",
          ...(address.sslCa === undefined ? {} : { ca: address.sslCa }),
        },
        ...(isIP(address.host) === 0 ? {} : { stream: () => socketOf(address) }),
      }),
});

/**
 * Node checks a certificate against the host of the socket below, which keeps none when it is an address (`_host`; the
 * driver tells Node names only). Without it a certificate for an address would be refused: it is never taken unchecked.
 */
const socketOf = ({ host, port }: DatabaseAddress): Socket =>
  Object.assign(connect(port, host), { _host: host }).setKeepAlive(true, 10_000).setNoDelay(true);
