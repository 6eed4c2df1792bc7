/** A table as it was at a version or a time. */
import { DynaframeError } from "../types/error.js";
import type { Catalog, Table } from "./index.js";

/** At most one of the two. `time`: a Date, or a text that `Date` reads, such as 2024-01-31 (its first moment, UTC). */
export type AsOf = { readonly version?: string | number; readonly time?: string | Date };

/**
 * @throws VERSION_NOT_FOUND for a version that the table never had, or a time before it was made; BAD_ARGUMENT for both
 * or an unreadable time.
 */
export async function tableAsOf(
  catalog: Catalog,
  database: string,
  name: string,
  { version, time }: AsOf,
): Promise<Table> {
  const now = await catalog.getTable(database, name);
  const path = `${now.DatabaseName}.${now.Name}`;
  if (version !== undefined && time !== undefined)
    throw new DynaframeError("BAD_ARGUMENT", `${path}: a version and a time exclude each other`, {
      path,
      hint: "Give one of the two.",
    });
  if (version !== undefined) return atVersion(catalog, now, versionIdOf(version), path);
  return time === undefined ? now : atTime(catalog, now, secondsOf(time), path);
}

/** `v3`, `3` and 3 name version 3. */
export const versionIdOf = (version: string | number): string => String(version).replace(/^v(?=\d)/i, "");

/** Seconds since the epoch. @throws BAD_ARGUMENT for a text that is no time. */
export function secondsOf(time: string | Date): number {
  const milliseconds = time instanceof Date ? time.getTime() : Date.parse(time);
  if (Number.isFinite(milliseconds)) return milliseconds / 1000;
  throw new DynaframeError("BAD_ARGUMENT", `${JSON.stringify(String(time))} is no time`, {
    path: "time",
    found: String(time),
    expected: "such as 2024-01-31 or 2024-01-31T12:00:00Z",
    hint: "Without a zone it is UTC.",
  });
}

async function atVersion(catalog: Catalog, now: Table, versionId: string, path: string): Promise<Table> {
  if (versionId === now.VersionId) return now;
  try {
    return (await catalog.getTableVersion(now.DatabaseName, now.Name, versionId)).Table;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "EntityNotFoundException") throw error;
    throw notFound(`${path} has no version ${versionId}`, path, versionId, error);
  }
}

async function atTime(catalog: Catalog, now: Table, seconds: number, path: string): Promise<Table> {
  if (now.UpdateTime <= seconds) return now;
  let nextToken: string | undefined;
  do {
    const page = await catalog.getTableVersions(
      now.DatabaseName,
      now.Name,
      nextToken === undefined ? {} : { nextToken },
    );
    const found = page.items.find(({ Table }) => Table.UpdateTime <= seconds);
    if (found !== undefined) return found.Table;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  throw notFound(
    `${path} was not there at ${new Date(seconds * 1000).toISOString()}`,
    path,
    new Date(seconds * 1000).toISOString(),
  );
}

const notFound = (message: string, path: string, found: string, cause?: unknown): DynaframeError =>
  new DynaframeError("VERSION_NOT_FOUND", message, {
    name: "EntityNotFoundException",
    path,
    found,
    hint: `See its versions: dynaframe versions ${path}`,
    ...(cause === undefined ? {} : { cause }),
  });
