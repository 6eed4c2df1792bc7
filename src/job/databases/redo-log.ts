/**
 * What one transaction did, kept on disk as it happens, so that another can do the same: for the databases of a run
 * that commit after the one that decides (docs/decisions/0160). Lines of JSON: a call each, and behind an insert its
 * rows, one a line.
 */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { FittedRow } from "../../database/fit-value.js";
import type { DatabaseWrite, TableName, TargetColumn } from "../../database/index.js";
import { tableText } from "../../database/table-name.js";
import type { StructType } from "../../types/data-type.js";
import { DynaframeError } from "../../types/error.js";
import { cellsOf, cellsText } from "./redo-cells.js";

type Call =
  | { readonly call: "create"; readonly table: TableName; readonly type: StructType }
  | {
      readonly call: "createLike";
      readonly table: TableName;
      readonly columns: readonly string[];
      readonly made: TableName;
    }
  | { readonly call: "lock"; readonly table: TableName }
  | { readonly call: "execute"; readonly sql: string }
  | { readonly call: "insert"; readonly table: TableName; readonly columns: readonly string[] };

/** Rows are written together up to here. */
const BUFFER_BYTES = 1 << 20;

export class RedoLog {
  #position = 0;
  #buffer = "";
  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<RedoLog> {
    return new RedoLog(file, await open(file, "wx", 0o600));
  }

  /** The session, whose calls are kept before they are made. */
  of(session: DatabaseWrite): DatabaseWrite {
    const kept = async <T>(call: Call, make: () => Promise<T>): Promise<T> => {
      await this.#add(JSON.stringify(call));
      return make();
    };
    return {
      ...session,
      create: (table, type) => kept({ call: "create", table, type }, () => session.create(table, type)),
      createLike: async (table, columns) => {
        const made = await session.createLike(table, columns);
        await this.#add(JSON.stringify({ call: "createLike", table, columns, made } satisfies Call));
        return made;
      },
      lock: (table) => kept({ call: "lock", table }, () => session.lock(table)),
      insert: (table, columns, rows) =>
        kept({ call: "insert", table, columns: columns.map(({ name }) => name) }, () =>
          session.insert(table, columns, this.#tee(rows)),
        ),
      execute: (sql) => kept({ call: "execute", sql }, () => session.execute(sql)),
    };
  }

  /** A place to come back to. */
  async mark(): Promise<number> {
    await this.#flush();
    return this.#position;
  }

  /** Forgets what came after the mark: it was undone. */
  async cut(mark: number): Promise<void> {
    this.#buffer = "";
    await this.handle.truncate(mark);
    this.#position = mark;
  }

  /** All is in the file then; it is still to be synced. */
  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.handle.close();
    }
  }

  async *#tee(rows: AsyncIterable<readonly FittedRow[]>): AsyncGenerator<readonly FittedRow[]> {
    for await (const batch of rows) {
      for (const row of batch) await this.#add(cellsText(row));
      yield batch;
    }
  }

  async #add(line: string): Promise<void> {
    this.#buffer += `${line}\n`;
    if (this.#buffer.length > BUFFER_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#buffer);
    this.#buffer = "";
    for (let done = 0; done < bytes.length;)
      done += (await this.handle.write(bytes, done, bytes.length - done, this.#position + done)).bytesWritten;
    this.#position += bytes.length;
  }
}

/**
 * Does in a new transaction what the log holds; whoever opened it commits. A table that the log makes may be there:
 * some databases keep it.
 */
export async function replayLog(file: string, session: DatabaseWrite): Promise<void> {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity })[Symbol.asyncIterator]();
  const copies = new Map<string, TableName>();
  for (let next = await lines.next(); next.done !== true;) {
    const call = JSON.parse(next.value) as Call;
    next = await lines.next();
    switch (call.call) {
      case "create":
        if ((await session.describe(call.table)) === undefined) await session.create(call.table, call.type);
        break;
      case "createLike":
        copies.set(tableText(call.made), call.table);
        await session.createLike(call.table, call.columns);
        break;
      case "lock":
        await session.lock(call.table);
        break;
      case "execute":
        await session.execute(call.sql);
        break;
      case "insert": {
        const columns = await columnsOf(session, copies.get(tableText(call.table)) ?? call.table, call.columns);
        const rows = async function* (): AsyncGenerator<readonly FittedRow[]> {
          for (; next.done !== true && next.value.startsWith("["); next = await lines.next())
            yield [cellsOf(next.value)];
        };
        await session.insert(call.table, columns, rows());
      }
    }
  }
}

async function columnsOf(
  session: DatabaseWrite,
  table: TableName,
  names: readonly string[],
): Promise<readonly TargetColumn[]> {
  const columns = (await session.describe(table)) ?? [];
  return names.map((name) => {
    const column = columns.find((each) => each.name === name);
    if (column === undefined)
      throw new DynaframeError("COLUMN_NOT_FOUND", `Table ${tableText(table)} has no column ${name} any more.`, {
        path: name,
        expected: names.join(", "),
      });
    return column;
  });
}
