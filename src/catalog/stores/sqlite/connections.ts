/**
 * Connections in the SQLite store; secrets are sealed before they reach it. Every function runs inside a transaction of
 * the caller.
 */
import { alreadyExists, entityNotFound } from "../../catalog-errors.js";
import {
  hideSecrets,
  holdsPassword,
  isSecretProperty,
  type KeyRing,
  openValue,
  type SealedValue,
  sealValue,
} from "../../connection-secrets.js";
import type { PageRequest } from "../../index.js";
import type { Connection, ConnectionInput, Page, Parameters } from "../../model.js";
import { pageSize, pageToken, readPageToken } from "../../page-token.js";
import { nearestName } from "../../../types/nearest-name.js";
import { SUGGESTED_FROM } from "./databases.js";
import { docOf, numberOf, type Session, type SqlRow, textOf } from "./session.js";

/** Gives the keys; `create` when the first secret is about to be written. */
export type KeySource = (create: boolean) => KeyRing;

type StoredConnection = Omit<ConnectionInput, "ConnectionProperties"> & {
  readonly ConnectionProperties: { readonly [name: string]: string | SealedValue };
};

const COLUMNS = "name, created, updated, doc";

export function createConnection(session: Session, keys: KeySource, input: ConnectionInput): void {
  if (find(session, input.Name) !== undefined)
    throw alreadyExists(`Connection ${input.Name} already exists`, { path: input.Name });
  const now = session.now();
  session.run(
    "INSERT INTO connections (name, created, updated, doc) VALUES (?, ?, ?, ?)",
    input.Name,
    now,
    now,
    seal(session, keys, input),
  );
}

export function getConnection(session: Session, keys: KeySource, name: string, hidePassword: boolean): Connection {
  const row = find(session, name);
  if (row === undefined) throw missing(session, name);
  return open(keys, row, hidePassword);
}

export function getConnections(
  session: Session,
  keys: KeySource,
  options: PageRequest & { readonly hidePassword?: boolean },
): Page<Connection> {
  const size = pageSize(options, 100);
  const after = readPageToken(["connections"], options.nextToken) ?? "";
  const rows = session.rows(`SELECT ${COLUMNS} FROM connections WHERE name > ? ORDER BY name LIMIT ?`, after, size + 1);
  const items = rows.slice(0, size).map((row) => open(keys, row, options.hidePassword === true));
  const last = items.at(-1);
  return rows.length > size && last !== undefined
    ? { items, nextToken: pageToken(["connections"], last.Name) }
    : { items };
}

/** The whole definition is replaced, under a name that cannot change. */
export function updateConnection(session: Session, keys: KeySource, name: string, input: ConnectionInput): void {
  if (find(session, name) === undefined) throw missing(session, name);
  session.run(
    "UPDATE connections SET updated = ?, doc = ? WHERE name = ?",
    session.now(),
    seal(session, keys, { ...input, Name: name }),
    name,
  );
}

export function deleteConnection(session: Session, name: string): void {
  if (session.run("DELETE FROM connections WHERE name = ?", name) === 0) throw missing(session, name);
}

function find(session: Session, name: string): SqlRow | undefined {
  return session.row(`SELECT ${COLUMNS} FROM connections WHERE name = ?`, name);
}

function seal(session: Session, keys: KeySource, input: ConnectionInput): string {
  // where sealed values are, a missing key is lost, not new: another one would split the catalog's secrets in two
  const isFirst =
    session.row("SELECT 1 FROM connections WHERE name <> ? AND doc LIKE '%\"sealed\":%' LIMIT 1", input.Name)
    === undefined;
  const properties = Object.entries(input.ConnectionProperties).map(
    ([property, value]) =>
      [
        property,
        isSecretProperty(property) || holdsPassword(value)
          ? sealValue(keys(isFirst)[0], input.Name, property, value)
          : value,
      ] as const,
  );
  return JSON.stringify({ ...input, ConnectionProperties: Object.fromEntries(properties) } satisfies StoredConnection);
}

/**
 * Seals every secret anew with the first of the keys.
 * @throws SECRET_KEY_MISMATCH, SECRET_UNREADABLE: then nothing is to be kept.
 */
export function resealConnections(
  session: Session,
  keys: KeyRing,
): { readonly connections: number; readonly secrets: number } {
  const rows = session.rows("SELECT name, doc FROM connections WHERE doc LIKE '%\"sealed\":%'");
  let secrets = 0;
  for (const row of rows) {
    const stored = docOf<StoredConnection>(row);
    const properties = Object.entries(stored.ConnectionProperties).map(([property, value]) => {
      if (typeof value === "string") return [property, value] as const;
      secrets += 1;
      return [
        property,
        sealValue(keys[0], stored.Name, property, openValue(keys, stored.Name, property, value)),
      ] as const;
    });
    session.run(
      "UPDATE connections SET doc = ? WHERE name = ?",
      JSON.stringify({ ...stored, ConnectionProperties: Object.fromEntries(properties) } satisfies StoredConnection),
      textOf(row, "name"),
    );
  }
  return { connections: rows.length, secrets };
}

function open(keys: KeySource, row: SqlRow, hidePassword: boolean): Connection {
  const stored = docOf<StoredConnection>(row);
  const properties: Parameters = Object.fromEntries(
    Object.entries(stored.ConnectionProperties).flatMap(([property, value]) => {
      if (typeof value === "string") return [[property, value]];
      // without the key a connection can still be listed
      if (hidePassword && isSecretProperty(property)) return [];
      return [[property, openValue(keys(false), stored.Name, property, value)]];
    }),
  );
  const connection = {
    ...stored,
    ConnectionProperties: properties,
    Name: textOf(row, "name"),
    CreationTime: numberOf(row, "created"),
    LastUpdatedTime: numberOf(row, "updated"),
  };
  return hidePassword ? hideSecrets(connection) : connection;
}

function missing(session: Session, name: string): Error {
  const near = nearestName(
    name,
    session
      .rows("SELECT name FROM connections ORDER BY name LIMIT ?", SUGGESTED_FROM)
      .map((row) => textOf(row, "name")),
  );
  return entityNotFound(`Connection ${name} not found.`, {
    path: name,
    hint: near === undefined ? "create it first, or list the connections" : `Did you mean ${near}?`,
  });
}
