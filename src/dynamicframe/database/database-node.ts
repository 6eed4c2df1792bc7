/** A database as a source: read once, when the frame is first resolved, in parts side by side. */
import type { DatabaseAddress, DatabaseKind, ReadRequest } from "../../database/index.js";
import { mergeParts } from "../../database/merge-parts.js";
import { openDatabase } from "../../database/open-database.js";
import { requireCounted } from "../../database/partition-check.js";
import { tableText } from "../../database/table-name.js";
import type { RunOptions } from "../../engine/index.js";
import type { Row } from "../../types/value.js";
import type { FrameNode, FrameSession, Resolved } from "../frame-node.js";
import { sourceOf } from "../sources/rows.js";
import type { TransformOptions } from "../verbs/verb.js";
import { type BookmarkKeyOptions, incrementOf } from "./increment.js";
import { resolveAddress, type DatabaseSourceOptions } from "./database-options.js";

export const databaseNode = (
  kind: DatabaseKind | undefined,
  options: DatabaseSourceOptions,
  request: ReadRequest,
  transform: TransformOptions,
): FrameNode => ({
  // no user, no password: arguments are printed by explain()
  kind: "fromOptions",
  args: { ...(options.connectionName === undefined ? {} : { connectionName: options.connectionName }), ...request },
  inputs: [],
  options: transform,
  resolve: async (_, session, run) =>
    readDatabase(
      session,
      await resolveAddress(session, kind, options),
      request,
      sourceName(request),
      { options, ctx: transform.transformationCtx ?? "" },
      run,
    ),
});

export const sourceName = ({ source }: ReadRequest): string =>
  source.kind === "table" ? tableText(source.table) : "query";

export async function readDatabase(
  session: FrameSession,
  address: DatabaseAddress,
  request: ReadRequest,
  name: string,
  bookmark: { readonly options: BookmarkKeyOptions; readonly ctx: string },
  run: RunOptions,
): Promise<Resolved> {
  const database = await openDatabase(address);
  const increment = await incrementOf(session, database, request, bookmark.options, bookmark.ctx, name, run);
  const read = await database.openRead(increment.request, run);
  try {
    let records = 0;
    const counts = read.parts.map(() => 0);
    const counting = async function* (part: AsyncIterable<readonly Row[]>, i: number): AsyncGenerator<readonly Row[]> {
      for await (const batch of part) {
        counts[i] = (counts[i] ?? 0) + batch.length;
        yield batch;
      }
    };
    const rows = async function* (): AsyncGenerator<readonly Row[]> {
      for await (const batch of mergeParts(read.parts.map(counting))) {
        records += batch.length;
        yield batch;
      }
      const { partitions } = increment.request;
      if (partitions !== undefined && read.counted !== undefined) requireCounted(partitions, read.counted, counts);
    };
    const relation = await (await session.engine()).load(rows(), read.type, run);
    const resolved = sourceOf(relation, records, session.nextId(), name);
    return {
      ...resolved,
      sources: resolved.sources.map((s) => ({ ...s, notes: [database.label, ...increment.notes, ...read.notes] })),
    };
  } finally {
    await read.close();
  }
}
