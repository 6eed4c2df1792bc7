/**
 * COPY … FROM STDIN: rows as text lines, with the server's back-pressure (PostgreSQL documentation, "COPY", text
 * format).
 */
import type { Connection, Submittable } from "pg";
import type { PostgresSession } from "./connect.js";

/** Writes the lines; number of rows the server counted. */
export async function copyIn(session: PostgresSession, sql: string, lines: AsyncIterable<string>): Promise<number> {
  const copy = new CopyIn(sql);
  session.client.query(copy);
  try {
    await session.guard(copy.ready);
    for await (const text of lines) {
      copy.send(text);
      await session.guard(copy.drained());
    }
  } catch (error) {
    // the server must be told, else it waits for more lines; its own error, if there is one, says more
    copy.fail();
    const server = await session.guard(copy.done).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    throw copy.refused ? server : error;
  }
  copy.end();
  return session.guard(copy.done);
}

// the parts of pg's connection that its typings leave out
type CopyConnection = Connection & {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
};

class CopyIn implements Submittable {
  readonly ready: Promise<void>;
  readonly done: Promise<number>;
  /** True once the server refused a line. */
  refused = false;
  callback: ((error: unknown) => void) | undefined;
  #connection: CopyConnection | undefined;
  #failing = false;
  #count = 0;
  #onReady: () => void = () => undefined;
  #onDone: (count: number) => void = () => undefined;
  #onError: (error: unknown) => void = () => undefined;

  constructor(private readonly sql: string) {
    this.done = new Promise((resolve, reject) => {
      this.#onDone = resolve;
      this.#onError = reject;
    });
    this.done.catch(() => undefined);
    // an error before the first line shows here too
    this.ready = Promise.race([
      new Promise<void>((resolve) => {
        this.#onReady = resolve;
      }),
      this.done.then(() => undefined),
    ]);
    this.ready.catch(() => undefined);
  }

  submit(connection: Connection): void {
    this.#connection = connection as CopyConnection;
    connection.query(this.sql);
  }

  send(text: string): void {
    if (!this.refused) this.#connection?.sendCopyFromChunk(Buffer.from(text));
  }
  end(): void {
    if (!this.refused) this.#connection?.endCopyFrom();
  }
  fail(): void {
    if (!this.refused) {
      this.#failing = true;
      this.#connection?.sendCopyFail("cancelled by dynaframe");
    }
  }

  drained(): Promise<void> {
    const stream = this.#connection?.stream;
    if (this.refused) return this.done.then(() => undefined);
    if (!stream?.writableNeedDrain) return Promise.resolve();
    return Promise.race([
      new Promise<void>((resolve) => stream.once("drain", resolve)),
      this.done.then(() => undefined),
    ]);
  }

  handleCopyInResponse(): void {
    this.#onReady();
  }
  handleCommandComplete(message: { readonly text: string }): void {
    this.#count = Number(/^COPY (\d+)/.exec(message.text)?.[1] ?? 0);
  }
  handleReadyForQuery(): void {
    this.#onDone(this.#count);
  }
  handleError(error: unknown): void {
    this.refused = !this.#failing;
    this.callback?.(error);
    this.#onError(error);
  }
}
