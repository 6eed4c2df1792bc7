/**
 * Sessions of PostgreSQL: every value travels as text, times in UTC, and a server that stops answering ends in an
 * error.
 */
import type { Duplex } from "node:stream";
import type { Client, ClientConfig, QueryArrayResult } from "pg";
import { DynaframeError } from "../../types/error.js";
import type { DatabaseAddress } from "../address.js";
import { answerWithin } from "../answer-within.js";
import { loadOptional } from "../../types/load-optional.js";
import { postgresFailure } from "./failure.js";

/** Values as PostgreSQL prints them. */
export type TextRow = readonly (string | null)[];
export type TextResult = {
  readonly rows: readonly TextRow[];
  readonly fields: readonly ResultField[];
  readonly count: number;
};
export type ResultField = { readonly name: string; readonly typeId: number; readonly modifier: number };

const SETTINGS =
  "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=3 -c bytea_output=hex -c client_min_messages=error -c standard_conforming_strings=on";

export class PostgresSession {
  #broken: unknown;
  #closed = false;

  private constructor(
    readonly client: Client,
    readonly address: DatabaseAddress,
  ) {
    // without a listener a connection that breaks between two requests would end the process
    client.on("error", (error: unknown) => {
      this.#broken ??= error;
    });
    guardParser(client.connection as ListeningConnection);
  }

  /** @throws AUTHENTICATION_FAILED, CONNECTION_FAILED, OPTIONAL_DEPENDENCY */
  static async open(address: DatabaseAddress, signal?: AbortSignal): Promise<PostgresSession> {
    signal?.throwIfAborted();
    const { default: pg } = await loadOptional("pg", () => import("pg"), "Reading and writing PostgreSQL");
    const session = new PostgresSession(new pg.Client(configOf(address)), address);
    try {
      await session.client.connect();
    } catch (error) {
      session.drop(error); // what is left of it would keep the process from ending
      throw postgresFailure(error, address, "connecting");
    }
    return session;
  }

  /** Runs one statement; with several in one text the result is that of the last. */
  async run(sql: string, values?: readonly (string | null)[]): Promise<TextResult> {
    const query = {
      text: sql,
      rowMode: "array" as const,
      types: TEXT_ONLY,
      ...(values === undefined ? {} : { values: [...values] }),
    };
    const result = await this.guard(this.client.query<(string | null)[]>(query));
    const last: QueryArrayResult<(string | null)[]> | undefined = Array.isArray(result)
      ? (result.at(-1) as typeof last)
      : result;
    return {
      rows: last?.rows ?? [],
      count: last?.rowCount ?? 0,
      fields: (last?.fields ?? []).map((f) => ({ name: f.name, typeId: f.dataTypeID, modifier: f.dataTypeModifier })),
    };
  }

  /** Waits for an answer of the server, at most as long as the address allows. */
  async guard<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answerWithin(this.address.readTimeout, answer, (reason) => this.drop(reason));
    } catch (error) {
      throw error instanceof DynaframeError
        ? error
        : postgresFailure(this.#broken ?? error, this.address, this.#broken === undefined ? "running" : "lost");
    }
  }

  /** Cuts the connection; what waits for it fails with `reason`. */
  drop(reason: unknown): void {
    this.#broken ??= reason;
    this.client.connection.stream.destroy(reason instanceof Error ? reason : undefined);
  }

  get broken(): boolean {
    return this.#broken !== undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.broken) {
      this.client.connection.stream.destroy();
      return;
    }
    const goodbye = this.client.end().catch(() => undefined);
    const late = setTimeout(() => this.client.connection.stream.destroy(), 2000);
    await goodbye;
    clearTimeout(late);
  }
}

// what pg's typings leave out
type ListeningConnection = Client["connection"] & { attachListeners(stream: Duplex): void };

/**
 * The driver's parser throws in the middle of a stream's event at bytes that are none of the protocol, which would end
 * the process.
 */
function guardParser(connection: ListeningConnection): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    attach(stream);
    for (const parse of stream.listeners("data") as ((chunk: Buffer) => void)[]) {
      stream.off("data", parse);
      stream.on("data", (chunk: Buffer) => {
        try {
          parse(chunk);
        } catch (error) {
          stream.destroy(error instanceof Error ? error : undefined);
        }
      });
    }
  };
}

const TEXT_ONLY = { getTypeParser: () => (text: string) => text };

const configOf = (address: DatabaseAddress): ClientConfig => ({
  host: address.host,
  port: address.port,
  ...(address.database === "" ? {} : { database: address.database }),
  ...(address.user === undefined ? {} : { user: address.user }),
  // an empty password and none are both refused by the server; without any, the driver would look for a password file
  password: address.password ?? "",
  connectionTimeoutMillis: address.connectTimeout,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  application_name: "dynaframe",
  options: SETTINGS,
  ssl: sslOf(address),
});

// the driver tells Node the host's name only, and a certificate for an address would be checked against "localhost"
const sslOf = ({ ssl, sslCa, host }: DatabaseAddress): ClientConfig["ssl"] =>
  ssl === "off" ? false : { rejectUnauthorized: ssl === "verify", host, ...(sslCa === undefined ? {} : { ca: sslCa }) };
