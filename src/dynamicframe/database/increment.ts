/**
 * What a database source reads in a job with bookmarks: the rows after the last keys that a run before has committed.
 */
import type { Database, ReadRequest } from "../../database/index.js";
import {
  badKey,
  incrementQuery,
  type Keys,
  type KeyValue,
  keyValue,
  lastKeysQuery,
  missingKeysQuery,
} from "../../database/key-range.js";
import type { RunOptions } from "../../engine/index.js";
import type { StructType } from "../../types/data-type.js";
import { getField, type Row } from "../../types/value.js";
import type { FrameSession } from "../frame-node.js";
import { NOT_REMEMBERED } from "../sources/run-inputs.js";

/** Glue's options of JDBC bookmarks. */
export type BookmarkKeyOptions = {
  /**
   * Columns that only grow (or shrink), the most significant first; default: the primary key, if it is one whole
   * number.
   */
  readonly jobBookmarkKeys?: readonly string[] | string;
  /** Whether the columns grow (asc, the default) or shrink. */
  readonly jobBookmarkKeysSortOrder?: "asc" | "desc";
};

/** Kept by the bookmark, as JSON. */
type KeyState = {
  readonly keys: readonly string[];
  readonly order: "asc" | "desc";
  readonly last: readonly KeyValue[];
};

export type Increment = { readonly request: ReadRequest; readonly notes: readonly string[] };

/** @throws BAD_BOOKMARK_KEY for keys that rows lack, that have no order, or that are others than before */
export async function incrementOf(
  session: FrameSession,
  database: Database,
  request: ReadRequest,
  options: BookmarkKeyOptions,
  ctx: string,
  name: string,
  run: RunOptions,
): Promise<Increment> {
  const scope = session.run();
  if (!scope) return { request, notes: [] };
  const selection = await scope.selectKeys(ctx, name);
  if (selection.kind === "all" && selection.warning !== undefined) session.warn(NOT_REMEMBERED, selection.warning);
  if (selection.kind === "all") return { request, notes: selection.note === undefined ? [] : [selection.note] };
  const keys = await keysOf(database, request, options, run);
  if (keys === undefined) {
    session.warn(
      "NO_BOOKMARK_KEY",
      `${name} has no jobBookmarkKeys, and no primary key of one whole number: all of it is read, every time.`,
    );
    return { request, notes: [`${name} has no key for a bookmark: all of it is read.`] };
  }
  const before = selection.state === undefined ? undefined : (JSON.parse(selection.state) as KeyState);
  if (before && JSON.stringify([before.keys, before.order]) !== JSON.stringify([keys.names, keys.order])) {
    throw badKey(
      keys.names.join(", "),
      `the bookmark goes by ${before.keys.join(", ")} ${before.order}`,
      "Reset the bookmark of the job, or use the keys it has.",
    );
  }
  const { dialect } = database;
  const missing = (await firstRow(database, missingKeysQuery(dialect, request.source, keys), run))?.row["missing"];
  if (Number(missing ?? 0) > 0)
    throw badKey(
      keys.names.join(", "),
      `${String(missing)} rows have none, and would never be read`,
      "Take a column that is not null.",
    );
  const found =
    selection.kind === "none"
      ? undefined
      : await firstRow(database, lastKeysQuery(dialect, request.source, keys, before?.last), run);
  const upTo =
    found === undefined
      ? before?.last
      : keys.names.map((key) =>
          keyValue(
            key,
            found.type.fields.find((f) => f.name === key)?.type ?? { kind: "unknown" },
            getField(found.row, key),
          ),
        );
  if (upTo !== undefined)
    scope.keepKeys(ctx, JSON.stringify({ keys: keys.names, order: keys.order, last: upTo } satisfies KeyState));
  const source = incrementQuery(dialect, request.source, keys, before?.last, upTo);
  return {
    request: { ...request, source },
    notes: [
      `The bookmark reads ${name} ${before === undefined ? "from its beginning" : `after ${keys.names.map((key, i) => `${key} ${before.last[i]?.text ?? ""}`).join(", ")}`}${upTo === undefined ? "" : ` up to ${upTo.map(({ text }) => text).join(", ")}`}.`,
    ],
  };
}

async function keysOf(
  database: Database,
  { source }: ReadRequest,
  { jobBookmarkKeys, jobBookmarkKeysSortOrder = "asc" }: BookmarkKeyOptions,
  run: RunOptions,
): Promise<Keys | undefined> {
  const names = (typeof jobBookmarkKeys === "string" ? jobBookmarkKeys.split(",") : (jobBookmarkKeys ?? []))
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length > 0) return { names, order: jobBookmarkKeysSortOrder };
  if (source.kind !== "table") return undefined;
  const [key, ...more] = (await allRows(database, database.dialect.primaryKeyQuery(source.table), run)).rows.map(
    (row) => String(Object.values(row)[0]),
  );
  if (key === undefined || more.length > 0) return undefined;
  const { type } = await allRows(
    database,
    `SELECT ${database.dialect.identifier(key)} FROM ${database.dialect.table(source.table)} LIMIT 0`,
    run,
  );
  return ["byte", "short", "int", "long"].includes(type.fields[0]?.type.kind ?? "")
    ? { names: [key], order: jobBookmarkKeysSortOrder }
    : undefined;
}

async function firstRow(
  database: Database,
  sql: string,
  run: RunOptions,
): Promise<{ readonly type: StructType; readonly row: Row } | undefined> {
  const {
    type,
    rows: [row],
  } = await allRows(database, sql, run);
  return row === undefined ? undefined : { type, row };
}

async function allRows(
  database: Database,
  sql: string,
  run: RunOptions,
): Promise<{ readonly type: StructType; readonly rows: readonly Row[] }> {
  const read = await database.openRead({ source: { kind: "query", sql } }, run);
  try {
    const rows: Row[] = [];
    for (const part of read.parts) for await (const batch of part) rows.push(...batch);
    return { type: read.type, rows };
  } finally {
    await read.close();
  }
}
